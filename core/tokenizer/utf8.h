#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// UTF-8 without tables of characters: well-formedness, lengths, single code points.
namespace dskd::tokenizer
{

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD"; // U+FFFD

// One step through possibly broken UTF-8: either a whole code point, or a maximal subpart of an ill-formed
// sequence (Unicode 15, section 3.9), which a decoder replaces by one U+FFFD.
struct Utf8Step {
    std::size_t length = 0;
    bool valid = false;
};

// REQUIRES: position < text.size().
[[nodiscard]] Utf8Step utf8Step(std::string_view text, std::size_t position);

[[nodiscard]] bool isValidUtf8(std::string_view text);

// `text` with every maximal ill-formed subpart replaced by U+FFFD.
[[nodiscard]] std::string replaceInvalidUtf8(std::string_view text);

// Length in bytes of the code point that starts with `lead`. REQUIRES: valid UTF-8.
[[nodiscard]] inline std::size_t codePointLength(char lead)
{
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// The code point at the start of `text`. REQUIRES: valid UTF-8, not empty.
[[nodiscard]] std::uint32_t firstCodePoint(std::string_view text);

void appendCodePoint(std::string& text, std::uint32_t codePoint);

} // namespace dskd::tokenizer
