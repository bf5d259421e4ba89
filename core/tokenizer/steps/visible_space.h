#pragma once

#include <string>
#include <string_view>

namespace dskd::tokenizer
{

inline constexpr std::string_view kVisibleSpace = "\u2581"; // how SentencePiece spells a space

// What a piece of a SentencePiece vocabulary stands for in a text.
[[nodiscard]] inline std::string withPlainSpaces(std::string_view piece)
{
    std::string text;
    for (std::size_t i = 0; i < piece.size();) {
        const bool space = piece.substr(i).starts_with(kVisibleSpace);
        text += space ? ' ' : piece[i];
        i += space ? kVisibleSpace.size() : 1;
    }
    return text;
}

} // namespace dskd::tokenizer
