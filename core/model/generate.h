#pragma once

#include "core/model/causal_lm.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace dskd::model
{

struct GenerateOptions {
    std::int64_t maxNewTokens = 64;
    double temperature = 0.0; // 0: greedy
    double topP = 1.0;        // nucleus; 1: off
    std::int64_t topK = 0;    // 0: off
    std::uint64_t seed = 0;   // the same seed gives the same answers, whatever the batch they were in
    // Number of the first prompt among all that the caller has: prompt i of a call draws from a stream of its own that
    // depends on seed and firstIndex + i only, so a long list may be cut into calls of any size.
    std::int64_t firstIndex = 0;
    std::vector<std::int64_t> eosIds; // generation of a sequence ends after one of these
    std::int64_t vocabularySize = 0;  // ids from here on are never drawn (padded heads); 0: all of the head
    // Products of few rows by packed copies of the weights (packed_weights.h), which last for the call. Off: the
    // products of training, whose sums have another order; for comparison.
    bool packsWeights = true;
    // Hears after each new token of a prompt, by its number in the call, its new tokens so far. On the calling thread.
    std::function<void(std::size_t prompt, const std::vector<std::int64_t>& tokens)> onDrawn = {};
};

// Continues every prompt, all of them in one batch with a key-value cache. Returns the new tokens only, the eos that
// ended a sequence included. A sequence also ends where a model with learned positions has no more of them. `cancel`,
// when given and set, ends generation early with what there is. Throws dskd::Error for an empty prompt.
[[nodiscard]] std::vector<std::vector<std::int64_t>> generate(CausalLm& model,
                                                              const std::vector<std::vector<std::int64_t>>& prompts,
                                                              const GenerateOptions& options,
                                                              const std::atomic<bool>* cancel = nullptr);

// Another model of the same vocabulary that takes part in a share of the next-token distribution.
struct Mixture {
    CausalLm& model;
    double share = 0.0; // in [0, 1)
};

// As above, from the mixture (1 - share) q + share p of both models' distributions, each at temperature 1 over the
// tokens that both heads have (and below vocabularySize); each keeps a cache of its own. Temperature, top-k and top-p
// then act on the mixture. A sequence also ends where either model has no more positions.
[[nodiscard]] std::vector<std::vector<std::int64_t>> generate(CausalLm& model, const Mixture& other,
                                                              const std::vector<std::vector<std::int64_t>>& prompts,
                                                              const GenerateOptions& options,
                                                              const std::atomic<bool>* cancel = nullptr);

} // namespace dskd::model
