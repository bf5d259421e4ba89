#include "core/tokenizer/bpe/bpe_model.h"

#include "core/base/utf8.h"
#include "core/tokenizer/steps/byte_alphabet.h"
#include "core/tokenizer/steps/visible_space.h"

#include <algorithm>
#include <functional>
#include <string>

namespace dskd::tokenizer
{
namespace
{

// Up to this many symbols a scan for the lowest rank beats a queue.
constexpr std::size_t kShortWord = 32;

std::string fallbackPiece(unsigned byte)
{
    constexpr char kDigits[] = "0123456789ABCDEF";
    return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

Vocabulary spelledBytes(const Vocabulary& vocabulary)
{
    std::vector<std::string> bytes;
    bytes.reserve(static_cast<std::size_t>(vocabulary.size()));
    for (TokenId id = 0; id < vocabulary.size(); ++id) {
        bytes.push_back(bytesOfSpelling(vocabulary.piece(id)).value_or(""));
    }
    return Vocabulary(std::vector<std::string_view>(bytes.begin(), bytes.end()));
}

} // namespace

BpeModel::BpeModel(Vocabulary vocabulary, MergeTable merges, Options options)
    : m_vocabulary(std::move(vocabulary)), m_merges(std::move(merges)), m_options(options)
{
    if (m_options.byteLevel) {
        m_byteVocabulary = spelledBytes(m_vocabulary);
    }
    m_hasAllFallbackBytes = m_options.byteFallback;
    for (unsigned byte = 0; byte < 256; ++byte) {
        std::string character;
        appendCodePoint(character, m_options.byteLevel ? characterOfByte(static_cast<unsigned char>(byte)) : byte);
        m_idOfByte[byte] = m_vocabulary.idOf(character);
        m_fallbackIdOfByte[byte] = m_vocabulary.idOf(fallbackPiece(byte));
    }
    for (TokenId id = 0; id < m_vocabulary.size(); ++id) {
        const std::string_view piece = m_vocabulary.piece(id);
        if (!piece.empty() && codePointLength(piece.front()) == piece.size()) {
            m_idOfCodePoint[firstCodePoint(piece)] = m_vocabulary.idOf(piece);
        }
    }
    m_cutAtSpaces = wordsCanBeCutAtSpaces();
}

// Without a pre-tokenizer a whole text is one word. Where no token has a visible space after another character,
// no merge reaches across such a place, and the parts can be encoded (and remembered) one by one.
bool BpeModel::wordsCanBeCutAtSpaces() const
{
    if (m_options.byteLevel || m_options.ignoreMerges || m_vocabulary.idOf(kVisibleSpace) == Vocabulary::kMissing) {
        return false;
    }
    return std::none_of(m_merges.slots().begin(), m_merges.slots().end(), [&](const MergeTable::Entry& entry) {
        if (entry.rank == MergeTable::kNoRank) {
            return false;
        }
        std::string_view piece = m_vocabulary.piece(entry.merged);
        while (piece.starts_with(kVisibleSpace)) {
            piece.remove_prefix(kVisibleSpace.size());
        }
        return piece.find(kVisibleSpace) != std::string_view::npos;
    });
}

void BpeModel::encodeWord(const TextView& word, Workspace& workspace, Encoding& encoding) const
{
    if (!m_cutAtSpaces) {
        appendSegment(word, workspace, encoding);
        return;
    }
    std::size_t begin = 0;
    while (begin < word.text.size()) {
        std::size_t end = begin;
        while (word.text.substr(end).starts_with(kVisibleSpace)) {
            end += kVisibleSpace.size();
        }
        end = std::min(word.text.find(kVisibleSpace, end), word.text.size());
        appendSegment(word.slice(begin, end), workspace, encoding);
        begin = end;
    }
}

void BpeModel::appendSegment(const TextView& word, Workspace& workspace, Encoding& encoding) const
{
    const auto append = [&](TokenId id, std::size_t begin, std::size_t end) {
        encoding.ids.push_back(id);
        encoding.offsets.push_back({word.originAt(begin), word.originAt(end)});
    };
    if (const WordCache::Word* known = workspace.cache.find(word.text)) {
        std::size_t begin = 0;
        for (std::size_t i = 0; i < known->numTokens; ++i) {
            append(known->ids[i], begin, begin + known->lengths[i]);
            begin += known->lengths[i];
        }
        return;
    }
    std::vector<Symbol>& symbols = workspace.symbols;
    symbols.clear();
    const TokenId whole = !m_options.ignoreMerges ? Vocabulary::kMissing
                          : m_options.byteLevel   ? m_byteVocabulary.idOf(word.text)
                                                  : m_vocabulary.idOf(word.text);
    bool complete = true;
    if (whole != Vocabulary::kMissing) {
        symbols.push_back({whole, 0, static_cast<std::uint32_t>(word.text.size()), -1, -1});
    } else {
        complete = initialSymbols(word.text, symbols);
        if (symbols.size() <= kShortWord) {
            mergeShort(workspace);
        } else {
            mergeLong(workspace);
        }
    }
    for (const Symbol& symbol : symbols) {
        append(symbol.id, symbol.begin, symbol.begin + symbol.length);
    }
    if (WordCache::Word* place = complete ? workspace.cache.place(word.text, symbols.size()) : nullptr) {
        for (std::size_t i = 0; i < symbols.size(); ++i) {
            place->ids[i] = symbols[i].id;
            place->lengths[i] = static_cast<std::uint8_t>(symbols[i].length);
        }
    }
}

TokenId BpeModel::idOfCharacter(std::string_view character) const
{
    if (m_options.byteLevel || character.size() == 1) {
        return m_idOfByte[static_cast<unsigned char>(character.front())];
    }
    const auto known = m_idOfCodePoint.find(firstCodePoint(character));
    return known == m_idOfCodePoint.end() ? Vocabulary::kMissing : known->second;
}

bool BpeModel::initialSymbols(std::string_view word, std::vector<Symbol>& symbols) const
{
    bool complete = true;
    std::optional<Symbol> pendingUnknown;
    for (std::size_t i = 0; i < word.size();) {
        const std::size_t length = m_options.byteLevel ? 1 : codePointLength(word[i]);
        const std::string_view character = word.substr(i, length);
        const auto begin = static_cast<std::uint32_t>(i);
        const TokenId id = idOfCharacter(character);
        if (id != Vocabulary::kMissing) {
            if (pendingUnknown) {
                symbols.push_back(*pendingUnknown);
                pendingUnknown.reset();
            }
            symbols.push_back({id, begin, static_cast<std::uint32_t>(length), -1, -1});
        } else {
            std::string spelled;
            if (m_options.byteLevel) {
                appendCodePoint(spelled, characterOfByte(static_cast<unsigned char>(character.front())));
            }
            appendUnlisted(m_options.byteLevel ? spelled : character, begin, static_cast<std::uint32_t>(length),
                           pendingUnknown, symbols);
            complete = false;
        }
        i += length;
    }
    if (pendingUnknown) {
        symbols.push_back(*pendingUnknown);
    }
    return complete;
}

// A character that is no token. As in the reference, an unknown token is held back until the next known one.
void BpeModel::appendUnlisted(std::string_view character, std::uint32_t begin, std::uint32_t length,
                              std::optional<Symbol>& pendingUnknown, std::vector<Symbol>& symbols) const
{
    const auto fallbackOf = [&](char byte) { return m_fallbackIdOfByte[static_cast<unsigned char>(byte)]; };
    if (m_options.byteFallback &&
        std::all_of(character.begin(), character.end(), [&](char byte) { return fallbackOf(byte) >= 0; })) {
        for (std::uint32_t i = 0; i < character.size(); ++i) {
            const std::uint32_t first = std::min(i, length);
            symbols.push_back({fallbackOf(character[i]), begin + first, std::min(i + 1, length) - first, -1, -1});
        }
        return;
    }
    if (!m_options.unknown) {
        return;
    }
    if (pendingUnknown && m_options.fuseUnknown) {
        pendingUnknown->length = begin + length - pendingUnknown->begin;
        return;
    }
    if (pendingUnknown) {
        symbols.push_back(*pendingUnknown);
    }
    pendingUnknown = Symbol{*m_options.unknown, begin, length, -1, -1};
}

void BpeModel::mergeShort(Workspace& workspace) const
{
    std::vector<Symbol>& symbols = workspace.symbols;
    std::size_t count = symbols.size();
    if (count < 2) {
        return;
    }
    std::array<MergeTable::Entry, kShortWord> pairs; // pairs[i]: symbols i and i + 1
    for (std::size_t i = 0; i + 1 < count; ++i) {
        pairs[i] = m_merges.find(symbols[i].id, symbols[i + 1].id);
    }
    while (count > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i + 1 < count; ++i) {
            if (pairs[i].rank < pairs[best].rank) {
                best = i;
            }
        }
        if (pairs[best].rank == MergeTable::kNoRank) {
            break;
        }
        symbols[best].id = pairs[best].merged;
        symbols[best].length = symbols[best + 1].begin + symbols[best + 1].length - symbols[best].begin;
        for (std::size_t i = best + 1; i + 1 < count; ++i) {
            symbols[i] = symbols[i + 1];
            pairs[i - 1] = pairs[i];
        }
        --count;
        if (best + 1 < count) {
            pairs[best] = m_merges.find(symbols[best].id, symbols[best + 1].id);
        }
        if (best > 0) {
            pairs[best - 1] = m_merges.find(symbols[best - 1].id, symbols[best].id);
        }
    }
    symbols.resize(count);
}

// A linked list and a queue of (rank, position): n log n. Queue entries whose pair has changed since are skipped.
void BpeModel::mergeLong(Workspace& workspace) const
{
    std::vector<Symbol>& symbols = workspace.symbols;
    std::vector<std::uint32_t>& ranks = workspace.ranks; // of each symbol with its right neighbour
    std::vector<std::uint64_t>& queue = workspace.queue;
    const auto count = static_cast<std::int32_t>(symbols.size());
    ranks.assign(symbols.size(), MergeTable::kNoRank);
    queue.clear();
    const auto rate = [&](std::int32_t position) {
        const Symbol& symbol = symbols[static_cast<std::size_t>(position)];
        std::uint32_t& rank = ranks[static_cast<std::size_t>(position)];
        rank = symbol.next < 0 ? MergeTable::kNoRank
                               : m_merges.find(symbol.id, symbols[static_cast<std::size_t>(symbol.next)].id).rank;
        return rank != MergeTable::kNoRank;
    };
    const auto entryOf = [&](std::int32_t position) {
        return std::uint64_t{ranks[static_cast<std::size_t>(position)]} << 32 | static_cast<std::uint32_t>(position);
    };
    for (std::int32_t i = 0; i < count; ++i) {
        symbols[static_cast<std::size_t>(i)].previous = i - 1;
        symbols[static_cast<std::size_t>(i)].next = i + 1 < count ? i + 1 : -1;
    }
    for (std::int32_t i = 0; i < count; ++i) {
        if (rate(i)) {
            queue.push_back(entryOf(i));
        }
    }
    std::make_heap(queue.begin(), queue.end(), std::greater<>());
    const auto enqueue = [&](std::int32_t position) {
        if (position >= 0 && rate(position)) {
            queue.push_back(entryOf(position));
            std::push_heap(queue.begin(), queue.end(), std::greater<>());
        }
    };
    while (!queue.empty()) {
        std::pop_heap(queue.begin(), queue.end(), std::greater<>());
        const std::uint64_t entry = queue.back();
        queue.pop_back();
        const auto position = static_cast<std::size_t>(entry & 0xFFFFFFFF);
        if (ranks[position] != entry >> 32) {
            continue;
        }
        Symbol& left = symbols[position];
        const auto nextPosition = static_cast<std::size_t>(left.next);
        const Symbol& right = symbols[nextPosition];
        left.id = m_merges.find(left.id, right.id).merged;
        left.length = right.begin + right.length - left.begin;
        left.next = right.next;
        ranks[nextPosition] = MergeTable::kNoRank;
        if (left.next >= 0) {
            symbols[static_cast<std::size_t>(left.next)].previous = static_cast<std::int32_t>(position);
        }
        enqueue(static_cast<std::int32_t>(position));
        enqueue(left.previous);
    }
    std::size_t kept = 0;
    for (std::int32_t i = 0; i >= 0;) {
        const Symbol symbol = symbols[static_cast<std::size_t>(i)];
        symbols[kept++] = symbol;
        i = symbol.next;
    }
    symbols.resize(kept);
}

} // namespace dskd::tokenizer
