#pragma once

#include "core/config/schema/data_config.h"
#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <atomic>
#include <cstdint>
#include <span>

namespace dskd::train
{

// How well a model predicts the scored tokens of some samples.
struct TokenScore {
    double loss = 0.0;     // mean negative log-likelihood in nats per scored token
    double accuracy = 0.0; // share of scored tokens that are the most likely one
    std::int64_t tokens = 0;
};

// Teacher-forced, without dropout, `batchSize` samples at once; the head is applied to `chunkRows` rows at a time.
// Samples without a scored token are passed over. `cancel` ends it early with what there is.
[[nodiscard]] TokenScore scoreTokens(model::CausalLm& model, std::span<const dataset::Sample* const> samples,
                                     config::LossOn lossOn, std::int64_t batchSize, std::int64_t chunkRows,
                                     const std::atomic<bool>* cancel = nullptr);

} // namespace dskd::train
