#pragma once

// Element types of safetensors files and of tensors, in pairs.

#include <c10/core/ScalarType.h>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::model
{

// Nothing for types that this program does not compute with (8-bit floats, unsigned integers above 8 bits).
[[nodiscard]] std::optional<at::ScalarType> scalarTypeOf(std::string_view safetensorsDtype);
[[nodiscard]] std::optional<std::string> safetensorsDtypeOf(at::ScalarType type);

} // namespace dskd::model
