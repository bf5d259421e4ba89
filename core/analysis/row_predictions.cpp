#include "core/analysis/row_predictions.h"

#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace dskd::analysis
{

RowPredictions predictRows(const kernels::HeadRows& rows, std::int64_t chunkRows)
{
    TORCH_CHECK(chunkRows > 0, "chunkRows must be positive, not ", chunkRows);
    TORCH_CHECK(rows.hidden.dim() == 2 && rows.head.dim() == 2 && rows.hidden.size(1) == rows.head.size(1), "rows ",
                rows.hidden.sizes(), " do not fit the head ", rows.head.sizes());
    const at::NoGradGuard noGrad;
    const std::int64_t count = rows.hidden.size(0);
    RowPredictions predictions;
    predictions.predicted = at::empty({count}, at::kLong);
    for (std::int64_t begin = 0; begin < count; begin += chunkRows) {
        const std::int64_t size = std::min(chunkRows, count - begin);
        at::Tensor logits = at::mm(rows.hidden.narrow(0, begin, size), rows.head.t());
        logits = logits.to(tensor::wideFloat(logits));
        if (rows.softcap > 0.0) {
            logits = (logits / rows.softcap).tanh() * rows.softcap;
        }
        const at::Tensor logProbs = at::log_softmax(logits, 1);
        predictions.entropySum -= (logProbs.exp() * logProbs).sum(1).to(at::kDouble).sum().item<double>();
        predictions.predicted.narrow(0, begin, size).copy_(logits.argmax(1));
    }
    return predictions;
}

} // namespace dskd::analysis
