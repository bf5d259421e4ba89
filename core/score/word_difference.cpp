#include "core/score/word_difference.h"

#include "core/score/rouge.h"

#include <algorithm>
#include <cassert>
#include <cstdint>

namespace dskd::score
{
namespace
{

// Lengths of the longest common subsequences of what is left of both from a word on.
class CommonLengths
{
public:
    CommonLengths(const std::vector<RougeWord>& a, const std::vector<RougeWord>& b)
        : m_columns(b.size() + 1), m_lengths((a.size() + 1) * m_columns, 0)
    {
        for (std::size_t i = a.size(); i-- > 0;) {
            for (std::size_t j = b.size(); j-- > 0;) {
                m_lengths[i * m_columns + j] =
                    a[i].word == b[j].word ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
            }
        }
    }
    [[nodiscard]] std::uint32_t at(std::size_t i, std::size_t j) const { return m_lengths[i * m_columns + j]; }

private:
    std::size_t m_columns;
    std::vector<std::uint32_t> m_lengths;
};

TextSpan spanOf(const RougeWord& word)
{
    return {word.begin, word.end};
}

} // namespace

WordDifference wordDifference(std::string_view reference, std::string_view answer)
{
    const std::vector<RougeWord> wanted = rougeWords(reference);
    const std::vector<RougeWord> given = rougeWords(answer);
    const CommonLengths left(wanted, given);
    WordDifference difference;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < wanted.size() || j < given.size()) {
        if (i < wanted.size() && j < given.size() && wanted[i].word == given[j].word) {
            ++difference.common;
            ++i;
            ++j;
        } else if (i == wanted.size() || (j < given.size() && left.at(i, j + 1) >= left.at(i + 1, j))) {
            difference.notInReference.push_back(spanOf(given[j++]));
        } else {
            difference.notInAnswer.push_back(spanOf(wanted[i++]));
        }
    }
    return difference;
}

std::vector<TextPart> cutAt(std::string_view text, const std::vector<TextSpan>& spans)
{
    std::vector<TextPart> parts;
    parts.reserve(2 * spans.size() + 1);
    std::size_t done = 0;
    const auto addUpTo = [&](std::size_t end, bool marked) {
        if (end > done) {
            parts.push_back({text.substr(done, end - done), marked});
            done = end;
        }
    };
    for (const TextSpan& span : spans) {
        assert(span.begin >= done && span.end <= text.size());
        addUpTo(span.begin, false);
        addUpTo(span.end, true);
    }
    addUpTo(text.size(), false);
    return parts;
}

} // namespace dskd::score
