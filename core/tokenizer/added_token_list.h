#pragma once

#include "core/tokenizer/steps/added_tokens.h"
#include "core/tokenizer/vocabulary.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dskd::tokenizer
{

// The added tokens of a tokenizer, numbered as the tokenizers library numbers them: by the vocabulary and the order in
// which they are added, whatever id their file gives them.
class AddedTokenList
{
public:
    using IdOf = std::function<std::optional<TokenId>(std::string_view piece)>;

    // `numPieces` of the vocabulary, which need not be its highest id plus one.
    AddedTokenList(std::int64_t numPieces, IdOf idInVocabulary)
        : m_numPieces(numPieces), m_idInVocabulary(std::move(idInVocabulary))
    {
    }

    // The token gets the id of the piece that is spelled like it, else the next free one. One that is there already
    // gets the new flags, but a special one stays special. Nothing where it has no content.
    void add(AddedToken token);
    // The same with an id of the vocabulary, whose piece is spelled otherwise until now.
    void rename(AddedToken token, TokenId id);

    // Of an added token or a piece.
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view content) const;
    // What the next token gets that nothing is spelled like.
    [[nodiscard]] TokenId nextId() const;
    [[nodiscard]] std::int64_t numPieces() const { return m_numPieces; }
    [[nodiscard]] const std::vector<AddedToken>& tokens() const { return m_tokens; }

private:
    std::int64_t m_numPieces;
    IdOf m_idInVocabulary;
    std::vector<AddedToken> m_tokens;
    std::unordered_map<std::string, std::size_t> m_places; // in m_tokens, by content
    std::int64_t m_highestId = -1;
};

// An empty list beside `vocabulary`, which must outlive it.
[[nodiscard]] AddedTokenList addedTokenList(const Vocabulary& vocabulary);

} // namespace dskd::tokenizer
