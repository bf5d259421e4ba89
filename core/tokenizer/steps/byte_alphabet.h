#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// GPT-2's alphabet: every byte has a printable character, so that a vocabulary of byte strings can be written as
// text ("Ġlike" is " like").
namespace dskd::tokenizer
{

[[nodiscard]] std::uint32_t characterOfByte(unsigned char byte);

// The bytes that `piece` spells; nothing when a character of it is outside the alphabet.
[[nodiscard]] std::optional<std::string> bytesOfSpelling(std::string_view piece);

} // namespace dskd::tokenizer
