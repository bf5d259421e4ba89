#pragma once

#include "core/tokenizer/steps/added_tokens.h"
#include "core/tokenizer/steps/decoder.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace sentencepiece
{
class SentencePieceProcessor;
}

namespace dskd::tokenizer
{

// A SentencePiece tokenizer.model (BPE or unigram), run by the sentencepiece library. Any thread.
//
// Every stretch of text between special tokens is encoded by itself, as the fast tokenizers of transformers do;
// decoding follows them too. Offsets are those of the library, with the bytes of a character that falls back to
// byte tokens given to them one by one.
class SentencePieceTokenizer final : public Tokenizer
{
public:
    // Reads tokenizer.model of the folder, its side files for added tokens (core/tokenizer/side_files.h), and
    // tokenizer_config.json for add_bos_token.
    static Result<std::unique_ptr<Tokenizer>> load(const std::filesystem::path& folder);
    ~SentencePieceTokenizer() override;

    [[nodiscard]] Encoding encode(std::string_view text, bool addSpecial) const override;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skipSpecial) const override;
    [[nodiscard]] std::string_view piece(TokenId id) const override;
    [[nodiscard]] std::string bytes(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override;
    [[nodiscard]] bool isSpecial(TokenId id) const override;
    [[nodiscard]] std::int64_t size() const override;
    [[nodiscard]] const SpecialTokens& special() const override { return m_special; }
    [[nodiscard]] std::string_view kind() const override { return "SentencePiece"; }

private:
    SentencePieceTokenizer();
    Result<void> readAddedTokens(const std::filesystem::path& folder);
    void encodeStretch(std::string_view text, std::uint32_t base, Encoding& encoding) const;

    std::unique_ptr<sentencepiece::SentencePieceProcessor> m_processor;
    AddedTokenFinder m_finder;
    Decoder m_decoder;
    std::unordered_map<TokenId, AddedToken> m_added;
    SpecialTokens m_special;
    bool m_addBos = true;
    bool m_addEos = false;
};

} // namespace dskd::tokenizer
