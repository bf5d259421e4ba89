#include "core/model/rope.h"

#include <ATen/ATen.h>
#include <numbers>
#include <torch/csrc/autograd/custom_function.h>

namespace dskd::model
{
namespace
{
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Both halves of the head width are read and written as strided views: nothing is concatenated.
at::Tensor rotated(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines)
{
    const std::int64_t half = x.size(2) / 2;
    const at::Tensor cos = cosines.to(x.scalar_type()).unsqueeze(1);
    const at::Tensor sin = sines.to(x.scalar_type()).unsqueeze(1);
    const at::Tensor first = x.narrow(2, 0, half);
    const at::Tensor second = x.narrow(2, half, half);
    at::Tensor result = at::empty(x.sizes(), x.options());
    at::Tensor resultFirst = result.narrow(2, 0, half);
    at::Tensor resultSecond = result.narrow(2, half, half);
    at::mul_out(resultFirst, first, cos).addcmul_(second, sin, -1);
    at::mul_out(resultSecond, second, cos).addcmul_(first, sin);
    return result;
}

struct Rotation : torch::autograd::Function<Rotation>
{
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cosines,
                              const at::Tensor& sines)
    {
        context->save_for_backward({cosines, sines});
        return rotated(x, cosines, sines);
    }
    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        return {rotated(gradients[0], saved[0], saved[1].neg()), at::Tensor(), at::Tensor()};
    }
};

// Llama-3: wavelengths longer than the original context are stretched by `factor`, short ones are kept, those in
// between are blended.
at::Tensor llama3Scaled(const at::Tensor& frequencies, const RopeScaling& scaling)
{
    const auto originalContext = static_cast<double>(scaling.originalMaxPositions);
    const double longest = originalContext / scaling.lowFrequencyFactor;
    const double shortest = originalContext / scaling.highFrequencyFactor;
    const at::Tensor wavelengths = (2 * std::numbers::pi) / frequencies;
    const at::Tensor stretched = at::where(wavelengths > longest, frequencies / scaling.factor, frequencies);
    const at::Tensor smooth = (originalContext / wavelengths - scaling.lowFrequencyFactor) /
                              (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
    const at::Tensor blended = (1 - smooth) * stretched / scaling.factor + smooth * stretched;
    return at::where((wavelengths >= shortest).logical_and(wavelengths <= longest), blended, stretched);
}
} // namespace

at::Tensor rotaryFrequencies(const ModelConfig& config)
{
    const at::NoGradGuard noGrad;
    const at::Tensor exponents = at::arange(0, config.headWidth, 2, at::kLong).to(at::kFloat) / config.headWidth;
    at::Tensor frequencies = 1.0 / at::pow(config.ropeTheta, exponents);
    if (config.ropeScaling) {
        frequencies = config.ropeScaling->linear ? frequencies / config.ropeScaling->factor
                                                 : llama3Scaled(frequencies, *config.ropeScaling);
    }
    return frequencies;
}

RotaryAngles rotaryAngles(const at::Tensor& positions, const at::Tensor& frequencies)
{
    const at::NoGradGuard noGrad;
    const at::Tensor angles = positions.to(at::kFloat).unsqueeze(1) * frequencies;
    return {angles.cos(), angles.sin()};
}

at::Tensor rotate(const at::Tensor& x, const RotaryAngles& angles)
{
    return Rotation::apply(x, angles.cosines, angles.sines);
}

} // namespace dskd::model
