#include "core/tokenizer/chat/chat_tokenizer.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

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
    if (!skipSpecial) {
        return m_tokenizer->decode(ids, false);
    }
    std::vector<TokenId> spoken;
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(spoken), [&](TokenId id) { return id != m_special.eos; });
    return m_tokenizer->decode(spoken, true);
}

} // namespace dskd::tokenizer
