#pragma once

#include "core/base/result.h"

#include <cstddef>
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
    // Fails quoting the pattern and what PCRE2 says about it.
    static Result<Regex> compile(std::string_view pattern);

    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

private:
    friend class RegexMatcher;
    struct Free {
        void operator()(pcre2_real_code_8* code) const;
    };
    explicit Regex(pcre2_real_code_8* code);

    std::unique_ptr<pcre2_real_code_8, Free> m_code;
    bool m_compiledToMachineCode = false;
};

struct RegexMatch {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The memory that matching needs; serves any number of expressions. One thread at a time.
class RegexMatcher
{
public:
    RegexMatcher();
    ~RegexMatcher();
    RegexMatcher(const RegexMatcher&) = delete;
    RegexMatcher& operator=(const RegexMatcher&) = delete;

    // The first match that starts at or after `from`. REQUIRES: text is valid UTF-8.
    [[nodiscard]] std::optional<RegexMatch> find(const Regex& regex, std::string_view text, std::size_t from);

private:
    struct Free {
        void operator()(pcre2_real_match_data_8* data) const;
        void operator()(pcre2_real_match_context_8* context) const;
        void operator()(pcre2_real_jit_stack_8* stack) const;
    };
    std::unique_ptr<pcre2_real_match_data_8, Free> m_data;
    std::unique_ptr<pcre2_real_match_context_8, Free> m_context;
    std::unique_ptr<pcre2_real_jit_stack_8, Free> m_stack;
};

// The pattern in PCRE2's words: \s, \w and the general categories are spelled out so that they hold the same
// characters as in the reference.
[[nodiscard]] std::string translatePattern(std::string_view pattern);

// Character classes of the programming language that the reference is written in, Rust, which are not those of its
// regular expressions: char::is_numeric, and the word characters of the regex crate.
[[nodiscard]] std::string numericCharacter();
[[nodiscard]] std::string wordCharacter();

} // namespace dskd::tokenizer
