#include "core/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace dskd
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
    const auto byteAt = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[i]); };
    const char32_t lead = byteAt(position);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    Utf8Step step;
    char32_t low = 0x80; // bounds of the second byte: they exclude overlong forms, surrogates, and > U+10FFFF
    char32_t high = 0xBF;
    char32_t code = 0;
    std::size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
        code = lead & 0x1F;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        code = lead & 0x0F;
        low = lead == 0xE0 ? 0xA0 : 0x80;
        high = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        code = lead & 0x07;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF;
    } else {
        step.length = 1;
        return step;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (position + i >= text.size() || byteAt(position + i) < low || byteAt(position + i) > high) {
            step.length = i;
            return step;
        }
        code = code << 6 | (byteAt(position + i) & 0x3F);
        low = 0x80;
        high = 0xBF;
    }
    return {code, length, true};
}

char32_t nextCodePoint(std::string_view text, std::size_t& position)
{
    const Utf8Step step = utf8Step(text, position);
    position += step.length;
    return step.codePoint;
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

char32_t firstCodePoint(std::string_view text)
{
    const auto byteAt = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[i]); };
    const char32_t lead = byteAt(0);
    switch (codePointLength(text[0])) {
    case 1: return lead;
    case 2: return (lead & 0x1F) << 6 | (byteAt(1) & 0x3F);
    case 3: return (lead & 0x0F) << 12 | (byteAt(1) & 0x3F) << 6 | (byteAt(2) & 0x3F);
    default: return (lead & 0x07) << 18 | (byteAt(1) & 0x3F) << 12 | (byteAt(2) & 0x3F) << 6 | (byteAt(3) & 0x3F);
    }
}

void appendCodePoint(std::string& text, char32_t codePoint)
{
    const auto push = [&](char32_t byte) { text += static_cast<char>(byte); };
    const auto pushContinuation = [&](unsigned shift) { push(0x80 | (codePoint >> shift & 0x3F)); };
    if (codePoint < 0x80) {
        push(codePoint);
    } else if (codePoint < 0x800) {
        push(0xC0 | codePoint >> 6);
        pushContinuation(0);
    } else if (codePoint < 0x10000) {
        push(0xE0 | codePoint >> 12);
        pushContinuation(6);
        pushContinuation(0);
    } else {
        push(0xF0 | codePoint >> 18);
        pushContinuation(12);
        pushContinuation(6);
        pushContinuation(0);
    }
}

std::size_t numCodePoints(std::string_view text)
{
    return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), isContinuationByte));
}

std::size_t codePointBegin(std::string_view text, std::size_t position)
{
    while (position > 0 && position < text.size() && isContinuationByte(text[position])) {
        --position;
    }
    return position;
}

std::size_t codePointEnd(std::string_view text, std::size_t position)
{
    while (position < text.size() && isContinuationByte(text[position])) {
        ++position;
    }
    return position;
}

} // namespace dskd
