#include "core/train/loop/gradient_norm.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/stack.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace dskd::train
{
namespace
{

constexpr std::int64_t kBlock = std::int64_t{1} << 16; // elements that one thread sums at a time

double sumOfSquares(std::span<const float> values)
{
    std::array<double, 16> lanes{}; // independent, so that the compiler may use vector registers
    std::size_t i = 0;
    for (; i + lanes.size() <= values.size(); i += lanes.size()) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            const double value = values[i + lane];
            lanes[lane] += value * value;
        }
    }
    for (std::size_t lane = 0; i < values.size(); ++i, ++lane) {
        const double value = values[i];
        lanes[lane] += value * value;
    }
    return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

double sumOfSquares(const at::Tensor& tensor)
{
    // The order of the elements does not matter, so a transposed tensor is not copied.
    const at::Tensor dense = tensor.is_non_overlapping_and_dense() ? tensor : tensor.contiguous();
    const std::span<const float> values(dense.const_data_ptr<float>(), static_cast<std::size_t>(dense.numel()));
    const std::int64_t numBlocks = (dense.numel() + kBlock - 1) / kBlock;
    std::vector<double> sums(static_cast<std::size_t>(numBlocks));
    at::parallel_for(0, numBlocks, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            const auto first = static_cast<std::size_t>(block * kBlock);
            sums[static_cast<std::size_t>(block)] =
                sumOfSquares(values.subspan(first, std::min<std::size_t>(kBlock, values.size() - first)));
        }
    });
    return std::accumulate(sums.begin(), sums.end(), 0.0);
}

} // namespace

double gradientNorm(std::span<const at::Tensor> gradients)
{
    const at::NoGradGuard noGrad;
    if (gradients.empty()) {
        return 0.0;
    }
    if (!gradients.front().is_cpu()) {
        return at::stack(at::_foreach_norm(gradients, 2)).to(at::kDouble).norm().item<double>();
    }
    double sum = 0.0;
    for (const at::Tensor& gradient : gradients) {
        TORCH_CHECK(gradient.scalar_type() == at::kFloat, "gradients are summed as float32, not as ",
                    gradient.scalar_type());
        sum += sumOfSquares(gradient);
    }
    return std::sqrt(sum);
}

} // namespace dskd::train
