#include "core/align/nearest_spelling.h"

#include "core/align/edit_distance.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <limits>

// Counting bits takes one instruction where the processor has it, and ten without.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DSKD_POPCNT_CLONES __attribute__((target_clones("popcnt", "default")))
#else
#define DSKD_POPCNT_CLONES
#endif

namespace dskd::align
{
namespace
{

using tokenizer::TokenId;

// Which letters a spelling has, in 64 classes: at least once, at least twice, and how many more.
struct LetterCounts {
    std::uint64_t once = 0;
    std::uint64_t twice = 0;
    std::int32_t more = 0;
};

// Two spellings have no more letters in common than this, so that they are at least the length of the longer one minus
// this many edits apart.
inline std::int32_t mostInCommon(const LetterCounts& a, const LetterCounts& b)
{
    return std::popcount(a.once & b.once) + std::popcount(a.twice & b.twice) + std::min(a.more, b.more);
}

LetterCounts countLetters(std::span<const Letter> spelling)
{
    LetterCounts counts;
    for (const Letter letter : spelling) {
        const std::uint64_t bit = std::uint64_t{1} << (letter % 64);
        if ((counts.once & bit) == 0) {
            counts.once |= bit;
        } else if ((counts.twice & bit) == 0) {
            counts.twice |= bit;
        } else {
            ++counts.more;
        }
    }
    return counts;
}

// The student's tokens in the order of their lengths, then of their ids.
class ByLength
{
public:
    explicit ByLength(const Spellings& student)
    {
        for (TokenId id = 0; id < student.size(); ++id) {
            if (!student.of(id).empty()) {
                m_ids.push_back(id);
            }
        }
        std::stable_sort(m_ids.begin(), m_ids.end(),
                         [&](TokenId a, TokenId b) { return student.of(a).size() < student.of(b).size(); });
        for (const TokenId id : m_ids) {
            m_counts.push_back(countLetters(student.of(id)));
        }
        m_begin.assign(m_ids.empty() ? 2 : student.of(m_ids.back()).size() + 2, 0);
        for (const TokenId id : m_ids) {
            ++m_begin[student.of(id).size() + 1];
        }
        for (std::size_t i = 1; i < m_begin.size(); ++i) {
            m_begin[i] += m_begin[i - 1];
        }
    }

    [[nodiscard]] std::int32_t longest() const { return static_cast<std::int32_t>(m_begin.size()) - 2; }
    [[nodiscard]] std::size_t begin(std::int32_t length) const { return m_begin[static_cast<std::size_t>(length)]; }
    [[nodiscard]] std::size_t end(std::int32_t length) const { return m_begin[static_cast<std::size_t>(length) + 1]; }
    [[nodiscard]] TokenId id(std::size_t at) const { return m_ids[at]; }
    [[nodiscard]] const LetterCounts* counts() const { return m_counts.data(); }

private:
    std::vector<TokenId> m_ids;
    std::vector<LetterCounts> m_counts; // in the same order
    std::vector<std::size_t> m_begin;   // by length
};

struct Nearest {
    std::int32_t distance = std::numeric_limits<std::int32_t>::max();
    TokenId id = -1;
};

constexpr std::size_t kScanned = 512; // candidates between two looks at how near the nearest is

// Candidates that a scan let through: their numbers in it, and how many letters they may have in common.
struct Kept {
    std::array<std::uint16_t, kScanned> at{};
    std::array<std::int32_t, kScanned> inCommon{};
};

// Keeps those of `counts` that may have at least `needed` letters in common with `wanted`; returns how many.
DSKD_POPCNT_CLONES std::size_t withEnoughInCommon(LetterCounts wanted, std::int32_t needed, const LetterCounts* counts,
                                                  std::size_t size, Kept& kept)
{
    std::size_t numKept = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const std::int32_t inCommon = mostInCommon(wanted, counts[i]);
        kept.at[numKept] = static_cast<std::uint16_t>(i);
        kept.inCommon[numKept] = inCommon;
        numKept += inCommon >= needed ? 1 : 0;
    }
    return numKept;
}

// Searches for one teacher token after another. One per thread.
class Search
{
public:
    Search(const SpelledPair& pair, const ByLength& candidates, const SearchOptions& options)
        : m_pair(pair), m_candidates(candidates), m_options(options), m_distance(pair.alphabet)
    {
    }

    // Any token when cancelled.
    TokenId nearestTo(std::span<const Letter> spelling)
    {
        m_length = static_cast<std::int32_t>(spelling.size());
        m_wanted = countLetters(spelling);
        m_nearest = {};
        m_distance.from(spelling);
        const std::int32_t farthest = std::max(m_length, m_candidates.longest());
        for (std::int32_t gap = 0; gap <= farthest && gap <= m_nearest.distance; ++gap) {
            compareLength(m_length + gap);
            if (gap > 0) {
                compareLength(m_length - gap);
            }
        }
        return m_nearest.id;
    }

private:
    // The tokens of this length.
    void compareLength(std::int32_t length)
    {
        if (length <= 0 || length > m_candidates.longest()) {
            return;
        }
        const std::int32_t longer = std::max(length, m_length);
        const std::size_t last = m_candidates.end(length);
        for (std::size_t begin = m_candidates.begin(length); begin < last && !m_options.isCancelled();
             begin += kScanned) {
            const std::size_t count =
                withEnoughInCommon(m_wanted, longer - m_nearest.distance, m_candidates.counts() + begin,
                                   std::min(kScanned, last - begin), m_kept);
            for (std::size_t i = 0; i < count; ++i) {
                const TokenId id = m_candidates.id(begin + m_kept.at[i]);
                // Something nearer may have been found since the scan.
                const std::int32_t tolerated = m_nearest.distance - (id < m_nearest.id ? 0 : 1);
                if (longer - m_kept.inCommon[i] <= tolerated) {
                    const std::int32_t distance = m_distance.to(m_pair.student.of(id), tolerated);
                    if (distance <= tolerated) {
                        m_nearest = {distance, id};
                    }
                }
            }
        }
    }

    const SpelledPair& m_pair;
    const ByLength& m_candidates;
    const SearchOptions& m_options;
    EditDistance m_distance;
    std::int32_t m_length = 0; // of the token that is searched for
    LetterCounts m_wanted;
    Nearest m_nearest;
    Kept m_kept;
};

} // namespace

std::optional<std::vector<TokenId>> nearestSpellings(const SpelledPair& pair, std::span<const TokenId> known,
                                                     const SearchOptions& options)
{
    assert(static_cast<TokenId>(known.size()) == pair.teacher.size());
    std::vector<TokenId> result(known.begin(), known.end());
    std::vector<TokenId> wanted;
    for (TokenId id = 0; id < pair.teacher.size(); ++id) {
        if (known[static_cast<std::size_t>(id)] < 0 && !pair.teacher.of(id).empty()) {
            wanted.push_back(id);
        }
    }
    const ByLength candidates(pair.student);
    ParallelOptions parallel{options.threads, options.cancelled};
    std::vector<Search> searches(numThreads(wanted.size(), parallel), Search(pair, candidates, options));
    parallel.threads = static_cast<int>(searches.size());
    const auto work = [&](const Block& block) {
        for (std::size_t i = block.begin; i < block.end && !options.isCancelled(); ++i) {
            result[static_cast<std::size_t>(wanted[i])] = searches[block.thread].nearestTo(pair.teacher.of(wanted[i]));
        }
        if (block.thread == 0 && options.progress) {
            options.progress(static_cast<double>(block.begin) / static_cast<double>(wanted.size()));
        }
    };
    inParallel(wanted.size(), work, parallel);
    return options.isCancelled() ? std::nullopt : std::optional(std::move(result));
}

} // namespace dskd::align
