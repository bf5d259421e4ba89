#include "core/tokenizer/steps/pre_tokenizer.h"

#include "core/base/utf8.h"
#include "core/tokenizer/json_fields.h"
#include "core/tokenizer/steps/character_sets.h"
#include "core/tokenizer/steps/regex.h"

#include <optional>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

constexpr const char* kGpt2Pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

enum class Delimiter { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

std::optional<Delimiter> delimiterNamed(std::string_view name)
{
    constexpr std::pair<std::string_view, Delimiter> kNames[] = {
        {"Removed", Delimiter::Removed},
        {"Isolated", Delimiter::Isolated},
        {"MergedWithPrevious", Delimiter::MergedWithPrevious},
        {"MergedWithNext", Delimiter::MergedWithNext},
        {"Contiguous", Delimiter::Contiguous},
    };
    for (const auto& [known, delimiter] : kNames) {
        if (known == name) {
            return delimiter;
        }
    }
    return std::nullopt;
}

// Splits at the matches of an expression.
class Split final : public PreTokenizerStep
{
public:
    Split(Regex regex, Delimiter delimiter, bool invert)
        : m_regex(std::move(regex)), m_delimiter(delimiter), m_invert(invert)
    {
    }

    void apply(WordList& list, RegexMatcher& matcher) const override
    {
        list.previousWords.swap(list.words);
        list.words.clear();
        for (const TextRange& word : list.previousWords) {
            if (m_delimiter == Delimiter::Isolated) {
                splitIsolated(list, word, matcher);
            } else {
                splitMerging(list, word, matcher);
            }
        }
    }

private:
    // Calls visit(begin, end, isMatch) for every match and everything between, in order, without empty ranges.
    template <typename Visit>
    void forEachPart(std::string_view word, RegexMatcher& matcher, Visit visit) const
    {
        std::size_t done = 0;
        std::size_t from = 0;
        while (from < word.size()) {
            const auto match = matcher.find(m_regex, word, from);
            if (!match) {
                break;
            }
            if (done < match->begin) {
                visit(done, match->begin, m_invert);
            }
            if (match->begin < match->end) {
                visit(match->begin, match->end, !m_invert);
                from = match->end;
            } else {
                from = match->end < word.size() ? match->end + codePointLength(word[match->end]) : word.size();
            }
            done = match->end;
        }
        if (done < word.size()) {
            visit(done, word.size(), m_invert);
        }
    }

    void splitIsolated(WordList& list, const TextRange& word, RegexMatcher& matcher) const
    {
        const std::string_view text = list.text.text.substr(word.begin, word.end - word.begin);
        forEachPart(text, matcher, [&](std::size_t begin, std::size_t end, bool) {
            list.words.push_back({word.begin + begin, word.begin + end});
        });
    }

    void splitMerging(WordList& list, const TextRange& word, RegexMatcher& matcher) const
    {
        const std::string_view text = list.text.text.substr(word.begin, word.end - word.begin);
        std::vector<std::pair<TextRange, bool>> parts;
        forEachPart(text, matcher, [&](std::size_t begin, std::size_t end, bool isMatch) {
            parts.push_back({{word.begin + begin, word.begin + end}, isMatch});
        });
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto& [range, isMatch] = parts[i];
            bool join = false;
            switch (m_delimiter) {
            case Delimiter::Removed:
                if (isMatch) {
                    continue;
                }
                break;
            case Delimiter::Contiguous: join = i > 0 && parts[i - 1].second == isMatch; break;
            case Delimiter::MergedWithPrevious: join = i > 0 && isMatch && !parts[i - 1].second; break;
            case Delimiter::MergedWithNext: join = i > 0 && !isMatch && parts[i - 1].second; break;
            case Delimiter::Isolated: break;
            }
            if (join) {
                list.words.back().end = range.end;
            } else {
                list.words.push_back(range);
            }
        }
    }

    Regex m_regex;
    Delimiter m_delimiter;
    bool m_invert;
};

// Rewrites every word into one of the list's buffers.
template <typename Rewrite>
void rewriteWords(WordList& list, Rewrite rewrite)
{
    AlignedText& target = list.buffers[list.nextBuffer];
    list.nextBuffer = 1 - list.nextBuffer;
    target.start(list.text.text.size() + list.text.text.size() / 2 + 8, maxRewritten(list.text.text.size()));
    for (TextRange& word : list.words) {
        const std::size_t begin = target.size();
        rewrite(word, target);
        word = {begin, target.size()};
    }
    list.text = target.finish(list.text);
}

// ByteLevel's add_prefix_space.
class SpaceBefore final : public PreTokenizerStep
{
public:
    void apply(WordList& list, RegexMatcher&) const override
    {
        rewriteWords(list, [&](const TextRange& word, AlignedText& target) {
            if (list.text.text[word.begin] != ' ') {
                target.replace(list.text, word.begin, word.begin, " ");
            }
            target.keep(list.text, word.begin, word.end);
        });
    }
};

enum class PrependScheme { Always, First, Never };

class Metaspace final : public PreTokenizerStep
{
public:
    Metaspace(std::string replacement, PrependScheme scheme) : m_replacement(std::move(replacement)), m_scheme(scheme)
    {
    }

    void apply(WordList& list, RegexMatcher&) const override
    {
        rewriteWords(list, [&](const TextRange& word, AlignedText& target) {
            const std::string_view text = list.text.text.substr(0, word.end);
            const bool visible = text[word.begin] == ' ' || text.substr(word.begin).starts_with(m_replacement);
            const bool first = list.text.originAt(word.begin) == 0;
            if (!visible && (m_scheme == PrependScheme::Always || (m_scheme == PrependScheme::First && first))) {
                target.replace(list.text, word.begin, word.begin, m_replacement);
            }
            std::size_t done = word.begin;
            for (std::size_t space = text.find(' ', done); space != std::string_view::npos;
                 space = text.find(' ', done)) {
                target.keep(list.text, done, space);
                target.replace(list.text, space, space + 1, m_replacement);
                done = space + 1;
            }
            target.keep(list.text, done, word.end);
        });
    }

private:
    std::string m_replacement;
    PrependScheme m_scheme;
};

using Steps = std::vector<std::unique_ptr<const PreTokenizerStep>>;

Result<void> appendSplit(Result<Regex> regex, Delimiter delimiter, bool invert, Steps& steps)
{
    if (!regex) {
        return regex.failure();
    }
    steps.push_back(std::make_unique<Split>(std::move(*regex), delimiter, invert));
    return {};
}

// `text` as an expression that matches it literally.
std::string literalPattern(std::string_view text)
{
    std::string pattern;
    for (const char c : text) {
        if (std::string_view(R"(\^$.|?*+()[]{}-#)").find(c) != std::string_view::npos) {
            pattern += '\\';
        }
        pattern += c;
    }
    return pattern;
}

Result<void> appendSplitStep(const json& step, Steps& steps)
{
    const std::string behavior = textField(step, "behavior").value_or("");
    const auto delimiter = delimiterNamed(behavior);
    if (!delimiter) {
        return Failure{"The pre-tokenizer \"Split\" has the unknown behavior \"" + behavior + "\".", {}};
    }
    const json* field = findField(step, "pattern");
    const json pattern = field != nullptr ? *field : json();
    const auto literal = textField(pattern, "String");
    const auto expression = literal ? std::optional(literalPattern(*literal)) : textField(pattern, "Regex");
    if (!expression) {
        return Failure{"The pre-tokenizer \"Split\" has no pattern.", {}};
    }
    return appendSplit(Regex::compile(*expression), *delimiter, flagField(step, "invert", false), steps);
}

Result<void> appendMetaspace(const json& step, Steps& steps)
{
    const std::string replacement = textField(step, "replacement").value_or("\u2581");
    const bool prefix = flagField(step, "add_prefix_space", true);
    const std::string scheme = textField(step, "prepend_scheme").value_or(prefix ? "always" : "never");
    if (scheme != "always" && scheme != "first" && scheme != "never") {
        return Failure{"The pre-tokenizer \"Metaspace\" has the unknown prepend_scheme \"" + scheme + "\".", {}};
    }
    steps.push_back(std::make_unique<Metaspace>(replacement, scheme == "always"  ? PrependScheme::Always
                                                             : scheme == "first" ? PrependScheme::First
                                                                                 : PrependScheme::Never));
    if (flagField(step, "split", true)) {
        return appendSplit(Regex::compile(literalPattern(replacement)), Delimiter::MergedWithNext, false, steps);
    }
    return {};
}

Result<void> appendSteps(const json& step, Steps& steps, bool& byteLevel)
{
    const std::string type = textField(step, "type").value_or("");
    if (byteLevel) {
        return Failure{"A pre-tokenizer \"" + type + "\" after \"ByteLevel\" is not understood.", {}};
    }
    if (type == "Sequence") {
        for (const json& inner : listField(step, "pretokenizers")) {
            if (auto appended = appendSteps(inner, steps, byteLevel); !appended) {
                return appended;
            }
        }
        return {};
    }
    if (type == "Split") {
        return appendSplitStep(step, steps);
    }
    if (type == "ByteLevel") {
        byteLevel = true;
        if (flagField(step, "add_prefix_space", true)) {
            steps.push_back(std::make_unique<SpaceBefore>());
        }
        return flagField(step, "use_regex", true)
                   ? appendSplit(Regex::compile(kGpt2Pattern), Delimiter::Isolated, false, steps)
                   : Result<void>();
    }
    if (type == "Metaspace") {
        return appendMetaspace(step, steps);
    }
    if (type == "Digits") {
        const bool individual = flagField(step, "individual_digits", false);
        return appendSplit(Regex::compilePcre2(numericCharacter()),
                           individual ? Delimiter::Isolated : Delimiter::Contiguous, false, steps);
    }
    return Failure{"The pre-tokenizer \"" + type + "\" is not understood.",
                   "Known are Split, ByteLevel, Metaspace, Digits and Sequence."};
}

} // namespace

void PreTokenizer::apply(const TextView& text, WordList& list, RegexMatcher& matcher) const
{
    list.text = text;
    list.words.clear();
    if (!text.text.empty()) {
        list.words.push_back({0, text.text.size()});
    }
    for (const auto& step : m_steps) {
        step->apply(list, matcher);
    }
}

Result<PreTokenizer> parsePreTokenizer(const json& preTokenizer)
{
    Steps steps;
    bool byteLevel = false;
    if (!preTokenizer.is_null()) {
        if (auto appended = appendSteps(preTokenizer, steps, byteLevel); !appended) {
            return appended.failure();
        }
    }
    return PreTokenizer(std::move(steps), byteLevel);
}

} // namespace dskd::tokenizer
