#pragma once

// From rows of logits to the next tokens.

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>

namespace dskd::model
{

struct SamplingOptions {
    double temperature = 1.0; // 0: the most likely token
    std::int64_t topK = 0;    // only the K most likely tokens; 0: all
    double topP = 1.0;        // of those, the fewest that have this probability together
};

// One token for each row of `logits` (B, V), V > 0: (B) int64, on their device, computed in float64. `numbers` are B
// draws from [0, 1), which decide; a temperature of 0 takes none. The order of the filters is transformers':
// temperature, top-k, top-p; of equally likely tokens the smaller comes first. Logits that are not finite are never
// drawn; a row without any other gives token 0. Throws c10::Error naming the sizes when they disagree.
[[nodiscard]] at::Tensor drawTokens(const at::Tensor& logits, const SamplingOptions& options,
                                    std::span<const double> numbers);

} // namespace dskd::model
