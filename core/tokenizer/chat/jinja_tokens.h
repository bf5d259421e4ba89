#pragma once

// The words of the code in a template's tags.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::tokenizer::jinja
{

inline constexpr std::string_view kBlanks = " \t\r\n";

struct Token {
    enum Kind { Word, Literal, Sign } kind = Sign;
    std::string text; // of a literal: what it stands for
};
using Tokens = std::vector<Token>;

[[nodiscard]] bool isOneOf(char c, std::string_view characters);
[[nodiscard]] bool is(const Token& token, Token::Kind kind, std::string_view text);
// Whether `tokens` has `pattern` at `at`: words and signs as text; "$" is any literal.
[[nodiscard]] bool matches(const Tokens& tokens, std::size_t at, std::initializer_list<std::string_view> pattern);

// The literal that starts at `at`, which moves behind it; nothing when it does not close.
[[nodiscard]] std::optional<Token> literal(std::string_view code, std::size_t& at);
// Nothing when a literal does not close.
[[nodiscard]] std::optional<Tokens> tokensOf(std::string_view code);
// One spelling for what can be spelled in several ways.
[[nodiscard]] Tokens oneSpelling(const Tokens& tokens);
// 'a' + 'b' is 'ab'. Only where nothing that binds more tightly stands behind.
[[nodiscard]] Tokens joined(const Tokens& tokens);
[[nodiscard]] std::string spelled(const Tokens& tokens);

} // namespace dskd::tokenizer::jinja
