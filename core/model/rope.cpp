#include "core/model/rope.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <numbers>
#include <torch/csrc/autograd/custom_function.h>

namespace dskd::model
{
namespace
{
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsPerTask = 64;

// float32 on the CPU in one pass; `direction` -1 rotates back.
at::Tensor rotatedRows(const at::Tensor& input, const at::Tensor& cosines, const at::Tensor& sines, float direction)
{
    const at::Tensor x = input.contiguous();
    const std::int64_t heads = x.size(1);
    const std::int64_t half = x.size(2) / 2;
    at::Tensor result = at::empty_like(x);
    const float* from = x.const_data_ptr<float>();
    const float* cosine = cosines.const_data_ptr<float>();
    const float* sine = sines.const_data_ptr<float>();
    float* to = result.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* cos = cosine + row * half;
            const float* sin = sine + row * half;
            for (std::int64_t head = 0; head < heads; ++head) {
                const float* in = from + (row * heads + head) * 2 * half;
                float* out = to + (row * heads + head) * 2 * half;
                for (std::int64_t i = 0; i < half; ++i) {
                    out[i] = in[i] * cos[i] - in[half + i] * sin[i] * direction;
                    out[half + i] = in[half + i] * cos[i] + in[i] * sin[i] * direction;
                }
            }
        }
    });
    return result;
}

at::Tensor rotated(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines, float direction)
{
    if (x.is_cpu() && x.scalar_type() == at::kFloat) {
        return rotatedRows(x, cosines, sines, direction);
    }
    // Both halves of the head width are read and written as strided views: nothing is concatenated.
    const std::int64_t half = x.size(2) / 2;
    const at::Tensor cos = cosines.to(x.scalar_type()).unsqueeze(1);
    const at::Tensor sin = sines.to(x.scalar_type()).unsqueeze(1);
    const at::Tensor first = x.narrow(2, 0, half);
    const at::Tensor second = x.narrow(2, half, half);
    at::Tensor result = at::empty(x.sizes(), x.options());
    at::Tensor resultFirst = result.narrow(2, 0, half);
    at::Tensor resultSecond = result.narrow(2, half, half);
    at::mul_out(resultFirst, first, cos).addcmul_(second, sin, -direction);
    at::mul_out(resultSecond, second, cos).addcmul_(first, sin, direction);
    return result;
}

struct Rotation : torch::autograd::Function<Rotation> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cosines,
                              const at::Tensor& sines)
    {
        context->save_for_backward({cosines, sines});
        return rotated(x, cosines, sines, 1);
    }
    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        return {rotated(gradients[0], saved[0], saved[1], -1), at::Tensor(), at::Tensor()};
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

at::Tensor rotaryFrequencies(const ModelConfig& config, bool windowedLayers)
{
    const at::NoGradGuard noGrad;
    const bool ownBase = windowedLayers && config.windowRopeTheta;
    const double base = ownBase ? *config.windowRopeTheta : config.ropeTheta;
    const std::int64_t width = config.rotaryWidth > 0 ? config.rotaryWidth : config.headWidth;
    const at::Tensor exponents = at::arange(0, width, 2, at::kLong).to(at::kFloat) / width;
    at::Tensor frequencies = 1.0 / at::pow(base, exponents);
    if (config.ropeScaling && !ownBase) {
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
    // The bookkeeping of a backward pass takes longer than a few rows.
    const auto turn = [&angles](const at::Tensor& part) {
        return at::GradMode::is_enabled() ? Rotation::apply(part, angles.cosines, angles.sines)
                                          : rotated(part, angles.cosines, angles.sines, 1);
    };
    const std::int64_t width = 2 * angles.cosines.size(1);
    if (width < x.size(2)) {
        const at::Tensor turned = turn(x.narrow(2, 0, width));
        return at::cat({turned, x.narrow(2, width, x.size(2) - width)}, 2);
    }
    return turn(x);
}

} // namespace dskd::model
