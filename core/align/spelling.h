#pragma once

// How the tokens of two vocabularies are spelled, letter by letter in one alphabet, so that spellings can be compared.

#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace dskd::align
{

using Letter = std::uint32_t; // numbered from 0 in the order in which the pair's tokens use them

inline constexpr Letter kSpaceLetter = 0; // "Ġ", "▁", or the blank of a text

// The spellings of one vocabulary, by id. One block of memory for all of them.
class Spellings
{
public:
    // Empty for ids that do not exist.
    [[nodiscard]] std::span<const Letter> of(tokenizer::TokenId id) const
    {
        if (id < 0 || id >= size()) {
            return {};
        }
        const auto index = static_cast<std::size_t>(id);
        return {m_letters.data() + m_begin[index], m_letters.data() + m_begin[index + 1]};
    }
    [[nodiscard]] tokenizer::TokenId size() const { return static_cast<tokenizer::TokenId>(m_begin.size()) - 1; }

    void add(std::span<const Letter> spelling); // of the next id

private:
    std::vector<Letter> m_letters;
    std::vector<std::size_t> m_begin = {0};
};

struct SpelledPair {
    Spellings teacher;
    Spellings student;
    Letter alphabet = 1; // letters are below it
};

enum class SpellingRule {
    // Where one vocabulary spells bytes and the other characters, what tokens stand for is compared: "Ã©" is "é" and
    // "Ċ" is "<0x0A>". Where both use one alphabet this is AsWritten.
    Text,
    // The characters as the vocabularies write them, as the reference code does (core/distill/METHOD.md 6.7).
    AsWritten,
};

// Special tokens are spelled as written under either rule; a byte that is no character by itself is a letter of its
// own.
[[nodiscard]] SpelledPair spell(const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student,
                                SpellingRule rule);

} // namespace dskd::align
