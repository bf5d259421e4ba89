#include "core/model/rms_norm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

// Shapes: N rows, E width.

namespace dskd::model
{
namespace
{
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsPerTask = 64;

// float32 on the CPU in one pass over the rows; the operations one by one would read and write them seven times.
struct RmsNormRows : torch::autograd::Function<RmsNormRows> {
    // Without a context nothing is kept for a backward pass.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& weight,
                              double epsilon)
    {
        const at::Tensor x = input.contiguous();
        const std::int64_t width = x.size(-1);
        const std::int64_t rows = width == 0 ? 0 : x.numel() / width;
        at::Tensor result = at::empty_like(x);
        at::Tensor scales = at::empty({rows}, x.options());
        const at::Tensor factors = weight.contiguous();
        const float* from = x.const_data_ptr<float>();
        const float* factor = factors.const_data_ptr<float>();
        float* to = result.mutable_data_ptr<float>();
        float* scale = scales.mutable_data_ptr<float>();
        at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                const float* in = from + row * width;
                float* out = to + row * width;
                scale[row] =
                    1.0F / std::sqrt(dot(in, in, width) / static_cast<float>(width) + static_cast<float>(epsilon));
                for (std::int64_t i = 0; i < width; ++i) {
                    out[i] = factor[i] * (in[i] * scale[row]);
                }
            }
        });
        if (context != nullptr) {
            context->save_for_backward({x, factors, scales});
        }
        return result;
    }

    // With u = x * scale and g = weight * gradient: dx = scale * (g - u * mean(g u)), dweight = sum of gradient * u.
    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor gradient = gradients[0].contiguous();
        const std::int64_t width = gradient.size(-1);
        const std::int64_t rows = saved[2].size(0);
        at::Tensor inputGradient = at::empty_like(gradient);
        at::Tensor weighted = at::empty({width}, gradient.options());
        const float* x = saved[0].const_data_ptr<float>();
        const float* factor = saved[1].const_data_ptr<float>();
        const float* scale = saved[2].const_data_ptr<float>();
        const float* from = gradient.const_data_ptr<float>();
        float* to = inputGradient.mutable_data_ptr<float>();
        at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                const float* in = x + row * width;
                const float* g = from + row * width;
                float* out = to + row * width;
                for (std::int64_t i = 0; i < width; ++i) {
                    out[i] = factor[i] * g[i];
                }
                const float along = dot(out, in, width) * scale[row] * scale[row] / static_cast<float>(width);
                for (std::int64_t i = 0; i < width; ++i) {
                    out[i] = scale[row] * (out[i] - in[i] * along);
                }
            }
        });
        // Column blocks, so that the sum has the same order whatever the number of threads.
        float* sums = weighted.zero_().mutable_data_ptr<float>();
        at::parallel_for(0, width, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t i = begin; i < end; ++i) {
                    sums[i] += from[row * width + i] * x[row * width + i] * scale[row];
                }
            }
        });
        return {inputGradient, weighted, at::Tensor()};
    }

private:
    // Sixteen partial sums: the compiler may then use vector registers without changing the result of the source.
    static float dot(const float* a, const float* b, std::int64_t width)
    {
        constexpr std::int64_t kLanes = 16;
        float sums[kLanes] = {};
        std::int64_t i = 0;
        for (; i + kLanes <= width; i += kLanes) {
            for (std::int64_t lane = 0; lane < kLanes; ++lane) {
                sums[lane] += a[i + lane] * b[i + lane];
            }
        }
        float total = 0.0F;
        for (; i < width; ++i) {
            total += a[i] * b[i];
        }
        for (const float sum : sums) {
            total += sum;
        }
        return total;
    }
};
} // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, NormWeight kind)
{
    if (x.is_cpu() && x.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat) {
        const at::Tensor factor = kind == NormWeight::OnePlus ? weight + 1.0 : weight;
        // The bookkeeping of a backward pass takes longer than a few rows.
        return at::GradMode::is_enabled() ? RmsNormRows::apply(x, factor, epsilon)
                                          : RmsNormRows::forward(nullptr, x, factor, epsilon);
    }
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor scale = (wide.square().mean({-1}, true) + epsilon).rsqrt();
    if (kind == NormWeight::Rounded) {
        return weight * (wide * scale).to(x.scalar_type());
    }
    const at::Tensor factor = kind == NormWeight::OnePlus ? weight.to(at::kFloat) + 1.0 : weight.to(at::kFloat);
    return (wide * scale * factor).to(x.scalar_type());
}

} // namespace dskd::model
