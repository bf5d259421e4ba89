#include "core/tokenizer/chat_tokenizer.h"

#include <utility>

namespace dskd::tokenizer
{

ChatTokenizer::ChatTokenizer(std::unique_ptr<Tokenizer> tokenizer, ChatTemplate chatTemplate)
    : m_tokenizer(std::move(tokenizer)), m_template(std::move(chatTemplate)), m_special(m_tokenizer->special())
{
    if (const std::string_view end = m_template.endOfTurn(); !end.empty()) {
        m_special.eos = m_tokenizer->idOf(end);
    }
}

Encoding ChatTokenizer::encode(std::string_view text, bool addSpecial) const
{
    return m_tokenizer->encode(text, addSpecial);
}

std::string ChatTokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const
{
    return m_tokenizer->decode(ids, skipSpecial);
}

} // namespace dskd::tokenizer
