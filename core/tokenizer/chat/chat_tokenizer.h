#pragma once

#include "core/tokenizer/chat/chat_template.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>

namespace dskd::tokenizer
{

// A tokenizer of conversations: its prompts are written by a chat template, and what ends its answers (special().eos)
// is the template's end of turn, for training, alignment and generation alike. Otherwise it is the tokenizer that it
// was made from. Immutable; any thread.
class ChatTokenizer final : public Tokenizer
{
public:
    // REQUIRES: chatTemplate was made for this tokenizer.
    ChatTokenizer(std::unique_ptr<Tokenizer> tokenizer, ChatTemplate chatTemplate);

    [[nodiscard]] Encoding encode(std::string_view text, bool addSpecial) const override;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skipSpecial) const override;
    [[nodiscard]] std::string_view piece(TokenId id) const override { return m_tokenizer->piece(id); }
    [[nodiscard]] std::string bytes(TokenId id) const override
    {
        return id == m_special.eos ? std::string() : m_tokenizer->bytes(id);
    }
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override
    {
        return m_tokenizer->idOf(piece);
    }
    // The end of turn is, whatever its file says: no text of an answer's.
    [[nodiscard]] bool isSpecial(TokenId id) const override
    {
        return id == m_special.eos || m_tokenizer->isSpecial(id);
    }
    [[nodiscard]] std::int64_t size() const override { return m_tokenizer->size(); }
    [[nodiscard]] const SpecialTokens& special() const override { return m_special; }
    [[nodiscard]] std::string_view kind() const override { return m_tokenizer->kind(); }
    [[nodiscard]] const ChatTemplate* chatTemplate() const override { return &m_template; }

private:
    std::unique_ptr<Tokenizer> m_tokenizer;
    ChatTemplate m_template;
    SpecialTokens m_special;
};

} // namespace dskd::tokenizer
