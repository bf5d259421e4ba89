#pragma once

#include <cstdint>
#include <vector>

namespace dskd::train
{

// Which samples each optimizer step sees. A pure function of seed and step: a resumed run needs only its step number.
// Every epoch is a new permutation from stream "shuffle"; the last, shorter batch of an epoch is kept.
class BatchOrder
{
public:
    // numSamples, batchSize and accumulation must be positive.
    BatchOrder(std::uint64_t seed, std::int64_t numSamples, std::int64_t batchSize, std::int64_t accumulation);

    [[nodiscard]] std::int64_t stepsPerEpoch() const { return m_stepsPerEpoch; }
    // Sample indices of every micro-batch of step `step`, counted from 0; none of them is empty.
    [[nodiscard]] std::vector<std::vector<std::int64_t>> microBatches(std::int64_t step);

private:
    std::uint64_t m_seed;
    std::int64_t m_numSamples;
    std::int64_t m_batchSize;
    std::int64_t m_samplesPerStep;
    std::int64_t m_stepsPerEpoch;
    std::int64_t m_epoch = -1; // of m_permutation
    std::vector<std::int64_t> m_permutation;
};

} // namespace dskd::train
