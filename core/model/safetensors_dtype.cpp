#include "core/model/safetensors_dtype.h"

#include <array>
#include <utility>

namespace dskd::model
{
namespace
{
constexpr std::array<std::pair<std::string_view, at::ScalarType>, 10> kTypes = {{
    {"F32", at::kFloat},
    {"F16", at::kHalf},
    {"BF16", at::kBFloat16},
    {"F64", at::kDouble},
    {"I64", at::kLong},
    {"I32", at::kInt},
    {"I16", at::kShort},
    {"I8", at::kChar},
    {"U8", at::kByte},
    {"BOOL", at::kBool},
}};
} // namespace

std::optional<at::ScalarType> scalarTypeOf(std::string_view safetensorsDtype)
{
    for (const auto& [name, type] : kTypes) {
        if (name == safetensorsDtype) {
            return type;
        }
    }
    return std::nullopt;
}

std::optional<std::string> safetensorsDtypeOf(at::ScalarType type)
{
    for (const auto& [name, known] : kTypes) {
        if (known == type) {
            return std::string(name);
        }
    }
    return std::nullopt;
}

} // namespace dskd::model
