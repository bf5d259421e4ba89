#include "core/tokenizer/steps/regex.h"

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace dskd::tokenizer
{
namespace
{

// Code points that Unicode 16 has in a general category and that older versions of PCRE2 do not know; ranges as
// they stand inside a character class. Harmless where PCRE2 knows them.
constexpr std::pair<std::string_view, std::string_view> kAdditions[] = {
#include "core/tokenizer/steps/unicode_additions.inc"
};

std::string_view additions(std::string_view category)
{
    for (const auto& [name, ranges] : kAdditions) {
        if (name == category) {
            return ranges;
        }
    }
    return {};
}

// The property White_Space. PCRE2's own \s has U+180E besides, which Unicode took out in version 6.3.
constexpr std::string_view kSpaces = R"(\p{Z}\t-\r\x{85})";
constexpr std::string_view kWordCharacters = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";

// What a class escape (\s, \W, \p{L}, \PN) holds: a list for a character class, and whether it is the complement.
struct ClassEscape {
    std::string members;
    bool complement = false;
    std::size_t length = 0; // of the escape in the pattern; 0: it is another escape
};

ClassEscape readClassEscape(std::string_view rest)
{
    const char letter = rest.size() > 1 ? rest[1] : '\0';
    if (letter == 's' || letter == 'S') {
        return {std::string(kSpaces), letter == 'S', 2};
    }
    if (letter == 'w' || letter == 'W') {
        return {std::string(kWordCharacters), letter == 'W', 2};
    }
    if (letter != 'p' && letter != 'P') {
        return {};
    }
    bool complement = letter == 'P';
    std::string_view name;
    std::size_t length = 3;
    if (rest.size() > 2 && rest[2] == '{') {
        const std::size_t close = rest.find('}');
        if (close == std::string_view::npos) {
            return {};
        }
        name = rest.substr(3, close - 3);
        length = close + 1;
        if (name.starts_with('^')) {
            complement = !complement;
            name.remove_prefix(1);
        }
    } else {
        name = rest.substr(2, 1);
    }
    return {"\\p{" + std::string(name) + "}" + std::string(additions(name)), complement, length};
}

} // namespace

std::string numericCharacter()
{
    return R"([\p{N})" + std::string(additions("RustNumeric")) + "]";
}

std::string wordCharacter()
{
    constexpr std::string_view kJoinControls = R"(\x{200C}\x{200D})";
    return "[" + std::string(kWordCharacters) + std::string(kJoinControls) + std::string(additions("RustWord")) + "]";
}

std::string translatePattern(std::string_view pattern)
{
    std::string result;
    bool insideClass = false;
    for (std::size_t i = 0; i < pattern.size();) {
        if (pattern[i] != '\\') {
            if (pattern[i] == '[') {
                insideClass = true;
            } else if (pattern[i] == ']') {
                insideClass = false;
            }
            result += pattern[i++];
            continue;
        }
        const ClassEscape escape = readClassEscape(pattern.substr(i));
        if (escape.length == 0 || (insideClass && escape.complement)) {
            const std::size_t length = escape.length == 0 ? 2 : escape.length;
            result += pattern.substr(i, length);
            i += length;
            continue;
        }
        if (insideClass) {
            result += escape.members;
        } else {
            result += (escape.complement ? "[^" : "[") + escape.members + "]";
        }
        i += escape.length;
    }
    return result;
}

void Regex::Free::operator()(pcre2_code* code) const
{
    pcre2_code_free(code);
}

Regex::Regex(pcre2_code* code) : m_code(code), m_compiledToMachineCode(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0)
{
}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern)
{
    const std::string translated = translatePattern(pattern);
    int error = 0;
    PCRE2_SIZE where = 0;
    // The reference's syntax lets ^ and $ match at every line.
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &error, &where, nullptr);
    if (code == nullptr) {
        std::array<PCRE2_UCHAR, 200> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        return Failure{"The regular expression \"" + std::string(pattern) +
                           "\" is not understood: " + reinterpret_cast<const char*>(message.data()) + ".",
                       {}};
    }
    return Regex(code);
}

void RegexMatcher::Free::operator()(pcre2_match_data* data) const
{
    pcre2_match_data_free(data);
}
void RegexMatcher::Free::operator()(pcre2_match_context* context) const
{
    pcre2_match_context_free(context);
}
void RegexMatcher::Free::operator()(pcre2_jit_stack* stack) const
{
    pcre2_jit_stack_free(stack);
}

RegexMatcher::RegexMatcher()
    : m_data(pcre2_match_data_create(1, nullptr)), m_context(pcre2_match_context_create(nullptr)),
      m_stack(pcre2_jit_stack_create(std::size_t{64} << 10, std::size_t{32} << 20, nullptr))
{
    constexpr std::uint32_t kNoLimit = 0xFFFFFFFF; // backtracking over a megabyte of spaces is slow, not wrong
    if (!m_data || !m_context || !m_stack) {
        throw Error("There is not enough memory for matching regular expressions.");
    }
    pcre2_set_match_limit(m_context.get(), kNoLimit);
    pcre2_set_depth_limit(m_context.get(), kNoLimit);
    pcre2_jit_stack_assign(m_context.get(), nullptr, m_stack.get());
}
RegexMatcher::~RegexMatcher() = default;

std::optional<RegexMatch> RegexMatcher::find(const Regex& regex, std::string_view text, std::size_t from)
{
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    int code = PCRE2_ERROR_JIT_STACKLIMIT;
    if (regex.m_compiledToMachineCode) {
        code = pcre2_jit_match(regex.m_code.get(), subject, text.size(), from, 0, m_data.get(), m_context.get());
    }
    if (code == PCRE2_ERROR_JIT_STACKLIMIT) {
        code = pcre2_match(regex.m_code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                           m_data.get(), m_context.get());
    }
    if (code == PCRE2_ERROR_NOMATCH) {
        return std::nullopt;
    }
    if (code < 0) {
        throw Error("Matching a regular expression of the tokenizer failed (PCRE2 error " + std::to_string(code) +
                    ").");
    }
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(m_data.get());
    return RegexMatch{range[0], range[1]};
}

} // namespace dskd::tokenizer
