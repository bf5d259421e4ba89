#include "core/tokenizer/steps/added_tokens.h"

#include "core/base/utf8.h"
#include "core/tokenizer/steps/character_sets.h"

#include <algorithm>
#include <iterator>

namespace dskd::tokenizer
{
namespace
{

enum Expression { kSpace, kWordCharacter };

// Start of the last code point that ends at `end`. REQUIRES: end > 0.
std::size_t previousCodePoint(std::string_view text, std::size_t end)
{
    return codePointBegin(text, end - 1);
}

} // namespace

Result<AddedTokenFinder> AddedTokenFinder::make(std::vector<Pattern> patterns)
{
    AddedTokenFinder finder;
    std::erase_if(patterns, [](const Pattern& pattern) { return pattern.text.empty(); });
    if (patterns.empty()) {
        return finder;
    }
    for (const std::string& expression : {"[" + spaceMembers() + "]", wordCharacter()}) {
        auto regex = Regex::compilePcre2(expression, Regex::Search::OnlyWhereItBegins);
        if (!regex) {
            return regex.failure();
        }
        finder.m_expressions.push_back(std::move(*regex));
    }
    finder.m_patterns = std::move(patterns);
    finder.m_nodes.emplace_back();
    for (std::size_t i = 0; i < finder.m_patterns.size(); ++i) {
        std::uint32_t node = 0;
        for (const char c : finder.m_patterns[i].text) {
            const auto fresh = static_cast<std::uint32_t>(finder.m_nodes.size());
            const auto [child, added] = finder.m_nodes[node].children.try_emplace(static_cast<unsigned char>(c), fresh);
            node = child->second;
            if (added) {
                finder.m_nodes.emplace_back();
            }
        }
        finder.m_nodes[node].pattern = static_cast<std::int32_t>(i);
        finder.m_startsPattern[static_cast<unsigned char>(finder.m_patterns[i].text.front())] = true;
    }
    return finder;
}

std::optional<AddedTokenFinder::Stretch> AddedTokenFinder::findNext(std::string_view text, std::size_t from) const
{
    if (m_patterns.empty()) {
        return std::nullopt;
    }
    for (std::size_t begin = from; begin < text.size(); ++begin) {
        if (!m_startsPattern[static_cast<unsigned char>(text[begin])]) {
            continue;
        }
        std::uint32_t node = 0;
        std::optional<Stretch> longest;
        for (std::size_t i = begin; i < text.size(); ++i) {
            const auto child = m_nodes[node].children.find(static_cast<unsigned char>(text[i]));
            if (child == m_nodes[node].children.end()) {
                break;
            }
            node = child->second;
            if (const std::int32_t pattern = m_nodes[node].pattern; pattern >= 0) {
                longest = Stretch{begin, i + 1, &m_patterns[static_cast<std::size_t>(pattern)].token};
            }
        }
        if (longest) {
            return longest;
        }
    }
    return std::nullopt;
}

bool AddedTokenFinder::accept(std::string_view text, std::size_t done, Stretch& found, RegexMatcher& matcher) const
{
    if (found.begin < done) { // inside white space that the previous token swallowed
        return false;
    }
    const auto isAt = [&](Expression expression, std::size_t position) {
        return matcher.find(m_expressions[expression], text.substr(position), 0).has_value();
    };
    if (found.token->singleWord) {
        const bool wordBefore = found.begin > 0 && isAt(kWordCharacter, previousCodePoint(text, found.begin));
        const bool wordAfter = found.end < text.size() && isAt(kWordCharacter, found.end);
        if (wordBefore || wordAfter) {
            return false;
        }
    }
    while (found.token->leftStrip && found.begin > done && isAt(kSpace, previousCodePoint(text, found.begin))) {
        found.begin = previousCodePoint(text, found.begin);
    }
    while (found.token->rightStrip && found.end < text.size() && isAt(kSpace, found.end)) {
        found.end += codePointLength(text[found.end]);
    }
    return true;
}

} // namespace dskd::tokenizer
