#include "core/align/minimum_edits.h"

#include "core/align/edit_distance.h"
#include "core/align/spelling_map_file.h"
#include "core/align/time_warping.h"
#include "core/align/vocabulary.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace dskd::align
{
namespace
{

using tokenizer::TokenId;
using tokenizer::Tokenizer;

Spellings unspaced(const Spellings& spellings)
{
    Spellings result;
    std::vector<Letter> kept;
    for (TokenId id = 0; id < spellings.size(); ++id) {
        kept.clear();
        std::ranges::remove_copy(spellings.of(id), std::back_inserter(kept), kSpaceLetter);
        result.add(kept);
    }
    return result;
}

SpellingMap identity(const VocabularyComparison& compared)
{
    SpellingMap map;
    map.studentFromTeacher.resize(static_cast<std::size_t>(compared.teacherSize));
    std::iota(map.studentFromTeacher.begin(), map.studentFromTeacher.end(), 0);
    map.exact = compared.teacherSize;
    return map;
}

} // namespace

std::optional<MinimumEdits> MinimumEdits::find(const Tokenizer& teacher, const Tokenizer& student, SpellingRule rule,
                                               const Options& options)
{
    MinimumEdits found;
    const SpelledPair pair = spell(teacher, student, rule);
    if (options.search.isCancelled()) {
        return std::nullopt;
    }
    found.m_unspaced = {unspaced(pair.teacher), unspaced(pair.student), pair.alphabet};
    const VocabularyComparison compared = compareVocabularies(teacher, student);
    if (options.search.isCancelled()) {
        return std::nullopt;
    }
    if (compared.same) {
        found.m_map = identity(compared);
        return found;
    }
    const SpellingMapFile file(options.cacheFolder, pair, compared.studentFromTeacher);
    if (std::optional<SpellingMap> kept = file.read()) {
        found.m_map = std::move(*kept);
        found.m_wasKept = true;
        return found;
    }
    if (options.onlyKept) {
        return std::nullopt;
    }
    auto nearest = nearestSpellings(pair, compared.studentFromTeacher, options.search);
    if (!nearest) {
        return std::nullopt;
    }
    found.m_map = {std::move(*nearest), compared.overlap};
    file.write(found.m_map);
    return found;
}

MatchedTokens MinimumEdits::matched() const
{
    std::vector<std::int64_t> teacherFromStudent(static_cast<std::size_t>(m_unspaced.student.size()), -1);
    for (std::size_t id = 0; id < m_map.studentFromTeacher.size(); ++id) {
        if (const TokenId student = m_map.studentFromTeacher[id]; student >= 0) {
            std::int64_t& teacher = teacherFromStudent[static_cast<std::size_t>(student)];
            teacher = teacher < 0 ? static_cast<std::int64_t>(id) : teacher; // ids rise
        }
    }
    MatchedTokens matched;
    for (std::size_t id = 0; id < teacherFromStudent.size(); ++id) {
        if (teacherFromStudent[id] >= 0) {
            matched.student.push_back(static_cast<std::int64_t>(id));
            matched.teacher.push_back(teacherFromStudent[id]);
        }
    }
    return matched;
}

std::vector<TokenPair> MinimumEdits::align(std::span<const TokenId> teacherInputs,
                                           std::span<const TokenId> studentInputs) const
{
    EditDistance distance(m_unspaced.alphabet);
    const auto costsOf = [&](std::size_t i, std::span<std::int32_t> costs) {
        distance.from(m_unspaced.teacher.of(teacherInputs[i]));
        for (std::size_t j = 0; j < studentInputs.size(); ++j) {
            costs[j] = distance.to(m_unspaced.student.of(studentInputs[j]));
        }
    };
    const Warping warping = warp(costsOf, teacherInputs.size(), studentInputs.size());
    std::vector<TokenPair> pairs;
    for (std::size_t j = 0; j < studentInputs.size(); ++j) {
        const std::vector<std::int32_t>& over = warping.teacherOfStudent[j];
        if (over.size() != 1) {
            continue;
        }
        const TokenId read = teacherInputs[static_cast<std::size_t>(over.front())];
        const bool known = read >= 0 && static_cast<std::size_t>(read) < m_map.studentFromTeacher.size();
        if (known && m_map.studentFromTeacher[static_cast<std::size_t>(read)] == studentInputs[j]) {
            pairs.push_back({over.front(), static_cast<std::int32_t>(j)});
        }
    }
    return pairs;
}

} // namespace dskd::align
