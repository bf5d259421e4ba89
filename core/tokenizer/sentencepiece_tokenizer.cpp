#include "core/tokenizer/sentencepiece_tokenizer.h"

#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/tokenizer/folder_config.h"
#include "core/tokenizer/json_fields.h"
#include "core/tokenizer/side_files.h"
#include "core/tokenizer/steps/repaired_text.h"
#include "core/tokenizer/steps/visible_space.h"

#include <algorithm>
#include <exception>
#include <sentencepiece_processor.h>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

// What transformers gives its fast Llama tokenizers.
constexpr const char* kDecoder = R"({"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
    {"type": "ByteFallback"}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})";

std::optional<TokenId> existing(int id)
{
    return id < 0 ? std::nullopt : std::optional<TokenId>(id);
}

// Whether the processor has read a model with pieces. Its library reports damage as a status, but throws where its
// index of the pieces refuses one: of no characters, or one that begins with a zero byte.
bool loads(sentencepiece::SentencePieceProcessor& processor, const std::string& bytes)
{
    try {
        return processor.LoadFromSerializedProto({bytes.data(), bytes.size()}).ok() && processor.GetPieceSize() > 0;
    } catch (const std::exception&) {
        return false;
    }
}

} // namespace

SentencePieceTokenizer::SentencePieceTokenizer()
    : m_processor(std::make_unique<sentencepiece::SentencePieceProcessor>())
{
}
SentencePieceTokenizer::~SentencePieceTokenizer() = default;

Result<std::unique_ptr<Tokenizer>> SentencePieceTokenizer::load(const std::filesystem::path& folder)
{
    const std::filesystem::path path = folder / "tokenizer.model";
    const auto file = readTextFile(path);
    if (!file) {
        return file.failure();
    }
    std::unique_ptr<SentencePieceTokenizer> tokenizer(new SentencePieceTokenizer);
    if (!loads(*tokenizer->m_processor, *file)) {
        if (auto kind = wrongFileKind(path.string(), *file)) {
            return std::move(*kind);
        }
        return Failure{path.string() + " is no SentencePiece model.",
                       "The file may be cut off; copy or download it again."};
    }
    auto decoder = parseDecoder(json::parse(kDecoder));
    if (!decoder) {
        return decoder.failure();
    }
    tokenizer->m_decoder = std::move(*decoder);
    if (auto read = tokenizer->readAddedTokens(folder); !read) {
        return read.failure();
    }
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Result<void> SentencePieceTokenizer::readAddedTokens(const std::filesystem::path& folder)
{
    AddedTokenList list(m_processor->GetPieceSize(), [this](std::string_view piece) { return idOf(piece); });
    for (int id = 0; id < m_processor->GetPieceSize(); ++id) {
        if (m_processor->IsControl(id) || m_processor->IsUnknown(id)) {
            list.add({.content = m_processor->IdToPiece(id), .special = true});
        }
    }
    if (auto read = addSideTokens(folder, list, Placeholders::Renamed); !read) {
        return read.failure();
    }
    for (const AddedToken& token : list.tokens()) {
        m_added[token.id] = token;
    }
    std::vector<AddedTokenFinder::Pattern> patterns;
    for (const auto& [id, token] : m_added) {
        patterns.push_back({token.content, token});
    }
    auto finder = AddedTokenFinder::make(std::move(patterns));
    if (!finder) {
        return finder.failure();
    }
    m_finder = std::move(*finder);
    const auto config = readJsonFile(folder / "tokenizer_config.json");
    if (!config) {
        return config.failure();
    }
    m_addBos = flagField(*config, "add_bos_token", true);
    m_addEos = flagField(*config, "add_eos_token", false);
    const SpecialTokens ofModel{existing(m_processor->bos_id()), existing(m_processor->eos_id()),
                                existing(m_processor->unk_id()), existing(m_processor->pad_id())};
    auto special = readSpecialTokens(folder, ofModel, [&](std::string_view text) { return idOf(text); });
    if (!special) {
        return special.failure();
    }
    m_special = *special;
    return {};
}

Encoding SentencePieceTokenizer::encode(std::string_view text, bool addSpecial) const
{
    Encoding encoding;
    const auto addBeside = [&](bool wanted, std::optional<TokenId> id, std::uint32_t position) {
        if (addSpecial && wanted && id) {
            encoding.ids.push_back(*id);
            encoding.offsets.push_back({position, position});
        }
    };
    addBeside(m_addBos, m_special.bos, 0);
    AlignedText buffer;
    const TextView input = repairedText(text, buffer, encoding.replacedBytes);
    RegexMatcher matcher;
    const std::size_t firstOfText = encoding.ids.size();
    m_finder.forEachStretch(input.text, matcher, [&](const AddedTokenFinder::Stretch& stretch) {
        const auto begin = static_cast<std::uint32_t>(stretch.begin);
        if (stretch.token != nullptr) {
            encoding.ids.push_back(stretch.token->id);
            encoding.offsets.push_back({begin, static_cast<std::uint32_t>(stretch.end)});
        } else {
            encodeStretch(input.text.substr(stretch.begin, stretch.end - stretch.begin), begin, encoding);
        }
    });
    for (std::size_t i = firstOfText; i < encoding.offsets.size(); ++i) {
        encoding.offsets[i] = {input.originAt(encoding.offsets[i].begin), input.originAt(encoding.offsets[i].end)};
    }
    addBeside(m_addEos, m_special.eos, static_cast<std::uint32_t>(text.size()));
    return encoding;
}

void SentencePieceTokenizer::encodeStretch(std::string_view text, std::uint32_t base, Encoding& encoding) const
{
    const auto pieces = m_processor->EncodeAsImmutableProto({text.data(), text.size()});
    // The library gives a character that falls back to bytes to its last byte; the others wait here for theirs.
    std::uint32_t waiting = 0;
    for (std::size_t i = 0; i < pieces.pieces_size(); ++i) {
        const auto piece = pieces.pieces(static_cast<int>(i));
        encoding.ids.push_back(static_cast<TokenId>(piece.id()));
        encoding.offsets.push_back({base + piece.begin(), base + piece.end()});
        if (!m_processor->IsByte(static_cast<int>(piece.id()))) {
            waiting = 0;
        } else if (piece.begin() == piece.end()) {
            ++waiting;
        } else {
            for (std::uint32_t k = 0; k <= waiting; ++k) {
                const std::uint32_t begin = std::min(piece.begin() + k, piece.end());
                const std::uint32_t end = k == waiting ? piece.end() : std::min(begin + 1, piece.end());
                encoding.offsets[encoding.offsets.size() - 1 - waiting + k] = {base + begin, base + end};
            }
            waiting = 0;
        }
    }
}

std::string SentencePieceTokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const
{
    std::vector<std::string> tokens;
    for (const TokenId id : ids) {
        const std::string_view spelling = piece(id);
        if (!spelling.empty() && !(skipSpecial && isSpecial(id))) {
            tokens.emplace_back(spelling);
        }
    }
    return m_decoder.decode(std::move(tokens));
}

std::string_view SentencePieceTokenizer::piece(TokenId id) const
{
    if (const auto added = m_added.find(id); added != m_added.end()) {
        return added->second.content;
    }
    return id >= 0 && id < m_processor->GetPieceSize() ? std::string_view(m_processor->IdToPiece(id))
                                                       : std::string_view();
}

std::string SentencePieceTokenizer::bytes(TokenId id) const
{
    if (const auto added = m_added.find(id); added != m_added.end()) {
        return added->second.special ? std::string() : withPlainSpaces(added->second.content);
    }
    const std::string_view spelling = piece(id);
    if (!spelling.empty() && m_processor->IsByte(id)) {
        return std::string(1, static_cast<char>(fallbackByte(spelling)));
    }
    return withPlainSpaces(spelling);
}

std::optional<TokenId> SentencePieceTokenizer::idOf(std::string_view piece) const
{
    for (const auto& [id, token] : m_added) {
        if (token.content == piece) {
            return id;
        }
    }
    const int id = m_processor->PieceToId({piece.data(), piece.size()});
    return m_processor->IdToPiece(id) == piece ? std::optional<TokenId>(id) : std::nullopt;
}

bool SentencePieceTokenizer::isSpecial(TokenId id) const
{
    const auto added = m_added.find(id);
    return added != m_added.end() && added->second.special;
}

std::int64_t SentencePieceTokenizer::size() const
{
    std::int64_t size = m_processor->GetPieceSize();
    for (const auto& [id, token] : m_added) {
        size = std::max<std::int64_t>(size, id + std::int64_t{1});
    }
    return size;
}

} // namespace dskd::tokenizer
