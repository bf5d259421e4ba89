#include "core/align/coverage.h"

#include <algorithm>

namespace dskd::align
{

void CoverageStatistics::add(std::int64_t alignedTokens, std::int64_t studentTokens)
{
    if (studentTokens <= 0) {
        return;
    }
    const double coverage = static_cast<double>(alignedTokens) / static_cast<double>(studentTokens);
    ++m_samples;
    m_studentTokens += studentTokens;
    m_alignedTokens += alignedTokens;
    m_sum += coverage;
    m_min = std::min(m_min, coverage);
    m_max = std::max(m_max, coverage);
    // In integers, so that a coverage of exactly i/20 is never rounded into the bin below.
    const std::int64_t bin = alignedTokens * static_cast<std::int64_t>(kCoverageBins) / studentTokens;
    ++m_histogram[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, kCoverageBins - 1))];
}

double CoverageStatistics::mean() const
{
    return m_samples == 0 ? 0.0 : m_sum / static_cast<double>(m_samples);
}

} // namespace dskd::align
