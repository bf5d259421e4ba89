#include "core/score/exact_match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <pcre2.h>

namespace dskd::score
{
namespace
{

struct FreeCode {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};

// One "replace all" with Unicode's notion of letters and spaces. Immutable; any thread.
class Replacement
{
public:
    Replacement(const char* pattern, const char* replacement) : m_replacement(replacement)
    {
        int error = 0;
        PCRE2_SIZE position = 0;
        m_code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                                   PCRE2_UTF | PCRE2_UCP | PCRE2_DOTALL, &error, &position, nullptr));
        if (!m_code) {
            throw std::bad_alloc(); // the patterns are constants; nothing else can fail
        }
    }

    // Nothing when the text is not valid UTF-8.
    [[nodiscard]] std::optional<std::string> apply(const std::string& text) const
    {
        std::string result(text.size() + 64, '\0');
        for (;;) {
            PCRE2_SIZE size = result.size();
            const int count =
                pcre2_substitute(m_code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                                 PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_EXTENDED | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH,
                                 nullptr, nullptr, reinterpret_cast<PCRE2_SPTR>(m_replacement), PCRE2_ZERO_TERMINATED,
                                 reinterpret_cast<PCRE2_UCHAR*>(result.data()), &size);
            if (count >= 0) {
                result.resize(size);
                return result;
            }
            if (count != PCRE2_ERROR_NOMEMORY || size <= result.size()) {
                return std::nullopt;
            }
            result.resize(size);
        }
    }

private:
    std::unique_ptr<pcre2_code, FreeCode> m_code;
    const char* m_replacement;
};

bool isAsciiPunctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

std::string lowerAscii(std::string text)
{
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

std::string collapseAscii(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        const bool isSpace = c == ' ' || (c >= '\t' && c <= '\r');
        if (!isSpace) {
            result += c;
        } else if (!result.empty() && result.back() != ' ') {
            result += ' ';
        }
    }
    return result;
}
} // namespace

std::string normalisedAnswer(std::string_view text)
{
    static const Replacement kLowerCase("\\p{Lu}+|\\p{Lt}+", "\\L$0");
    static const Replacement kSpaces("[\\s\\x{1c}-\\x{1f}\\x{85}]+", " ");
    std::string kept(text);
    std::erase_if(kept, isAsciiPunctuation);
    const std::optional<std::string> lower = kLowerCase.apply(kept);
    const std::optional<std::string> collapsed = lower ? kSpaces.apply(*lower) : std::nullopt;
    std::string result = collapsed ? *collapsed : collapseAscii(lowerAscii(std::move(kept)));
    const std::size_t first = result.find_first_not_of(' ');
    if (first == std::string::npos) {
        return {};
    }
    return result.substr(first, result.find_last_not_of(' ') + 1 - first);
}

bool exactMatch(std::span<const std::string> references, std::string_view prediction)
{
    const std::string answer = normalisedAnswer(prediction);
    return std::any_of(references.begin(), references.end(),
                       [&](const std::string& reference) { return normalisedAnswer(reference) == answer; });
}

} // namespace dskd::score
