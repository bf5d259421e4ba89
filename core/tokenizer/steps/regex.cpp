#include "core/tokenizer/steps/regex.h"

#include "core/base/result.h"
#include "core/tokenizer/steps/regex_syntax.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace dskd::tokenizer
{
namespace
{

// Between two looks at the clock: places at which a search begins, and searches.
constexpr std::size_t kPlacesAtATime = 128;
constexpr unsigned kSearchesAtATime = 8;
constexpr std::uint32_t kMaxHeapKiB = std::uint32_t{1} << 20;

} // namespace

void Regex::Free::operator()(pcre2_code* code) const
{
    pcre2_code_free(code);
}

Regex::Regex(pcre2_code* code, std::string_view pattern)
    : m_pattern(pattern), m_code(code), m_compiledToMachineCode(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0)
{
    std::uint32_t options = 0;
    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
    m_anchored = (options & PCRE2_ANCHORED) != 0;
}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern)
{
    const auto translated = translatePattern(pattern);
    // The reference's syntax lets ^ and $ match at every line.
    return translated ? compileTranslated(pattern, *translated, PCRE2_MULTILINE) : translated.failure();
}

Result<Regex> Regex::compilePcre2(std::string_view pattern, Search search)
{
    return compileTranslated(pattern, pattern, search == Search::Onward ? 0 : PCRE2_ANCHORED);
}

Result<Regex> Regex::compileTranslated(std::string_view pattern, std::string_view translated, std::uint32_t options)
{
    int error = 0;
    PCRE2_SIZE where = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_USE_OFFSET_LIMIT | options, &error, &where, nullptr);
    if (code == nullptr) {
        std::array<PCRE2_UCHAR, 200> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        return Failure{"The regular expression \"" + std::string(pattern) +
                           "\" is not understood: " + reinterpret_cast<const char*>(message.data()) + ".",
                       {}};
    }
    return Regex(code, pattern);
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

RegexMatcher::RegexMatcher(std::chrono::milliseconds timeLimit)
    : m_timeLimit(timeLimit), m_data(pcre2_match_data_create(1, nullptr)),
      m_context(pcre2_match_context_create(nullptr)),
      m_stack(pcre2_jit_stack_create(std::size_t{64} << 10, std::size_t{32} << 20, nullptr))
{
    if (!m_data || !m_context || !m_stack) {
        throw Error("There is not enough memory for matching regular expressions.");
    }
    pcre2_set_match_limit(m_context.get(), kMaxSteps);
    pcre2_set_depth_limit(m_context.get(), kMaxSteps);
    pcre2_set_heap_limit(m_context.get(), kMaxHeapKiB);
    pcre2_jit_stack_assign(m_context.get(), nullptr, m_stack.get());
}
RegexMatcher::~RegexMatcher() = default;

std::optional<RegexMatch> RegexMatcher::find(const Regex& regex, std::string_view text, std::size_t from)
{
    if (++m_numSearches % kSearchesAtATime == 0) {
        checkTime(regex, text);
    }
    for (std::size_t begin = from;;) {
        const std::size_t limit = std::min(begin + kPlacesAtATime, text.size());
        const int code = match(regex, text, begin, limit);
        if (code == PCRE2_ERROR_NOMATCH) {
            if (regex.m_anchored || limit == text.size()) {
                return std::nullopt;
            }
            checkTime(regex, text);
            begin = limit + 1;
            while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) {
                ++begin;
            }
            continue;
        }
        if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT) {
            throw Error("The regular expression \"" + regex.m_pattern + "\" of the tokenizer needs more than " +
                            std::to_string(kMaxSteps) + " steps at one place of a text of " +
                            std::to_string(text.size()) + " bytes.",
                        "Take the text out, or split it.");
        }
        if (code < 0) {
            throw Error("Matching a regular expression of the tokenizer failed (PCRE2 error " + std::to_string(code) +
                        ").");
        }
        const PCRE2_SIZE* range = pcre2_get_ovector_pointer(m_data.get());
        return RegexMatch{range[0], range[1]};
    }
}

int RegexMatcher::match(const Regex& regex, std::string_view text, std::size_t from, std::size_t limit)
{
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    pcre2_set_offset_limit(m_context.get(), limit);
    int code = PCRE2_ERROR_JIT_STACKLIMIT;
    if (regex.m_compiledToMachineCode) {
        code = pcre2_jit_match(regex.m_code.get(), subject, text.size(), from, 0, m_data.get(), m_context.get());
    }
    if (code == PCRE2_ERROR_JIT_STACKLIMIT) {
        code = pcre2_match(regex.m_code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                           m_data.get(), m_context.get());
    }
    return code;
}

void RegexMatcher::checkTime(const Regex& regex, std::string_view text) const
{
    if (std::chrono::steady_clock::now() - m_start > m_timeLimit) {
        throw Error("The regular expressions of the tokenizer, of which \"" + regex.m_pattern +
                        "\" is one, take longer than " + std::to_string(m_timeLimit.count()) + " ms for a text of " +
                        std::to_string(text.size()) + " bytes.",
                    "Take the text out, or split it.");
    }
}

} // namespace dskd::tokenizer
