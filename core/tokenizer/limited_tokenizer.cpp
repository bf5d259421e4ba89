#include "core/tokenizer/limited_tokenizer.h"

#include <string>
#include <utility>

namespace dskd::tokenizer
{
namespace
{

class LimitedTokenizer final : public Tokenizer
{
public:
    LimitedTokenizer(std::unique_ptr<Tokenizer> tokenizer, std::int64_t rows)
        : m_tokenizer(std::move(tokenizer)), m_rows(rows), m_special(m_tokenizer->special())
    {
        for (auto* id : {&m_special.bos, &m_special.unk, &m_special.pad}) {
            if (*id && !hasRow(**id)) {
                id->reset();
            }
        }
    }

    [[nodiscard]] Encoding encode(std::string_view text, bool addSpecial) const override
    {
        Encoding encoding = m_tokenizer->encode(text, addSpecial);
        for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
            if (!hasRow(encoding.ids[i])) {
                refuse(encoding.ids[i], encoding.offsets[i].begin);
            }
        }
        return encoding;
    }
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skipSpecial) const override
    {
        return m_tokenizer->decode(ids, skipSpecial);
    }
    [[nodiscard]] std::string_view piece(TokenId id) const override
    {
        return hasRow(id) ? m_tokenizer->piece(id) : std::string_view();
    }
    [[nodiscard]] std::string bytes(TokenId id) const override
    {
        return hasRow(id) ? m_tokenizer->bytes(id) : std::string();
    }
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override
    {
        const auto id = m_tokenizer->idOf(piece);
        return id && hasRow(*id) ? id : std::nullopt;
    }
    [[nodiscard]] bool isSpecial(TokenId id) const override { return m_tokenizer->isSpecial(id); }
    [[nodiscard]] std::int64_t size() const override { return m_rows; }
    [[nodiscard]] const SpecialTokens& special() const override { return m_special; }
    [[nodiscard]] std::string_view kind() const override { return m_tokenizer->kind(); }
    [[nodiscard]] const ChatTemplate* chatTemplate() const override { return m_tokenizer->chatTemplate(); }

private:
    [[nodiscard]] bool hasRow(TokenId id) const { return id < m_rows; }
    [[noreturn]] void refuse(TokenId id, std::uint32_t byte) const
    {
        throw Error("The text has the token \"" + std::string(m_tokenizer->piece(id)) + "\" (" + std::to_string(id) +
                        ") at byte " + std::to_string(byte + 1) + ", but the model's embedding has " +
                        std::to_string(m_rows) + " rows, none for this token.",
                    "Take it out of the text, or use the tokenizer that the model was trained with.");
    }

    std::unique_ptr<Tokenizer> m_tokenizer;
    std::int64_t m_rows;
    SpecialTokens m_special;
};

} // namespace

std::unique_ptr<Tokenizer> limitedToRows(std::unique_ptr<Tokenizer> tokenizer, std::int64_t rows)
{
    if (tokenizer->size() <= rows) {
        return tokenizer;
    }
    return std::make_unique<LimitedTokenizer>(std::move(tokenizer), rows);
}

} // namespace dskd::tokenizer
