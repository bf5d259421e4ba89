#include "core/distill/key_query_diagnostics.h"

#include "core/distill/optimal_transport.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <vector>

namespace dskd::distill
{
namespace
{

// Mean over the pairs of different rows.
at::Tensor meanOffDiagonal(const at::Tensor& kernel)
{
    const auto rows = static_cast<double>(kernel.size(0));
    return (kernel.sum() - kernel.diagonal().sum()) / (rows * (rows - 1.0));
}

// Where the quantile functions of two samples are constant: between two steps of either. Which of the sorted values
// each has there, and how much of [0, 1] that is.
struct QuantileSteps {
    std::vector<std::int64_t> x;
    std::vector<std::int64_t> y;
    std::vector<double> share;
};

QuantileSteps quantileSteps(std::int64_t n, std::int64_t m)
{
    QuantileSteps steps;
    const auto all = static_cast<double>(n) * static_cast<double>(m);
    std::int64_t done = 0; // in units of 1 / (n m)
    for (std::int64_t i = 0, j = 0; i < n && j < m;) {
        const std::int64_t end = std::min((i + 1) * m, (j + 1) * n);
        steps.x.push_back(i);
        steps.y.push_back(j);
        steps.share.push_back(static_cast<double>(end - done) / all);
        i += (i + 1) * m == end ? 1 : 0;
        j += (j + 1) * n == end ? 1 : 0;
        done = end;
    }
    return steps;
}

} // namespace

at::Tensor maximumMeanDiscrepancy(const at::Tensor& x, const at::Tensor& y)
{
    const at::NoGradGuard noGrad;
    const std::int64_t n = x.size(0);
    const std::int64_t m = y.size(0);
    if (n < 2 || m < 2) {
        return at::zeros({}, x.options());
    }
    const at::Tensor both = at::cat({x, y}, 0);
    const at::Tensor squares = squaredDistances(both, both);
    const at::Tensor pairs = squares.masked_select(at::ones_like(squares, at::kBool).triu(1));
    const at::Tensor median = pairs.median();
    // a median of 0 (most rows are equal) gives no scale for the others
    const at::Tensor scale = at::where(median.gt(0.0), median, pairs.mean()).clamp_min(1e-30);
    const at::Tensor kernel = (squares / (-2.0 * scale)).exp();
    return meanOffDiagonal(kernel.slice(0, 0, n).slice(1, 0, n)) + meanOffDiagonal(kernel.slice(0, n).slice(1, n)) -
           2.0 * kernel.slice(0, 0, n).slice(1, n).mean();
}

at::Tensor slicedWasserstein(const at::Tensor& x, const at::Tensor& y, const at::Tensor& directions)
{
    const at::NoGradGuard noGrad;
    if (x.size(0) == 0 || y.size(0) == 0) {
        return at::zeros({}, x.options());
    }
    const auto quantiles = [&](const at::Tensor& rows, const std::vector<std::int64_t>& places) {
        const at::Tensor sorted = std::get<0>(at::mm(rows, directions.t()).sort(0));
        return sorted.index_select(0, at::tensor(places, at::kLong).to(rows.device()));
    };
    const QuantileSteps steps = quantileSteps(x.size(0), y.size(0));
    const at::Tensor share = at::tensor(steps.share, at::kDouble).to(x.options()).unsqueeze(1);
    return ((quantiles(x, steps.x) - quantiles(y, steps.y)).square() * share).sum(0).mean().sqrt();
}

at::Tensor randomDirections(std::int64_t count, std::int64_t width, std::uint64_t seed,
                            const at::TensorOptions& options)
{
    const at::NoGradGuard noGrad;
    const at::Tensor drawn = at::randn({count, width}, at::detail::createCPUGenerator(seed), at::kDouble);
    return (drawn / drawn.norm(2, {1}, /*keepdim=*/true)).to(options);
}

at::Tensor meanCosine(const at::Tensor& x, const at::Tensor& y)
{
    const at::NoGradGuard noGrad;
    if (x.size(0) == 0 || y.size(0) == 0) {
        return at::zeros({}, x.options());
    }
    const auto meanDirection = [](const at::Tensor& rows) {
        return (rows / rows.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-30)).mean(0);
    };
    return meanDirection(x).dot(meanDirection(y));
}

} // namespace dskd::distill
