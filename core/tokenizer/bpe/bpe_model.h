#pragma once

#include "core/tokenizer/bpe/merge_table.h"
#include "core/tokenizer/bpe/word_cache.h"
#include "core/tokenizer/steps/aligned_text.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary.h"

#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dskd::tokenizer
{

// Byte-pair encoding of words: the symbols of a word are joined pair by pair, the pair of the lowest rank first and
// the leftmost of equals, until none of its pairs is in the merge list. Immutable; any thread.
class BpeModel
{
public:
    struct Options {
        bool byteLevel = false;    // words are bytes, the vocabulary spells them in GPT-2's byte alphabet
        bool byteFallback = false; // characters that are no token become the tokens <0x00> ... <0xFF> of their bytes
        bool fuseUnknown = false;  // neighbouring unknown characters become one unknown token
        bool ignoreMerges = false; // a word that is a token is not built up by merges
        std::optional<TokenId> unknown; // without it, characters that are no token are dropped
    };

    struct Symbol {
        TokenId id;
        std::uint32_t begin; // bytes of the word
        std::uint32_t length;
        std::int32_t previous; // neighbours in the list of a long word; -1: none
        std::int32_t next;
    };

    // The memory of one thread's work.
    struct Workspace {
        WordCache cache;
        std::vector<Symbol> symbols;
        std::vector<std::uint32_t> ranks;
        std::vector<std::uint64_t> queue;
    };

    // REQUIRES: the ids in `merges` are ids of `vocabulary`.
    BpeModel(Vocabulary vocabulary, MergeTable merges, Options options);

    // Appends the tokens of a word to `encoding`.
    void encodeWord(const TextView& word, Workspace& workspace, Encoding& encoding) const;

    [[nodiscard]] const Vocabulary& vocabulary() const { return m_vocabulary; }
    [[nodiscard]] const Options& options() const { return m_options; }

private:
    void appendSegment(const TextView& word, Workspace& workspace, Encoding& encoding) const;
    // False when some character was no token.
    bool initialSymbols(std::string_view word, std::vector<Symbol>& symbols) const;
    void appendUnlisted(std::string_view character, std::uint32_t begin, std::uint32_t length,
                        std::optional<Symbol>& pendingUnknown, std::vector<Symbol>& symbols) const;
    void mergeShort(Workspace& workspace) const;
    void mergeLong(Workspace& workspace) const;
    [[nodiscard]] TokenId idOfCharacter(std::string_view character) const;
    [[nodiscard]] bool wordsCanBeCutAtSpaces() const;

    Vocabulary m_vocabulary;
    Vocabulary m_byteVocabulary; // byteLevel: the bytes that the pieces spell
    MergeTable m_merges;
    Options m_options;
    std::array<TokenId, 256> m_idOfByte{};         // byteLevel: the token of the byte; otherwise of the ASCII character
    std::array<TokenId, 256> m_fallbackIdOfByte{}; // <0x00> ... <0xFF>
    bool m_hasAllFallbackBytes = false;
    std::unordered_map<std::uint32_t, TokenId> m_idOfCodePoint;
    bool m_cutAtSpaces = false;
};

} // namespace dskd::tokenizer
