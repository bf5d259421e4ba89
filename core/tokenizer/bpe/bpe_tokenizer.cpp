#include "core/tokenizer/bpe/bpe_tokenizer.h"

#include "core/base/utf8.h"
#include "core/tokenizer/steps/byte_alphabet.h"
#include "core/tokenizer/steps/repaired_text.h"
#include "core/tokenizer/steps/visible_space.h"

#include <algorithm>

namespace dskd::tokenizer
{
struct BpeTokenizer::Workspace {
    RegexMatcher matcher;
    AlignedText repaired;
    Normalizer::Buffers normalized;
    WordList words;
    BpeModel::Workspace model;
};

// A workspace for the duration of one call.
class BpeTokenizer::Lease
{
public:
    explicit Lease(const BpeTokenizer& owner) : m_owner(owner)
    {
        {
            const std::lock_guard lock(owner.m_poolMutex);
            if (!owner.m_pool.empty()) {
                m_workspace = std::move(owner.m_pool.back());
                owner.m_pool.pop_back();
            }
        }
        if (!m_workspace) {
            m_workspace = std::make_unique<Workspace>();
        }
    }
    ~Lease()
    {
        const std::lock_guard lock(m_owner.m_poolMutex);
        m_owner.m_pool.push_back(std::move(m_workspace));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Workspace& operator*() const { return *m_workspace; }

private:
    const BpeTokenizer& m_owner;
    std::unique_ptr<Workspace> m_workspace;
};

BpeTokenizer::BpeTokenizer(BpeParts parts) : m_parts(std::move(parts)) {}
BpeTokenizer::~BpeTokenizer() = default;

Result<std::unique_ptr<Tokenizer>> BpeTokenizer::make(BpeParts parts)
{
    std::unique_ptr<BpeTokenizer> tokenizer(new BpeTokenizer(std::move(parts)));
    if (auto indexed = tokenizer->indexAddedTokens(); !indexed) {
        return indexed.failure();
    }
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Result<void> BpeTokenizer::indexAddedTokens()
{
    Workspace workspace;
    std::vector<AddedTokenFinder::Pattern> plain;
    std::vector<AddedTokenFinder::Pattern> normalized;
    m_size = m_parts.model.vocabulary().size();
    for (const AddedToken& token : m_parts.addedTokens) {
        if (token.normalized) {
            const TextView content =
                m_parts.normalizer.apply({token.content, nullptr, 0}, workspace.normalized, workspace.matcher);
            if (content.text != token.content) {
                m_normalizedContent[token.id] = std::string(content.text);
            }
            normalized.push_back({std::string(content.text), token});
        } else {
            plain.push_back({token.content, token});
        }
        m_added[token.id] = token;
        m_addedIds[token.content] = token.id;
        m_size = std::max<std::int64_t>(m_size, token.id + std::int64_t{1});
    }
    for (const std::vector<TokenId>* around : {&m_parts.idsBefore, &m_parts.idsAfter}) {
        for (const TokenId id : *around) {
            if (id >= m_size) {
                return Failure{"The post-processor puts token " + std::to_string(id) +
                                   " around texts, but no token has an id above " + std::to_string(m_size - 1) + ".",
                               "Download or export the tokenizer again."};
            }
        }
    }
    auto finder = AddedTokenFinder::make(std::move(plain));
    if (!finder) {
        return finder.failure();
    }
    auto normalizedFinder = AddedTokenFinder::make(std::move(normalized));
    if (!normalizedFinder) {
        return normalizedFinder.failure();
    }
    m_finder = std::move(*finder);
    m_normalizedFinder = std::move(*normalizedFinder);
    return {};
}

Encoding BpeTokenizer::encode(std::string_view text, bool addSpecial) const
{
    const Lease lease(*this);
    Workspace& workspace = *lease;
    workspace.matcher.startText();
    Encoding encoding;
    encoding.ids.reserve(text.size() / 3 + 8);
    encoding.offsets.reserve(text.size() / 3 + 8);
    if (addSpecial) {
        encoding.ids = m_parts.idsBefore;
        encoding.offsets.resize(encoding.ids.size());
    }
    const TextView input = repairedText(text, workspace.repaired, encoding.replacedBytes);
    m_finder.forEachStretch(input.text, workspace.matcher, [&](const AddedTokenFinder::Stretch& stretch) {
        if (stretch.token != nullptr) {
            encoding.ids.push_back(stretch.token->id);
            encoding.offsets.push_back({input.originAt(stretch.begin), input.originAt(stretch.end)});
        } else {
            encodeStretch(input.slice(stretch.begin, stretch.end), workspace, encoding);
        }
    });
    if (addSpecial) {
        const auto end = static_cast<std::uint32_t>(text.size());
        encoding.ids.insert(encoding.ids.end(), m_parts.idsAfter.begin(), m_parts.idsAfter.end());
        encoding.offsets.resize(encoding.ids.size(), ByteSpan{end, end});
    }
    return encoding;
}

void BpeTokenizer::encodeStretch(const TextView& stretch, Workspace& workspace, Encoding& encoding) const
{
    const TextView normalized = m_parts.normalizer.apply(stretch, workspace.normalized, workspace.matcher);
    m_normalizedFinder.forEachStretch(normalized.text, workspace.matcher, [&](const AddedTokenFinder::Stretch& part) {
        if (part.token != nullptr) {
            encoding.ids.push_back(part.token->id);
            encoding.offsets.push_back({normalized.originAt(part.begin), normalized.originAt(part.end)});
            return;
        }
        WordList& list = workspace.words;
        m_parts.preTokenizer.apply(normalized.slice(part.begin, part.end), list, workspace.matcher);
        for (const TextRange& word : list.words) {
            m_parts.model.encodeWord(list.text.slice(word.begin, word.end), workspace.model, encoding);
        }
    });
}

std::string BpeTokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const
{
    const auto forEachSpelling = [&](auto visit) {
        for (const TokenId id : ids) {
            const std::string_view spelling = spellingForDecoding(id);
            if (!spelling.empty() && !(skipSpecial && isSpecial(id))) {
                visit(spelling);
            }
        }
    };
    if (m_parts.decoder.kind() == Decoder::Kind::ByteLevel) {
        std::string text;
        forEachSpelling([&](std::string_view spelling) {
            if (const auto spelled = bytesOfSpelling(spelling)) {
                text += *spelled;
            } else {
                text += spelling;
            }
        });
        return isValidUtf8(text) ? text : replaceInvalidUtf8(text);
    }
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    forEachSpelling([&](std::string_view spelling) { tokens.emplace_back(spelling); });
    return m_parts.decoder.decode(std::move(tokens));
}

const AddedToken* BpeTokenizer::addedToken(TokenId id) const
{
    const auto found = m_added.find(id);
    return found == m_added.end() ? nullptr : &found->second;
}

std::string_view BpeTokenizer::spellingForDecoding(TokenId id) const
{
    const auto normalized = m_normalizedContent.find(id);
    return normalized == m_normalizedContent.end() ? piece(id) : std::string_view(normalized->second);
}

std::string_view BpeTokenizer::piece(TokenId id) const
{
    const AddedToken* added = addedToken(id);
    return added != nullptr ? std::string_view(added->content) : m_parts.model.vocabulary().piece(id);
}

std::string BpeTokenizer::bytes(TokenId id) const
{
    if (const AddedToken* added = addedToken(id)) {
        if (added->special) {
            return {};
        }
        // Gemma's runs of spaces are added tokens, spelled as its decoder reads them.
        return m_parts.model.options().byteLevel ? added->content : withPlainSpaces(added->content);
    }
    const std::string_view spelling = m_parts.model.vocabulary().piece(id);
    if (m_parts.model.options().byteLevel) {
        return bytesOfSpelling(spelling).value_or(std::string(spelling));
    }
    if (const int byte = m_parts.model.options().byteFallback ? fallbackByte(spelling) : -1; byte >= 0) {
        return std::string(1, static_cast<char>(byte));
    }
    return withPlainSpaces(spelling);
}

std::optional<TokenId> BpeTokenizer::idOf(std::string_view piece) const
{
    if (const auto added = m_addedIds.find(std::string(piece)); added != m_addedIds.end()) {
        return added->second;
    }
    const TokenId id = m_parts.model.vocabulary().idOf(piece);
    return id == Vocabulary::kMissing ? std::nullopt : std::optional(id);
}

bool BpeTokenizer::isSpecial(TokenId id) const
{
    const AddedToken* added = addedToken(id);
    return added != nullptr && added->special;
}

std::string_view BpeTokenizer::kind() const
{
    return m_parts.model.options().byteLevel ? "byte-level BPE" : "SentencePiece BPE";
}

} // namespace dskd::tokenizer
