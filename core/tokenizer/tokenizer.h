#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::tokenizer
{

using TokenId = std::int32_t;

// Half-open range of bytes of the text that was encoded.
struct ByteSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const ByteSpan&) const = default;
};

struct Encoding {
    std::vector<TokenId> ids;
    std::vector<ByteSpan> offsets;   // one per id; special tokens that were added have an empty span
    std::uint32_t replacedBytes = 0; // invalid UTF-8 bytes of the input that were replaced by U+FFFD
};

struct SpecialTokens {
    std::optional<TokenId> bos;
    std::optional<TokenId> eos;
    std::optional<TokenId> unk;
    std::optional<TokenId> pad;
};

struct ChatTemplate;

// A tokenizer of a Hugging Face folder. Immutable after loading; any thread.
class Tokenizer
{
public:
    virtual ~Tokenizer() = default;

    // addSpecial: what the model's own post-processor adds (a leading <s> for Llama-2, nothing for GPT-2).
    // Special and added tokens that occur in the text are recognised, as Hugging Face's tokenizers do.
    [[nodiscard]] virtual Encoding encode(std::string_view text, bool addSpecial = false) const = 0;

    // As the reference's decode(ids, skip_special_tokens=..., clean_up_tokenization_spaces=False).
    [[nodiscard]] virtual std::string decode(std::span<const TokenId> ids, bool skipSpecial = false) const = 0;

    // The token as the vocabulary spells it ("Ġlike", "▁like", "<0x0A>"). Empty for ids that do not exist.
    [[nodiscard]] virtual std::string_view piece(TokenId id) const = 0;
    // The bytes of text that the token stands for inside a text ("Ġlike" -> " like", "<0x0A>" -> "\n"); empty for
    // control tokens such as <s>.
    [[nodiscard]] virtual std::string bytes(TokenId id) const = 0;
    [[nodiscard]] virtual std::optional<TokenId> idOf(std::string_view piece) const = 0;
    [[nodiscard]] virtual bool isSpecial(TokenId id) const = 0;

    // Number of ids including added tokens: the highest id plus one. A model's head may have more rows.
    [[nodiscard]] virtual std::int64_t size() const = 0;
    [[nodiscard]] virtual const SpecialTokens& special() const = 0;
    // "byte-level BPE", "SentencePiece BPE", ...: for people.
    [[nodiscard]] virtual std::string_view kind() const = 0;
    // How its prompts are written when they are conversations; null: they are plain texts.
    [[nodiscard]] virtual const ChatTemplate* chatTemplate() const { return nullptr; }
};

// Picks the implementation from what the folder holds: tokenizer.json, else tokenizer.model, else
// vocab.json + merges.txt. Fails naming the files that were looked for, or what in them is not understood.
Result<std::unique_ptr<Tokenizer>> loadTokenizer(const std::filesystem::path& folder);

// The files of `folder` that make up its tokenizer and that exist, for copying beside a model. With
// generation_config.json, which may be the only one to name the tokens that end an answer.
[[nodiscard]] std::vector<std::filesystem::path> tokenizerFiles(const std::filesystem::path& folder);

} // namespace dskd::tokenizer
