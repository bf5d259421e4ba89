#include "core/tokenizer/utf8.h"

#include <cstring>

namespace dskd::tokenizer
{
namespace
{

std::size_t asciiPrefix(std::string_view text, std::size_t position)
{
    const std::size_t start = position;
    while (position + 8 <= text.size()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + position, 8);
        if ((word & 0x8080808080808080ULL) != 0) {
            break;
        }
        position += 8;
    }
    while (position < text.size() && static_cast<unsigned char>(text[position]) < 0x80) {
        ++position;
    }
    return position - start;
}

} // namespace

Utf8Step utf8Step(std::string_view text, std::size_t position)
{
    const auto byteAt = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byteAt(position);
    if (lead < 0x80) {
        return {1, true};
    }
    std::size_t length = 0;
    unsigned low = 0x80; // bounds of the second byte: they exclude overlong forms, surrogates, and > U+10FFFF
    unsigned high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : 0x80;
        high = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (position + i >= text.size() || byteAt(position + i) < low || byteAt(position + i) > high) {
            return {i, false};
        }
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

bool isValidUtf8(std::string_view text)
{
    std::size_t position = 0;
    while (true) {
        position += asciiPrefix(text, position);
        if (position >= text.size()) {
            return true;
        }
        const Utf8Step step = utf8Step(text, position);
        if (!step.valid) {
            return false;
        }
        position += step.length;
    }
}

std::string replaceInvalidUtf8(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t position = 0; position < text.size();) {
        const Utf8Step step = utf8Step(text, position);
        result += step.valid ? text.substr(position, step.length) : kReplacementCharacter;
        position += step.length;
    }
    return result;
}

std::uint32_t firstCodePoint(std::string_view text)
{
    const auto byteAt = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byteAt(0);
    switch (codePointLength(text[0])) {
    case 1: return lead;
    case 2: return (lead & 0x1F) << 6 | (byteAt(1) & 0x3F);
    case 3: return (lead & 0x0F) << 12 | (byteAt(1) & 0x3F) << 6 | (byteAt(2) & 0x3F);
    default: return (lead & 0x07) << 18 | (byteAt(1) & 0x3F) << 12 | (byteAt(2) & 0x3F) << 6 | (byteAt(3) & 0x3F);
    }
}

void appendCodePoint(std::string& text, std::uint32_t codePoint)
{
    const auto push = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (codePoint < 0x80) {
        push(codePoint);
    } else if (codePoint < 0x800) {
        push(0xC0 | codePoint >> 6);
        push(0x80 | (codePoint & 0x3F));
    } else if (codePoint < 0x10000) {
        push(0xE0 | codePoint >> 12);
        push(0x80 | (codePoint >> 6 & 0x3F));
        push(0x80 | (codePoint & 0x3F));
    } else {
        push(0xF0 | codePoint >> 18);
        push(0x80 | (codePoint >> 12 & 0x3F));
        push(0x80 | (codePoint >> 6 & 0x3F));
        push(0x80 | (codePoint & 0x3F));
    }
}

} // namespace dskd::tokenizer
