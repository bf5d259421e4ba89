#include "core/train/token_score.h"

#include "core/teacher/packed_rows.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <algorithm>
#include <vector>

namespace dskd::train
{
namespace
{

struct Sums {
    double loss = 0.0;
    std::int64_t correct = 0;
    std::int64_t tokens = 0;
};

void addBatch(Sums& sums, model::CausalLm& model, const teacher::PackedRows& packed, std::int64_t chunkRows)
{
    const at::Tensor hidden = model.hiddenStates(packed.tokens).index_select(0, packed.index);
    const at::Tensor head = model.head();
    const std::int64_t rows = hidden.size(0);
    for (std::int64_t first = 0; first < rows; first += chunkRows) {
        const std::int64_t count = std::min(chunkRows, rows - first);
        const at::Tensor logits = at::linear(hidden.narrow(0, first, count), head).to(at::kFloat); // (count, V)
        const at::Tensor labels = packed.labels.narrow(0, first, count);
        const at::Tensor gold = logits.gather(1, labels.unsqueeze(1)).squeeze(1);
        sums.loss += (at::logsumexp(logits, 1) - gold).sum(at::kDouble).item<double>();
        sums.correct += logits.argmax(1).eq(labels).sum().item<std::int64_t>();
    }
    sums.tokens += rows;
}

} // namespace

TokenScore scoreTokens(model::CausalLm& model, std::span<const dataset::Sample* const> samples, config::LossOn lossOn,
                       std::int64_t batchSize, std::int64_t chunkRows, const std::atomic<bool>* cancel)
{
    const at::NoGradGuard noGrad;
    Sums sums;
    std::vector<const dataset::Sample*> batch;
    const auto flush = [&] {
        if (!batch.empty()) {
            addBatch(sums, model, teacher::packRows(batch, lossOn, model.head().device()), chunkRows);
            batch.clear();
        }
    };
    for (const dataset::Sample* sample : samples) {
        if (cancel != nullptr && cancel->load()) {
            break;
        }
        if (teacher::numScoredRows(*sample, lossOn) > 0) {
            batch.push_back(sample);
        }
        if (static_cast<std::int64_t>(batch.size()) == batchSize) {
            flush();
        }
    }
    flush();
    if (sums.tokens == 0) {
        return {};
    }
    const auto tokens = static_cast<double>(sums.tokens);
    return {sums.loss / tokens, static_cast<double>(sums.correct) / tokens, sums.tokens};
}

} // namespace dskd::train
