#pragma once

#include "core/base/result.h"
#include "core/tokenizer/steps/regex.h"
#include "core/tokenizer/tokenizer.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dskd::tokenizer
{

// A token that is recognised in the text before anything else is done with it.
struct AddedToken {
    TokenId id = 0;
    std::string content;
    bool special = false;    // left out by decode(..., skipSpecial)
    bool leftStrip = false;  // swallows the white space before it
    bool rightStrip = false; // swallows the white space after it
    bool singleWord = false; // only where no word character is beside it
    bool normalized = false; // looked for in the normalised text
};

// Finds added tokens in a text: of those that start leftmost the longest. Immutable; any thread.
class AddedTokenFinder
{
public:
    // What to look for, and the token that it is.
    struct Pattern {
        std::string text;
        AddedToken token;
    };

    // A stretch of the text: an added token, or (token null) what lies between.
    struct Stretch {
        std::size_t begin = 0;
        std::size_t end = 0;
        const AddedToken* token = nullptr;
    };

    AddedTokenFinder() = default;
    // Of equal patterns the last one counts.
    static Result<AddedTokenFinder> make(std::vector<Pattern> patterns);

    [[nodiscard]] bool empty() const { return m_patterns.empty(); }

    // Calls visit(Stretch) for all stretches of the text, in order, without empty ones.
    template <typename Visit>
    void forEachStretch(std::string_view text, RegexMatcher& matcher, Visit visit) const
    {
        std::size_t done = 0;
        std::size_t from = 0;
        while (const auto hit = findNext(text, from)) {
            from = hit->end;
            Stretch found{hit->begin, hit->end, hit->token};
            if (!accept(text, done, found, matcher)) {
                continue;
            }
            if (done < found.begin) {
                visit(Stretch{done, found.begin, nullptr});
            }
            visit(found);
            done = found.end;
            from = std::max(from, done);
        }
        if (done < text.size()) {
            visit(Stretch{done, text.size(), nullptr});
        }
    }

private:
    struct Node {
        std::unordered_map<unsigned char, std::uint32_t> children;
        std::int32_t pattern = -1;
    };

    [[nodiscard]] std::optional<Stretch> findNext(std::string_view text, std::size_t from) const;
    // Applies single_word, lstrip and rstrip; false: the hit does not count.
    [[nodiscard]] bool accept(std::string_view text, std::size_t done, Stretch& found, RegexMatcher& matcher) const;

    std::vector<Pattern> m_patterns;
    std::vector<Node> m_nodes;
    std::array<bool, 256> m_startsPattern{};
    std::vector<Regex> m_expressions; // white space at the start, at the end; a word character at the start
};

} // namespace dskd::tokenizer
