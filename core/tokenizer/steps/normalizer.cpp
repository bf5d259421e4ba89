#include "core/tokenizer/steps/normalizer.h"

#include "core/base/utf8.h"
#include "core/tokenizer/json_fields.h"
#include "core/tokenizer/steps/regex.h"
#include "core/tokenizer/steps/replace_step.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

struct Mark {
    char32_t character;
    std::uint8_t combiningClass;
};

// NFC and its kin, restricted to the characters of Unicode 9: the reference's tables are of that version, and to
// it everything newer is an unassigned code point that normalisation leaves alone.
class UnicodeForm final : public NormalizerStep
{
public:
    UnicodeForm(const icu::Normalizer2& form, const icu::UnicodeSet& known, bool composesOnly)
        : m_form(form, known), m_composesOnly(composesOnly)
    {
    }

    [[nodiscard]] bool changes(std::string_view text) const override
    {
        // Below U+0300 nothing combines; below U+0080 nothing decomposes either.
        const unsigned char limit = m_composesOnly ? 0xCC : 0x80;
        return std::any_of(text.begin(), text.end(), [&](char c) { return static_cast<unsigned char>(c) >= limit; });
    }

    void apply(const TextView& unordered, AlignedText& target, RegexMatcher&) const override
    {
        AlignedText buffer;
        const TextView source = withOrderedMarks(unordered, buffer);
        std::string normalized;
        icu::StringByteSink<std::string> sink(&normalized, static_cast<std::int32_t>(source.text.size()));
        icu::Edits edits;
        UErrorCode error = U_ZERO_ERROR;
        m_form.normalizeUTF8(0, icu::StringPiece(source.text.data(), static_cast<std::int32_t>(source.text.size())),
                             sink, &edits, error);
        if (U_FAILURE(error)) {
            throw Error(std::string("Normalising a text failed: ") + u_errorName(error) + ".");
        }
        auto span = edits.getFineIterator();
        while (span.next(error)) {
            const auto begin = static_cast<std::size_t>(span.sourceIndex());
            const std::size_t end = begin + static_cast<std::size_t>(span.oldLength());
            if (span.hasChange()) {
                target.replace(source, begin, end,
                               std::string_view(normalized)
                                   .substr(static_cast<std::size_t>(span.destinationIndex()),
                                           static_cast<std::size_t>(span.newLength())));
            } else {
                target.keep(source, begin, end);
            }
        }
    }

private:
    // ICU puts the combining marks of a run in order by insertion, which takes a minute for a megabyte. Long runs are
    // put in order before, which changes no result.
    TextView withOrderedMarks(const TextView& source, AlignedText& buffer) const
    {
        constexpr std::size_t kLongRun = 64; // marks
        std::vector<Mark> run;
        std::size_t runBegin = 0;
        std::size_t done = 0;
        for (std::size_t i = 0; i <= source.text.size();) {
            const std::size_t numBefore = run.size();
            std::size_t next = i + 1;
            if (i < source.text.size()) {
                next = i + codePointLength(source.text[i]);
                appendMarks(firstCodePoint(source.text.substr(i)), run);
            }
            if (numBefore == 0) {
                runBegin = i;
            }
            if (run.size() == numBefore) { // no mark: the run ends before it
                if (numBefore >= kLongRun) {
                    if (done == 0) {
                        buffer.start(source.text.size() + 8);
                    }
                    buffer.keep(source, done, runBegin);
                    buffer.replace(source, runBegin, i, orderedText(run));
                    done = i;
                }
                run.clear();
            }
            i = next;
        }
        if (done == 0) {
            return source;
        }
        buffer.keep(source, done, source.text.size());
        return buffer.finish(source);
    }

    // Of a combining mark, or of one of the three characters that only decompose to marks.
    void appendMarks(char32_t c, std::vector<Mark>& run) const
    {
        constexpr std::array<std::array<char32_t, 3>, 3> kPairs = {
            {{0x0F73, 0x0F71, 0x0F72}, {0x0F75, 0x0F71, 0x0F74}, {0x0F81, 0x0F71, 0x0F80}}};
        for (const auto& [whole, first, second] : kPairs) {
            if (c == whole) {
                appendMarks(first, run);
                appendMarks(second, run);
                return;
            }
        }
        if (const std::uint8_t combiningClass = m_form.getCombiningClass(static_cast<UChar32>(c))) {
            run.push_back({c, combiningClass});
        }
    }

    static std::string orderedText(std::vector<Mark>& run)
    {
        std::stable_sort(run.begin(), run.end(),
                         [](const Mark& a, const Mark& b) { return a.combiningClass < b.combiningClass; });
        std::string text;
        for (const Mark& mark : run) {
            appendCodePoint(text, mark.character);
        }
        return text;
    }

    icu::FilteredNormalizer2 m_form;
    bool m_composesOnly;
};

class Prepend final : public NormalizerStep
{
public:
    explicit Prepend(std::string prefix) : m_prefix(std::move(prefix)) {}
    [[nodiscard]] bool changes(std::string_view text) const override { return !text.empty(); }
    void apply(const TextView& source, AlignedText& target, RegexMatcher&) const override
    {
        target.replace(source, 0, 0, m_prefix);
        target.keep(source, 0, source.text.size());
    }

private:
    std::string m_prefix;
};

class ReplaceString final : public NormalizerStep
{
public:
    ReplaceString(std::string pattern, std::string content)
        : m_pattern(std::move(pattern)), m_content(std::move(content))
    {
    }
    [[nodiscard]] bool changes(std::string_view text) const override
    {
        return text.find(m_pattern) != std::string_view::npos;
    }
    void apply(const TextView& source, AlignedText& target, RegexMatcher&) const override
    {
        std::size_t done = 0;
        for (std::size_t hit = source.text.find(m_pattern); hit != std::string_view::npos;
             hit = source.text.find(m_pattern, done)) {
            target.keep(source, done, hit);
            target.replace(source, hit, hit + m_pattern.size(), m_content);
            done = hit + m_pattern.size();
        }
        target.keep(source, done, source.text.size());
    }

private:
    std::string m_pattern;
    std::string m_content;
};

class ReplaceRegex final : public NormalizerStep
{
public:
    ReplaceRegex(Regex regex, std::string content) : m_regex(std::move(regex)), m_content(std::move(content)) {}
    [[nodiscard]] bool changes(std::string_view text) const override { return !text.empty(); }
    void apply(const TextView& source, AlignedText& target, RegexMatcher& matcher) const override
    {
        std::size_t done = 0;
        std::size_t from = 0;
        while (from <= source.text.size()) {
            const auto match = matcher.find(m_regex, source.text, from);
            if (!match) {
                break;
            }
            target.keep(source, done, match->begin);
            target.replace(source, match->begin, match->end, m_content);
            done = match->end;
            from = match->end;
            if (match->begin == match->end) { // an empty match: step over one character
                from += from < source.text.size() ? codePointLength(source.text[from]) : 1;
            }
        }
        target.keep(source, done, source.text.size());
    }

private:
    Regex m_regex;
    std::string m_content;
};

struct NamedForm {
    std::string_view name;
    const icu::Normalizer2* (*instance)(UErrorCode&);
    bool composesOnly;
};

constexpr NamedForm kForms[] = {{"NFC", icu::Normalizer2::getNFCInstance, true},
                                {"NFD", icu::Normalizer2::getNFDInstance, false},
                                {"NFKC", icu::Normalizer2::getNFKCInstance, false},
                                {"NFKD", icu::Normalizer2::getNFKDInstance, false}};

using Steps = std::vector<std::unique_ptr<const NormalizerStep>>;

Result<void> appendForm(const NamedForm& form, Steps& steps)
{
    UErrorCode error = U_ZERO_ERROR;
    static const icu::UnicodeSet known = [] {
        UErrorCode failed = U_ZERO_ERROR;
        icu::UnicodeSet set(icu::UnicodeString("[:age=9.0:]"), failed);
        set.freeze();
        return set;
    }();
    const icu::Normalizer2* instance = form.instance(error);
    if (U_FAILURE(error) || known.isEmpty()) {
        return Failure{std::string("ICU has no data for ") + std::string(form.name) + ": " + u_errorName(error) + ".",
                       "Install the package libicu72 again."};
    }
    steps.push_back(std::make_unique<UnicodeForm>(*instance, known, form.composesOnly));
    return {};
}

Result<void> appendSteps(const json& step, Steps& steps)
{
    const std::string type = textField(step, "type").value_or("");
    if (type == "Sequence") {
        for (const json& inner : listField(step, "normalizers")) {
            if (auto appended = appendSteps(inner, steps); !appended) {
                return appended;
            }
        }
        return {};
    }
    for (const NamedForm& form : kForms) {
        if (form.name == type) {
            return appendForm(form, steps);
        }
    }
    if (type == "Prepend") {
        steps.push_back(std::make_unique<Prepend>(textField(step, "prepend").value_or("")));
        return {};
    }
    if (type == "Replace") {
        return appendReplace<ReplaceString, ReplaceRegex>("normalizer", step, steps);
    }
    return Failure{"The normalizer \"" + type + "\" is not understood.",
                   "Known are NFC, NFD, NFKC, NFKD, Prepend, Replace and Sequence."};
}

} // namespace

TextView Normalizer::apply(TextView text, Buffers& buffers, RegexMatcher& matcher) const
{
    const std::size_t maxSize = maxRewritten(text.text.size());
    std::size_t next = 0;
    for (const auto& step : m_steps) {
        if (step->changes(text.text)) {
            AlignedText& target = buffers.text[next];
            target.start(text.text.size() + text.text.size() / 2 + 8, maxSize);
            step->apply(text, target, matcher);
            text = target.finish(text);
            next = 1 - next;
        }
    }
    return text;
}

Result<Normalizer> parseNormalizer(const json& normalizer)
{
    Steps steps;
    if (!normalizer.is_null()) {
        if (auto appended = appendSteps(normalizer, steps); !appended) {
            return appended.failure();
        }
    }
    return Normalizer(std::move(steps));
}

} // namespace dskd::tokenizer
