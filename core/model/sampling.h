#pragma once

// From one row of logits to the next token.

#include "core/base/random_stream.h"

#include <cstdint>
#include <span>

namespace dskd::model
{

struct SamplingOptions {
    double temperature = 1.0; // 0: the most likely token
    std::int64_t topK = 0;    // only the K most likely tokens; 0: all
    double topP = 1.0;        // of those, the fewest that have this probability together
};

// The index of the largest logit, the first of equals. `logits` must not be empty.
[[nodiscard]] std::int64_t mostLikely(std::span<const float> logits);

// Draws a token; the order of the filters is transformers': temperature, top-k, top-p. Takes one number from `random`,
// none when the temperature is 0. Logits that are not finite are never drawn; when none is, the answer is token 0.
[[nodiscard]] std::int64_t drawToken(std::span<const float> logits, const SamplingOptions& options,
                                     RandomStream& random);

} // namespace dskd::model
