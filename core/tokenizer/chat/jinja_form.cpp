#include "core/tokenizer/chat/jinja_form.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::tokenizer
{
namespace
{

constexpr std::string_view kBlanks = " \t\r\n";

struct Token {
    enum Kind { Word, Literal, Sign } kind = Sign;
    std::string text; // of a literal: what it stands for
};
using Tokens = std::vector<Token>;

// A tag of the template, or (Output of one literal) the text between two.
struct Piece {
    enum Kind { Output, Statement } kind = Output;
    Tokens tokens;
};
using Pieces = std::vector<Piece>;

bool isOneOf(char c, std::string_view characters)
{
    return characters.find(c) != std::string_view::npos;
}

bool isWordCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is(const Token& token, Token::Kind kind, std::string_view text)
{
    return token.kind == kind && token.text == text;
}

// Whether `tokens` has `pattern` at `at`: words and signs as text; "$" is any literal.
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

// The literal that starts at `at`, which moves behind it; nothing when it does not close.
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

// One spelling for what can be spelled in several ways.
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

// 'a' + 'b' is 'ab'. Only where nothing that binds more tightly stands behind.
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

// Reads a template as transformers' Jinja does.
class Reader
{
public:
    explicit Reader(std::string_view jinja) : m_rest(jinja)
    {
        if (m_rest.ends_with('\n')) { // keep_trailing_newline is off
            m_rest.remove_suffix(1);
        }
    }

    std::optional<Pieces> read()
    {
        while (!m_rest.empty()) {
            const std::size_t open = nextTag();
            addText(m_rest.substr(0, open), open);
            m_rest.remove_prefix(open);
            if (!m_rest.empty() && !addTag()) {
                return std::nullopt;
            }
        }
        return std::move(m_pieces);
    }

private:
    [[nodiscard]] std::size_t nextTag() const
    {
        for (std::size_t at = 0; at + 1 < m_rest.size(); ++at) {
            if (m_rest[at] == '{' && isOneOf(m_rest[at + 1], "{%#")) {
                return at;
            }
        }
        return m_rest.size();
    }

    // The text before the tag at `open`, as far as it would be written.
    void addText(std::string_view text, std::size_t open)
    {
        bool atLineStart = !m_anyTag;
        if (m_stripsLeft) {
            text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
        } else if (m_trimsNewline && text.starts_with('\n')) {
            text.remove_prefix(1);
            atLineStart = true;
        }
        const std::string_view tag = m_rest.substr(open);
        const char sign = tag.size() > 2 ? tag[2] : ' ';
        if (!tag.empty() && sign == '-') {
            text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
        } else if (!tag.empty() && tag[1] != '{' && sign != '+') { // lstrip_blocks
            const std::size_t line = text.rfind('\n') + 1;         // 0 without one
            if ((line > 0 || atLineStart) && text.find_first_not_of(kBlanks, line) == std::string_view::npos) {
                text = text.substr(0, line);
            }
        }
        if (!text.empty()) {
            m_pieces.push_back({Piece::Output, {{Token::Literal, std::string(text)}}});
        }
    }

    // The tag that m_rest starts with.
    bool addTag()
    {
        m_anyTag = true;
        const char kind = m_rest[1];
        const std::string close = kind == '{' ? "}}" : std::string(1, kind) + "}";
        std::size_t end = 2;
        while (end < m_rest.size() && !m_rest.substr(end).starts_with(close)) {
            if (kind != '#' && (m_rest[end] == '\'' || m_rest[end] == '"')) {
                if (!literal(m_rest, end)) {
                    return false;
                }
            } else {
                ++end;
            }
        }
        if (end >= m_rest.size()) {
            return false;
        }
        std::string_view code = m_rest.substr(2, end - 2);
        m_rest.remove_prefix(end + 2);
        m_stripsLeft = code.ends_with('-');
        m_trimsNewline = kind != '{' && !code.ends_with('+');
        if (kind == '#') {
            return true;
        }
        code.remove_prefix(code.starts_with('-') || code.starts_with('+') ? 1 : 0);
        code.remove_suffix(code.ends_with('-') || code.ends_with('+') ? 1 : 0);
        const auto tokens = tokensOf(code);
        if (tokens) {
            m_pieces.push_back({kind == '{' ? Piece::Output : Piece::Statement, oneSpelling(*tokens)});
        }
        return tokens.has_value();
    }

    std::string_view m_rest;
    Pieces m_pieces;
    bool m_anyTag = false;
    bool m_stripsLeft = false;   // the tag before said "-"
    bool m_trimsNewline = false; // it was a statement or a comment
};

// Leaves out the branches that no record of ours takes.
class Pruner
{
public:
    explicit Pruner(Pieces pieces) : m_pieces(std::move(pieces)) {}

    std::optional<Pieces> prune()
    {
        Pieces result = block();
        return m_at == m_pieces.size() && m_closed ? std::optional(std::move(result)) : std::nullopt;
    }

private:
    [[nodiscard]] bool startsWith(std::string_view word) const
    {
        return m_at < m_pieces.size() && m_pieces[m_at].kind == Piece::Statement && !m_pieces[m_at].tokens.empty() &&
               is(m_pieces[m_at].tokens.front(), Token::Word, word);
    }

    // Up to the statement that ends it, which is not read.
    Pieces block()
    {
        constexpr int kDeepest = 64; // published templates nest less than ten
        Pieces result;
        if (m_depth >= kDeepest) {
            m_closed = false; // not readable
            m_at = m_pieces.size();
            return result;
        }
        ++m_depth;
        while (m_at < m_pieces.size() && !startsWith("endif") && !startsWith("else") && !startsWith("elif") &&
               !startsWith("endfor")) {
            if (startsWith("if")) {
                Pieces chosen = choice();
                result.insert(result.end(), chosen.begin(), chosen.end());
            } else if (startsWith("for")) {
                result.push_back(m_pieces[m_at++]);
                Pieces body = block();
                result.insert(result.end(), body.begin(), body.end());
                m_closed = m_closed && startsWith("endfor");
                if (startsWith("endfor")) {
                    result.push_back(m_pieces[m_at++]);
                }
            } else {
                result.push_back(m_pieces[m_at++]);
            }
        }
        --m_depth;
        return result;
    }

    Pieces choice()
    {
        Pieces result;
        bool assistantsDone = false;
        while (startsWith("if") || startsWith("elif") || startsWith("else")) {
            Piece head = m_pieces[m_at++];
            const bool isElse = is(head.tokens.front(), Token::Word, "else");
            const bool possible = isElse || happens(head.tokens, assistantsDone);
            Pieces body = block();
            if (!possible) {
                continue;
            }
            if (isElse && result.empty()) { // nothing else is left: it always happens
                result = std::move(body);
                m_closed = m_closed && startsWith("endif");
                m_at += startsWith("endif") ? 1 : 0;
                return result;
            }
            if (!isElse) {
                head.tokens.front().text = result.empty() ? "if" : "elif";
            }
            result.push_back(std::move(head));
            result.insert(result.end(), body.begin(), body.end());
        }
        m_closed = m_closed && startsWith("endif");
        if (startsWith("endif") && !result.empty()) {
            result.push_back(m_pieces[m_at]);
        }
        m_at += startsWith("endif") ? 1 : 0;
        return result;
    }

    // Whether a condition can hold. What it says about tool calls is left out of it.
    static bool happens(Tokens& tokens, bool& assistantsDone)
    {
        for (std::size_t at = 0; at < tokens.size(); ++at) {
            if (matches(tokens, at, {"and", "not", "message", ".", "tool_calls"})) {
                tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(at),
                             tokens.begin() + static_cast<std::ptrdiff_t>(at) + 5);
                assistantsDone = true; // an assistant's message went this way
            }
        }
        const std::string condition = spelled(Tokens(tokens.begin() + 1, tokens.end()));
        for (const std::string_view never :
             {"tools", "tools is defined", "documents", "message.tool_calls", "message.role=='tool'",
              "(message.role=='tool')",
              "message.reasoning_content is defined and message.reasoning_content is not none",
              "message.reasoning_content is string"}) {
            if (condition == never) {
                return false;
            }
        }
        return !(assistantsDone && condition == "message.role=='assistant'");
    }

    Pieces m_pieces;
    std::size_t m_at = 0;
    bool m_closed = true; // so far
    int m_depth = 0;
};

} // namespace

std::string jinjaForm(std::string_view jinja)
{
    auto read = Reader(jinja).read();
    if (!read) {
        return {};
    }
    const auto pieces = Pruner(*std::move(read)).prune();
    if (!pieces) {
        return {};
    }
    std::string form;
    Tokens output;
    const auto flush = [&] {
        if (!output.empty()) {
            form += "{{" + spelled(joined(output)) + "}}";
            output.clear();
        }
    };
    for (const Piece& piece : *pieces) {
        if (piece.kind == Piece::Statement) {
            flush();
            form += "{%" + spelled(joined(piece.tokens)) + "%}";
        } else {
            if (!output.empty()) {
                output.push_back({Token::Sign, "+"});
            }
            output.insert(output.end(), piece.tokens.begin(), piece.tokens.end());
        }
    }
    flush();
    return form;
}

} // namespace dskd::tokenizer
