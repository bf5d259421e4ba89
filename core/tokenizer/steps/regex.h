#pragma once

#include "core/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
struct pcre2_real_jit_stack_8;

namespace dskd::tokenizer
{

// A regular expression as tokenizer.json files write them, with the meaning it has for the reference (Oniguruma,
// Unicode 16), executed by PCRE2. Immutable; any thread.
class Regex
{
public:
    enum class Search { Onward, OnlyWhereItBegins };

    // Fails quoting the pattern and what it has that is not supported (core/tokenizer/steps/regex_syntax.h).
    static Result<Regex> compile(std::string_view pattern);
    // A pattern in PCRE2's own words.
    static Result<Regex> compilePcre2(std::string_view pattern, Search search = Search::Onward);

    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

private:
    friend class RegexMatcher;
    struct Free {
        void operator()(pcre2_real_code_8* code) const;
    };
    Regex(pcre2_real_code_8* code, std::string_view pattern);
    static Result<Regex> compileTranslated(std::string_view pattern, std::string_view translated,
                                           std::uint32_t options);

    std::string m_pattern; // for failures
    std::unique_ptr<pcre2_real_code_8, Free> m_code;
    bool m_compiledToMachineCode = false;
    bool m_anchored = false; // matches nowhere if not where the search begins
};

struct RegexMatch {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The memory that matching needs; serves any number of expressions. One thread at a time.
//
// Work is bounded: a search throws Error naming the expression when it needs more than kMaxSteps backtracking steps at
// one place of the text, or when the searches since startText take longer than the limit.
class RegexMatcher
{
public:
    static constexpr std::uint32_t kMaxSteps = 10'000'000; // Oniguruma's own limit

    explicit RegexMatcher(std::chrono::milliseconds timeLimit = std::chrono::seconds(20));
    ~RegexMatcher();
    RegexMatcher(const RegexMatcher&) = delete;
    RegexMatcher& operator=(const RegexMatcher&) = delete;

    // The searches from here on are in another text.
    void startText() { m_start = std::chrono::steady_clock::now(); }
    // The first match that starts at or after `from`. REQUIRES: text is valid UTF-8.
    [[nodiscard]] std::optional<RegexMatch> find(const Regex& regex, std::string_view text, std::size_t from);

private:
    struct Free {
        void operator()(pcre2_real_match_data_8* data) const;
        void operator()(pcre2_real_match_context_8* context) const;
        void operator()(pcre2_real_jit_stack_8* stack) const;
    };
    // PCRE2's return code; matches start at `limit` or before.
    int match(const Regex& regex, std::string_view text, std::size_t from, std::size_t limit);
    void checkTime(const Regex& regex, std::string_view text) const;

    std::chrono::milliseconds m_timeLimit;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    unsigned m_numSearches = 0;
    std::unique_ptr<pcre2_real_match_data_8, Free> m_data;
    std::unique_ptr<pcre2_real_match_context_8, Free> m_context;
    std::unique_ptr<pcre2_real_jit_stack_8, Free> m_stack;
};

} // namespace dskd::tokenizer
