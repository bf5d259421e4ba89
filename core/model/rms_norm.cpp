#include "core/model/rms_norm.h"

#include <ATen/ATen.h>

namespace dskd::model
{

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon)
{
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor scale = (wide.square().mean({-1}, true) + epsilon).rsqrt();
    return weight * (wide * scale).to(x.scalar_type());
}

} // namespace dskd::model
