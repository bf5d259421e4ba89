#include "core/tokenizer/added_token_list.h"

#include <algorithm>

namespace dskd::tokenizer
{

void AddedTokenList::add(AddedToken token)
{
    if (!token.content.empty()) {
        const TokenId id = idOf(token.content).value_or(nextId());
        rename(std::move(token), id);
    }
}

void AddedTokenList::rename(AddedToken token, TokenId id)
{
    token.id = id;
    m_highestId = std::max<std::int64_t>(m_highestId, id);
    const auto [place, fresh] = m_places.try_emplace(token.content, m_tokens.size());
    if (fresh) {
        m_tokens.push_back(std::move(token));
        return;
    }
    AddedToken& known = m_tokens[place->second];
    token.special |= known.special;
    known = std::move(token);
}

std::optional<TokenId> AddedTokenList::idOf(std::string_view content) const
{
    const auto added = m_places.find(std::string(content));
    return added == m_places.end() ? m_idInVocabulary(content) : std::optional(m_tokens[added->second].id);
}

TokenId AddedTokenList::nextId() const
{
    return static_cast<TokenId>(std::max(m_numPieces, m_highestId + 1));
}

AddedTokenList addedTokenList(const Vocabulary& vocabulary)
{
    return {vocabulary.numPieces(), [&vocabulary](std::string_view piece) -> std::optional<TokenId> {
                const TokenId id = vocabulary.idOf(piece);
                return id == Vocabulary::kMissing ? std::nullopt : std::optional(id);
            }};
}

} // namespace dskd::tokenizer
