#include "core/tokenizer/chat/jinja_tokens.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace dskd::tokenizer::jinja
{
namespace
{

bool isWordCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

} // namespace

bool isOneOf(char c, std::string_view characters)
{
    return characters.find(c) != std::string_view::npos;
}

bool is(const Token& token, Token::Kind kind, std::string_view text)
{
    return token.kind == kind && token.text == text;
}

bool matches(const Tokens& tokens, std::size_t at, std::initializer_list<std::string_view> pattern)
{
    if (at + pattern.size() > tokens.size()) {
        return false;
    }
    return std::all_of(pattern.begin(), pattern.end(), [&](std::string_view part) {
        const Token& token = tokens[at++];
        return part == "$" ? token.kind == Token::Literal : token.kind != Token::Literal && token.text == part;
    });
}

std::optional<Token> literal(std::string_view code, std::size_t& at)
{
    const char quote = code[at++];
    Token token{Token::Literal, {}};
    for (; at < code.size() && code[at] != quote; ++at) {
        char c = code[at];
        if (c == '\\' && at + 1 < code.size()) {
            const char escaped = code[++at];
            c = escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
        }
        token.text += c;
    }
    if (at == code.size()) {
        return std::nullopt;
    }
    ++at;
    return token;
}

std::optional<Tokens> tokensOf(std::string_view code)
{
    Tokens tokens;
    for (std::size_t at = 0; at < code.size();) {
        const char c = code[at];
        if (isOneOf(c, kBlanks)) {
            ++at;
        } else if (c == '\'' || c == '"') {
            auto token = literal(code, at);
            if (!token) {
                return std::nullopt;
            }
            tokens.push_back(*std::move(token));
        } else if (isWordCharacter(c)) {
            const std::size_t begin = at;
            while (at < code.size() && isWordCharacter(code[at])) {
                ++at;
            }
            tokens.push_back({Token::Word, std::string(code.substr(begin, at - begin))});
        } else {
            const bool isPair = at + 1 < code.size() && code[at + 1] == '=' && isOneOf(c, "=!<>");
            tokens.push_back({Token::Sign, std::string(code.substr(at, isPair ? 2 : 1))});
            at += isPair ? 2 : 1;
        }
    }
    return tokens;
}

Tokens oneSpelling(const Tokens& tokens)
{
    Tokens result;
    for (std::size_t at = 0; at < tokens.size();) {
        if (matches(tokens, at, {"[", "$", "]"}) && !result.empty() && result.back().kind != Token::Literal) {
            result.push_back({Token::Sign, "."});
            result.push_back({Token::Word, tokens[at + 1].text});
            at += 3;
        } else if (matches(tokens, at, {"|", "trim"})) {
            for (const char* part : {".", "strip", "(", ")"}) {
                result.push_back({part[0] == 's' ? Token::Word : Token::Sign, part});
            }
            at += 2;
        } else if (matches(tokens, at, {"loop", ".", "index0", "==", "0"})) {
            for (const char* part : {"loop", ".", "first"}) {
                result.push_back({part[0] == '.' ? Token::Sign : Token::Word, part});
            }
            at += 5;
        } else {
            result.push_back(tokens[at++]);
        }
    }
    return result;
}

Tokens joined(const Tokens& tokens)
{
    Tokens result;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const bool follows = result.size() >= 2 && tokens[at].kind == Token::Literal &&
                             is(result.back(), Token::Sign, "+") && result[result.size() - 2].kind == Token::Literal;
        const bool bound =
            at + 1 < tokens.size() && (is(tokens[at + 1], Token::Sign, ".") || is(tokens[at + 1], Token::Sign, "["));
        if (follows && !bound) {
            result.pop_back();
            result.back().text += tokens[at].text;
        } else {
            result.push_back(tokens[at]);
        }
    }
    return result;
}

std::string spelled(const Tokens& tokens)
{
    std::string text;
    for (const Token& token : tokens) {
        if (token.kind == Token::Literal) {
            text += '\'';
            for (const char c : token.text) {
                text += c == '\n' ? "\\n" : c == '\'' ? "\\'" : c == '\\' ? "\\\\" : std::string(1, c);
            }
            text += '\'';
        } else {
            if (token.kind == Token::Word && !text.empty() && isWordCharacter(text.back())) {
                text += ' ';
            }
            text += token.text;
        }
    }
    return text;
}

} // namespace dskd::tokenizer::jinja
