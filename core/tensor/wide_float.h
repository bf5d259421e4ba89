#pragma once

// The type of sums, softmaxes and other steps that lose digits in a narrow type: float64 stays float64, everything else
// is computed in float32.

#include <ATen/core/Tensor.h>

namespace dskd::tensor
{

[[nodiscard]] constexpr at::ScalarType wideFloat(at::ScalarType type)
{
    return type == at::kDouble ? at::kDouble : at::kFloat;
}

[[nodiscard]] inline at::ScalarType wideFloat(const at::Tensor& x)
{
    return wideFloat(x.scalar_type());
}

[[nodiscard]] inline at::ScalarType wideFloat(const at::TensorOptions& options)
{
    return wideFloat(c10::typeMetaToScalarType(options.dtype()));
}

} // namespace dskd::tensor
