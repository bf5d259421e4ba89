#include "core/train/data/batch_order.h"

#include "core/base/random_stream.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>
#include <utility>

namespace dskd::train
{

BatchOrder::BatchOrder(std::uint64_t seed, std::int64_t numSamples, std::int64_t batchSize, std::int64_t accumulation)
    : m_seed(seed), m_numSamples(numSamples), m_batchSize(batchSize), m_samplesPerStep(batchSize * accumulation),
      m_stepsPerEpoch((numSamples + m_samplesPerStep - 1) / m_samplesPerStep)
{
    assert(numSamples > 0 && batchSize > 0 && accumulation > 0);
}

std::vector<std::vector<std::int64_t>> BatchOrder::microBatches(std::int64_t step)
{
    const std::int64_t epoch = step / m_stepsPerEpoch;
    if (epoch != m_epoch) {
        m_permutation.resize(static_cast<std::size_t>(m_numSamples));
        std::iota(m_permutation.begin(), m_permutation.end(), std::int64_t{0});
        RandomStream random(streamSeed(m_seed, "shuffle"), "epoch " + std::to_string(epoch));
        for (std::size_t i = m_permutation.size(); i > 1; --i) { // Fisher and Yates
            std::swap(m_permutation[i - 1], m_permutation[random.below(i)]);
        }
        m_epoch = epoch;
    }
    const std::int64_t begin = (step % m_stepsPerEpoch) * m_samplesPerStep;
    const std::int64_t end = std::min(begin + m_samplesPerStep, m_numSamples);
    std::vector<std::vector<std::int64_t>> batches;
    for (std::int64_t first = begin; first < end; first += m_batchSize) {
        const std::int64_t last = std::min(first + m_batchSize, end);
        batches.emplace_back(m_permutation.begin() + first, m_permutation.begin() + last);
    }
    return batches;
}

} // namespace dskd::train
