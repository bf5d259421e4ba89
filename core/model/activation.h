#pragma once

#include <ATen/core/Tensor.h>
#include <string>

namespace dskd::model
{

enum class Activation { Silu, Gelu, GeluTanh, Relu };

// The activation that config.json calls `name` ("silu", "gelu_new", ...). Throws dskd::Error for a name that
// parseModelConfig does not let through.
[[nodiscard]] Activation activationNamed(const std::string& name);

[[nodiscard]] at::Tensor activate(Activation activation, const at::Tensor& x);

} // namespace dskd::model
