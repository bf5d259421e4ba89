#pragma once

#include "core/tokenizer/tokenizer.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace dskd::tokenizer
{

// Remembers the tokens of short words. Each word has one place; a newcomer takes it over. One thread at a time.
class WordCache
{
public:
    static constexpr std::size_t kMaxBytes = 48;
    static constexpr std::size_t kMaxTokens = 14;

    struct Word {
        std::uint64_t hash = 0;
        std::uint8_t numBytes = 0; // 0: the place is free
        std::uint8_t numTokens = 0;
        std::array<std::uint8_t, kMaxTokens> lengths; // in bytes
        std::array<TokenId, kMaxTokens> ids;
        std::array<char, kMaxBytes> bytes;
    };

    // Null when the word is not there.
    [[nodiscard]] const Word* find(std::string_view word)
    {
        if (word.size() > kMaxBytes || m_words.empty()) {
            return nullptr;
        }
        const std::uint64_t hash = std::hash<std::string_view>{}(word);
        const Word& place = m_words[hash & (kNumPlaces - 1)];
        const bool same = place.hash == hash && place.numBytes == word.size() &&
                          std::memcmp(place.bytes.data(), word.data(), word.size()) == 0;
        return same ? &place : nullptr;
    }

    // The place for a word whose tokens are to be filled in; null when it is too long.
    [[nodiscard]] Word* place(std::string_view word, std::size_t numTokens)
    {
        if (word.size() > kMaxBytes || numTokens > kMaxTokens) {
            return nullptr;
        }
        if (m_words.empty()) {
            m_words.resize(kNumPlaces);
        }
        const std::uint64_t hash = std::hash<std::string_view>{}(word);
        Word& place = m_words[hash & (kNumPlaces - 1)];
        place.hash = hash;
        place.numBytes = static_cast<std::uint8_t>(word.size());
        place.numTokens = static_cast<std::uint8_t>(numTokens);
        std::memcpy(place.bytes.data(), word.data(), word.size());
        return &place;
    }

private:
    static constexpr std::size_t kNumPlaces = std::size_t{1} << 15; // 4 MiB
    std::vector<Word> m_words;
};

} // namespace dskd::tokenizer
