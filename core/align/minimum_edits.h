#pragma once

// MinED (core/distill/METHOD.md 6.7): tokens of two vocabularies matched by the fewest edits between their spellings,
// and the rows of two tokenizations that read matching tokens.

#include "core/align/exact_alignment.h"
#include "core/align/nearest_spelling.h"
#include "core/align/spelling.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace dskd::align
{

// Which student token each teacher token is.
struct SpellingMap {
    std::vector<tokenizer::TokenId> studentFromTeacher; // one per teacher id; -1: the teacher's id does not exist
    std::int64_t exact = 0;                             // teacher ids whose partner is spelled alike
};

// Both ways: a student token that several teacher tokens are mapped to has the lowest of them, as published; one that
// none is mapped to is left out.
struct MatchedTokens {
    std::vector<std::int64_t> student; // rising
    std::vector<std::int64_t> teacher;
};

// What belongs to a pair of tokenizers: found once, then immutable; any thread.
class MinimumEdits
{
public:
    struct Options {
        SearchOptions search;
        std::filesystem::path cacheFolder; // where the maps of pairs are kept; empty: nowhere
        bool onlyKept = false;             // no search: nothing when the cache has no map of the pair
    };

    // Reads the map from the cache or looks for it and keeps it there; a cache that cannot be written is done without.
    // Nothing when cancelled (search.cancelled is also looked at between the steps before the search; the cache is then
    // as it was), or not kept and `onlyKept`. One vocabulary is mapped onto itself.
    [[nodiscard]] static std::optional<MinimumEdits> find(const tokenizer::Tokenizer& teacher,
                                                          const tokenizer::Tokenizer& student, SpellingRule rule,
                                                          const Options& options);

    [[nodiscard]] const SpellingMap& map() const { return m_map; }
    [[nodiscard]] bool wasKept() const { return m_wasKept; } // the map came from the cache
    [[nodiscard]] MatchedTokens matched() const;

    // Rows are numbered like the tokens they read, and compared by those, as the reference code does: the paper does
    // not say how. A student row has a partner when the least edits in all (warp) lay exactly one teacher token on its
    // own and the map takes that for the student's. Several student rows may share a partner. The marks for spaces do
    // not count.
    [[nodiscard]] std::vector<TokenPair> align(std::span<const tokenizer::TokenId> teacherInputs,
                                               std::span<const tokenizer::TokenId> studentInputs) const;

private:
    MinimumEdits() = default;

    SpelledPair m_unspaced; // without spaces
    SpellingMap m_map;
    bool m_wasKept = false;
};

} // namespace dskd::align
