#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dskd::align
{

inline constexpr std::size_t kCoverageBins = 20;

// part / whole; 0 where the whole is 0.
[[nodiscard]] constexpr double shareOf(std::int64_t part, std::int64_t whole)
{
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

// How much of the student's response tokens an alignment reaches, over samples. Coverage of a sample is
// aligned / student tokens; mean, min and max are over samples, each counted once however long it is.
class CoverageStatistics
{
public:
    // A sample without student tokens has no coverage and is left out.
    void add(std::int64_t alignedTokens, std::int64_t studentTokens);

    [[nodiscard]] std::int64_t samples() const { return m_samples; }
    [[nodiscard]] std::int64_t studentTokens() const { return m_studentTokens; }
    [[nodiscard]] std::int64_t alignedTokens() const { return m_alignedTokens; }
    // 0 without samples.
    [[nodiscard]] double mean() const;
    [[nodiscard]] double min() const { return m_samples == 0 ? 0.0 : m_min; }
    [[nodiscard]] double max() const { return m_max; }
    // Samples per bin: bin i holds i/20 <= coverage < (i+1)/20, and the last also 1.
    [[nodiscard]] const std::array<std::int64_t, kCoverageBins>& histogram() const { return m_histogram; }

private:
    std::int64_t m_samples = 0;
    std::int64_t m_studentTokens = 0;
    std::int64_t m_alignedTokens = 0;
    double m_sum = 0;
    double m_min = 1;
    double m_max = 0;
    std::array<std::int64_t, kCoverageBins> m_histogram{};
};

} // namespace dskd::align
