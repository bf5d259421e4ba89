#include "core/train/evaluate/token_score.h"

#include "core/batch/model_rows.h"
#include "core/kernels/head_loss.h"

#include <ATen/core/grad_mode.h>
#include <vector>

namespace dskd::train
{
namespace
{

struct Sums {
    double loss = 0.0;
    double correct = 0.0;
    std::int64_t tokens = 0;
};

void addBatch(Sums& sums, const batch::SideRows& rows, std::int64_t chunkRows)
{
    kernels::HeadLossTerms terms;
    terms.crossEntropy = 0.0; // for its value only
    const kernels::HeadLossSums scored =
        kernels::headLoss({.student = {.hidden = rows.hidden, .head = rows.head, .softcap = rows.softcap},
                           .rows = {.labels = rows.labels}},
                          terms, chunkRows)
            .sums;
    sums.loss += scored.crossEntropy;
    sums.correct += scored.correct;
    sums.tokens += rows.hidden.size(0);
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
            addBatch(sums, batch::runPacked(model, batch, lossOn), chunkRows);
            batch.clear();
        }
    };
    for (const dataset::Sample* sample : samples) {
        if (cancel != nullptr && cancel->load()) {
            break;
        }
        if (batch::numScoredRows(*sample, lossOn) > 0) {
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
    return {sums.loss / tokens, sums.correct / tokens, sums.tokens};
}

} // namespace dskd::train
