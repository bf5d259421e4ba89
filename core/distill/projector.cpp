#include "core/distill/projector.h"

#include "core/base/random_stream.h"

#include <ATen/ATen.h>

#include <cmath>

namespace dskd::distill
{
namespace
{

at::Tensor uniform(RandomStream& stream, double bound, at::IntArrayRef shape, const at::TensorOptions& options)
{
    at::Tensor drawn = at::empty(shape, at::kDouble);
    double* const values = drawn.data_ptr<double>();
    for (std::int64_t i = 0; i < drawn.numel(); ++i) {
        values[i] = (2.0 * stream.uniform() - 1.0) * bound;
    }
    return drawn.to(options).requires_grad_(true);
}

} // namespace

LinearParameters createProjector(const std::string& name, std::int64_t in, std::int64_t out, std::uint64_t seed,
                                 const at::TensorOptions& options, bool withBias)
{
    TORCH_CHECK(in > 0 && out > 0, "projector ", name, " needs positive widths, not ", in, " and ", out);
    RandomStream stream(seed, "projector." + name);
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    at::Tensor weight = uniform(stream, bound, {out, in}, options);
    at::Tensor bias = withBias ? uniform(stream, bound, {out}, options) : at::Tensor();
    return {std::move(weight), std::move(bias)};
}

} // namespace dskd::distill
