#include "core/tokenizer/chat/jinja_reader.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace dskd::tokenizer::jinja
{
namespace
{

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
    bool m_stripsLeft = false;   // the tag before ended in "-"
    bool m_trimsNewline = false; // it was a statement or a comment
};

} // namespace

std::optional<Pieces> readTemplate(std::string_view jinja)
{
    return Reader(jinja).read();
}

} // namespace dskd::tokenizer::jinja
