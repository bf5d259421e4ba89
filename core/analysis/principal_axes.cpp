#include "core/analysis/principal_axes.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <limits>
#include <tuple>

namespace dskd::analysis
{
namespace
{

at::Tensor wideOnCpu(const at::Tensor& states)
{
    return states.detach().to(at::kCPU, at::kDouble);
}

// A unit vector orthogonal to `first` (d), which has length 1 or is 0.
at::Tensor orthogonalTo(const at::Tensor& first)
{
    at::Tensor axis = at::zeros_like(first);
    if (first.size(0) > 1 || first.abs().max().item<double>() == 0.0) {
        axis.narrow(0, first.abs().argmin().item<std::int64_t>(), 1).fill_(1.0);
        axis = axis - first * at::dot(axis, first);
        axis = axis / axis.norm();
    }
    return axis;
}

at::Tensor withFixedSign(const at::Tensor& axis)
{
    return axis[axis.abs().argmax().item<std::int64_t>()].item<double>() < 0.0 ? -axis : axis;
}

} // namespace

std::optional<PrincipalAxes> fitAxes(const at::Tensor& states)
{
    TORCH_CHECK(states.dim() == 2 && states.size(1) > 0, "axes are fitted to states (N, d), not ", states.sizes());
    const at::NoGradGuard noGrad;
    const at::Tensor wide = wideOnCpu(states);
    if (wide.size(0) == 0 || !at::isfinite(wide).all().item<bool>()) {
        return std::nullopt;
    }
    PrincipalAxes fitted;
    fitted.center = wide.mean(0);
    const at::Tensor centered = wide - fitted.center;
    // The products of the states have the covariance's eigenvalues but for a factor, and there are fewer states than
    // elements, as a rule. eigh orders them upwards.
    const auto [values, vectors] = at::linalg_eigh(at::mm(centered, centered.t()));
    const double whole = centered.square().sum().item<double>();
    constexpr double kAboveRounding = 64.0; // what lies below is no direction of the states
    const double rounding = kAboveRounding * static_cast<double>(wide.size(0)) * std::numeric_limits<double>::epsilon();
    std::array<at::Tensor, 2> axes;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t place = wide.size(0) - 1 - static_cast<std::int64_t>(i);
        const double value = place >= 0 ? values[place].item<double>() : 0.0;
        if (whole > 0.0 && value > whole * rounding) {
            axes[i] = at::mv(centered.t(), vectors.select(1, place));
            if (i > 0) { // exact also beside a much larger first value
                axes[i] = axes[i] - axes[0] * at::dot(axes[i], axes[0]);
            }
            axes[i] = axes[i] / axes[i].norm();
            fitted.explained[i] = value / whole;
        } else {
            axes[i] = orthogonalTo(i > 0 ? axes[0] : at::zeros_like(fitted.center));
        }
        axes[i] = withFixedSign(axes[i]);
    }
    fitted.axes = at::stack({axes[0], axes[1]});
    return fitted;
}

at::Tensor projectOnto(const PrincipalAxes& axes, const at::Tensor& states)
{
    TORCH_CHECK(states.dim() == 2 && states.size(1) == axes.center.size(0), "states ", states.sizes(),
                " do not fit axes of width ", axes.center.size(0));
    const at::NoGradGuard noGrad;
    return at::mm(wideOnCpu(states) - axes.center, axes.axes.t());
}

} // namespace dskd::analysis
