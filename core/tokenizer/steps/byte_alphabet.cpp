#include "core/tokenizer/steps/byte_alphabet.h"

#include "core/base/utf8.h"

#include <array>

namespace dskd::tokenizer
{
namespace
{

// Printable Latin-1 stands for itself; the other 68 bytes follow in order from U+0100 on.
constexpr bool standsForItself(unsigned byte)
{
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<std::uint16_t, 256> character{};
    std::array<std::int16_t, 0x144> byte{};
};

constexpr Alphabet makeAlphabet()
{
    Alphabet alphabet;
    for (auto& entry : alphabet.byte) {
        entry = -1;
    }
    unsigned next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const unsigned character = standsForItself(byte) ? byte : next++;
        alphabet.character[byte] = static_cast<std::uint16_t>(character);
        alphabet.byte[character] = static_cast<std::int16_t>(byte);
    }
    return alphabet;
}

constexpr Alphabet kAlphabet = makeAlphabet();

} // namespace

std::uint32_t characterOfByte(unsigned char byte)
{
    return kAlphabet.character[byte];
}

std::optional<std::string> bytesOfSpelling(std::string_view piece)
{
    std::string bytes;
    bytes.reserve(piece.size());
    while (!piece.empty()) {
        const std::uint32_t character = firstCodePoint(piece);
        if (character >= kAlphabet.byte.size() || kAlphabet.byte[character] < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(kAlphabet.byte[character]);
        piece.remove_prefix(codePointLength(piece.front()));
    }
    return bytes;
}

} // namespace dskd::tokenizer
