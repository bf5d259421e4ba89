#include "core/tokenizer/chat/jinja_form.h"

#include "core/tokenizer/chat/jinja_reader.h"

#include <cstddef>
#include <optional>
#include <utility>

namespace dskd::tokenizer
{
namespace
{

using jinja::Piece;
using jinja::Pieces;
using jinja::Token;
using jinja::Tokens;

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
    auto read = jinja::readTemplate(jinja);
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
