#pragma once

// UTF-8 without tables of characters: well-formedness, code points, lengths.

#include <cstddef>
#include <string>
#include <string_view>

namespace dskd
{

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD"; // U+FFFD

// One step through possibly broken UTF-8: either a whole code point, or a maximal subpart of an ill-formed
// sequence (Unicode 15, section 3.9), which a decoder replaces by one U+FFFD.
struct Utf8Step {
    char32_t codePoint = U'\uFFFD';
    std::size_t length = 0; // in bytes
    bool valid = false;
};

// REQUIRES: position < text.size().
[[nodiscard]] Utf8Step utf8Step(std::string_view text, std::size_t position);

// The code point at `position`, U+FFFD for a maximal ill-formed subpart, and moves past it.
// REQUIRES: position < text.size().
[[nodiscard]] char32_t nextCodePoint(std::string_view text, std::size_t& position);

[[nodiscard]] bool isValidUtf8(std::string_view text);

// `text` with every maximal ill-formed subpart replaced by U+FFFD.
[[nodiscard]] std::string replaceInvalidUtf8(std::string_view text);

// Length in bytes of the code point that starts with `lead`. REQUIRES: valid UTF-8.
[[nodiscard]] constexpr std::size_t codePointLength(char lead)
{
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// The code point at the start of `text`. REQUIRES: valid UTF-8, not empty.
[[nodiscard]] char32_t firstCodePoint(std::string_view text);

// REQUIRES: codePoint <= 0x10FFFF.
void appendCodePoint(std::string& text, char32_t codePoint);

// Whether a byte continues the code point that began before it.
[[nodiscard]] constexpr bool isContinuationByte(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// How many code points valid UTF-8 has; of other text, how many bytes continue nothing.
[[nodiscard]] std::size_t numCodePoints(std::string_view text);

// `position`, moved back to the start or on to the end of the code point that it lies within; itself where it lies
// between two, or at the text's end. REQUIRES: position <= text.size().
[[nodiscard]] std::size_t codePointBegin(std::string_view text, std::size_t position);
[[nodiscard]] std::size_t codePointEnd(std::string_view text, std::size_t position);

} // namespace dskd
