#include "core/kernels/cross_entropy.h"

#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>

namespace dskd::kernels
{

CrossEntropyRows crossEntropy(const at::Tensor& logits, const at::Tensor& labels, bool withGradient)
{
    TORCH_CHECK(logits.dim() == 2 && labels.dim() == 1 && logits.size(0) == labels.size(0),
                "cross-entropy needs (rows, vocabulary) logits and one label a row, not ", logits.sizes(), " and ",
                labels.sizes());
    at::Tensor logProbs = at::log_softmax(logits.to(tensor::wideFloat(logits)), 1);
    const at::Tensor index = labels.unsqueeze(1);
    const auto [largest, position] = logProbs.max(1);
    CrossEntropyRows rows;
    rows.values = logProbs.gather(1, index).squeeze(1).neg_();
    rows.predicted = position;
    rows.maxProbability = largest.exp();
    if (withGradient) {
        const at::Tensor minusOne = at::full({1, 1}, -1.0, logProbs.options()).expand(index.sizes());
        rows.gradient = logProbs.exp_().scatter_add_(1, index, minusOne);
    }
    return rows;
}

} // namespace dskd::kernels
