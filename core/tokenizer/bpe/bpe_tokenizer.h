#pragma once

#include "core/tokenizer/bpe/bpe_model.h"
#include "core/tokenizer/steps/added_tokens.h"
#include "core/tokenizer/steps/decoder.h"
#include "core/tokenizer/steps/normalizer.h"
#include "core/tokenizer/steps/pre_tokenizer.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace dskd::tokenizer
{

// The parts of a tokenizer.json with a BPE model.
struct BpeParts {
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    BpeModel model;
    Decoder decoder;
    std::vector<AddedToken> addedTokens;
    std::vector<TokenId> idsBefore; // what the post-processor puts around a text
    std::vector<TokenId> idsAfter;
    SpecialTokens special;
};

// Byte-pair encoding as Hugging Face's tokenizers do it. Immutable after loading; any thread.
//
// Offsets: every token has the bytes of the input that it was made from. Bytes of a character that is split over
// several tokens go to the token that has them. What a normaliser inserts (the visible space before a Llama-2
// text) has an empty span; where it composes or replaces characters, the new bytes take the old ones one by one,
// the last one takes what is left over. The spans never overlap; those of a byte-level vocabulary cover the text.
class BpeTokenizer final : public Tokenizer
{
public:
    static Result<std::unique_ptr<Tokenizer>> make(BpeParts parts);
    ~BpeTokenizer() override;

    [[nodiscard]] Encoding encode(std::string_view text, bool addSpecial) const override;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skipSpecial) const override;
    [[nodiscard]] std::string_view piece(TokenId id) const override;
    [[nodiscard]] std::string bytes(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override;
    [[nodiscard]] bool isSpecial(TokenId id) const override;
    [[nodiscard]] std::int64_t size() const override { return m_size; }
    [[nodiscard]] const SpecialTokens& special() const override { return m_parts.special; }
    [[nodiscard]] std::string_view kind() const override;

private:
    struct Workspace;
    class Lease;

    explicit BpeTokenizer(BpeParts parts);
    Result<void> indexAddedTokens();
    void encodeStretch(const TextView& stretch, Workspace& workspace, Encoding& encoding) const;
    [[nodiscard]] std::string_view spellingForDecoding(TokenId id) const;
    [[nodiscard]] const AddedToken* addedToken(TokenId id) const;

    BpeParts m_parts;
    AddedTokenFinder m_finder;           // in the text as given
    AddedTokenFinder m_normalizedFinder; // in the normalised text
    std::unordered_map<TokenId, AddedToken> m_added;
    std::unordered_map<std::string, TokenId> m_addedIds;
    std::unordered_map<TokenId, std::string> m_normalizedContent; // where it differs from the content
    std::int64_t m_size = 0;

    // Workspaces that no call is using: each call takes one and gives it back with its word cache.
    mutable std::mutex m_poolMutex;
    mutable std::vector<std::unique_ptr<Workspace>> m_pool;
};

} // namespace dskd::tokenizer
