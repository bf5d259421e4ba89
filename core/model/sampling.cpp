#include "core/model/sampling.h"

#include "core/kernels/decode/decode_kernel.h"

#include <ATen/ATen.h>
#include <limits>
#include <tuple>
#include <vector>

// Shapes: B rows, V vocabulary. Weights are probabilities up to a factor of each row's.

namespace dskd::model
{
namespace
{
at::Tensor weightsOf(const at::Tensor& logits, double temperature)
{
    const at::Tensor excluded = logits.isfinite().logical_not_();
    const at::Tensor wide = logits.to(at::kDouble).masked_fill(excluded, -std::numeric_limits<double>::infinity());
    return (wide - wide.amax(1, /*keepdim=*/true)).div_(temperature).exp_().masked_fill_(excluded, 0.0);
}

// Without a sort, which takes longer than all the rest where the vocabulary is large.
void keepTopK(at::Tensor& weights, std::int64_t topK)
{
    if (topK <= 0 || topK >= weights.size(1)) {
        return;
    }
    const at::Tensor smallest = std::get<0>(weights.topk(topK, 1)).amin(1, /*keepdim=*/true);
    const at::Tensor above = weights.gt(smallest);
    const at::Tensor equal = weights.eq(smallest);
    const at::Tensor room = topK - above.sum(1, /*keepdim=*/true);
    const at::Tensor kept = above.logical_or(equal.logical_and(equal.cumsum(1).le(room)));
    weights.masked_fill_(kept.logical_not(), 0.0);
}

// Sorts the weights, most likely first, and returns the token of each; undefined: they stay as they are.
at::Tensor keepNucleus(at::Tensor& weights, double topP)
{
    if (topP >= 1.0) {
        return {};
    }
    at::Tensor tokens;
    std::tie(weights, tokens) = weights.sort(/*stable=*/true, 1, /*descending=*/true);
    const at::Tensor together = weights.cumsum(1);
    const std::int64_t others = weights.size(1) - 1;
    const at::Tensor enough = together.narrow(1, 0, others).ge(together.select(1, -1).unsqueeze(1) * topP);
    weights.narrow(1, 1, others).masked_fill_(enough, 0.0); // where those before it are enough
    return tokens;
}

// The most likely token of each row, in one pass over float32 on the CPU.
at::Tensor mostLikely(const at::Tensor& logits)
{
    if (!logits.is_cpu() || logits.scalar_type() != at::kFloat) {
        return logits.masked_fill(logits.isfinite().logical_not(), -std::numeric_limits<double>::infinity()).argmax(1);
    }
    const at::Tensor rows = logits.contiguous();
    at::Tensor tokens = at::empty({rows.size(0)}, at::kLong);
    const auto* row = rows.const_data_ptr<float>();
    auto* token = tokens.mutable_data_ptr<std::int64_t>();
    auto* const largest = kernels::decode::decodeKernels().front().largest;
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
        token[i] = largest(row + i * rows.size(1), rows.size(1));
    }
    return tokens;
}
} // namespace

at::Tensor drawTokens(const at::Tensor& logits, const SamplingOptions& options, std::span<const double> numbers)
{
    TORCH_CHECK(logits.dim() == 2 && logits.size(1) > 0, "tokens are drawn from rows of logits, not from ",
                logits.sizes());
    if (options.temperature <= 0.0) {
        return mostLikely(logits);
    }
    TORCH_CHECK(static_cast<std::int64_t>(numbers.size()) == logits.size(0), numbers.size(), " random numbers for ",
                logits.size(0), " rows");
    at::Tensor weights = weightsOf(logits, options.temperature);
    keepTopK(weights, options.topK);
    const at::Tensor tokens = keepNucleus(weights, options.topP);
    const at::Tensor together = weights.cumsum(1);
    const at::Tensor all = together.select(1, -1).unsqueeze(1);
    const at::Tensor shares =
        at::tensor(std::vector<double>(numbers.begin(), numbers.end()), at::kDouble).to(logits.device()).unsqueeze(1);
    // the first place whose sum exceeds the number: it has a weight
    const at::Tensor places = at::searchsorted(together, all * shares, /*out_int32=*/false, /*right=*/true)
                                  .masked_fill(all.le(0.0), 0)
                                  .clamp_max(logits.size(1) - 1);
    return (tokens.defined() ? tokens.gather(1, places) : places).squeeze(1);
}

} // namespace dskd::model
