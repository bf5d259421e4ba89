#include "core/text/utf8.h"

#include <algorithm>

namespace dskd::text
{

namespace
{

bool isWide(char32_t code)
{
    return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
           (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
           (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
}

bool isCombining(char32_t code)
{
    return (code >= 0x0300 && code <= 0x036F) || (code >= 0x1AB0 && code <= 0x1AFF) ||
           (code >= 0x20D0 && code <= 0x20FF) || (code >= 0xFE00 && code <= 0xFE0F) || code == 0x200D || code == 0x200B;
}

int columnsOf(char32_t code)
{
    return isCombining(code) ? 0 : isWide(code) ? 2 : 1;
}

} // namespace

char32_t nextCodePoint(std::string_view text, std::size_t& position)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(position);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (length == 0 || position + length > text.size()) {
        ++position;
        return 0xFFFD;
    }
    char32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(position + i) & 0xC0U) != 0x80U) {
            ++position;
            return 0xFFFD;
        }
        code = (code << 6U) | (byte(position + i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) {
        ++position;
        return 0xFFFD;
    }
    position += length;
    return code;
}

void appendCodePoint(std::string& text, char32_t code)
{
    const auto push = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        push(code);
    } else if (code < 0x800) {
        push(0xC0 | (code >> 6U));
        push(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
        push(0xE0 | (code >> 12U));
        push(0x80 | ((code >> 6U) & 0x3FU));
        push(0x80 | (code & 0x3FU));
    } else {
        push(0xF0 | (code >> 18U));
        push(0x80 | ((code >> 12U) & 0x3FU));
        push(0x80 | ((code >> 6U) & 0x3FU));
        push(0x80 | (code & 0x3FU));
    }
}

int displayWidth(std::string_view utf8)
{
    int columns = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        columns += columnsOf(nextCodePoint(utf8, i));
    }
    return columns;
}

std::string elide(std::string_view utf8, int columns, bool asciiOnly)
{
    if (displayWidth(utf8) <= columns) {
        return std::string(utf8);
    }
    const std::string_view dots = asciiOnly ? "..." : "…";
    const int room = columns - displayWidth(dots);
    int used = 0;
    std::size_t end = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        used += columnsOf(nextCodePoint(utf8, i));
        if (used > room) {
            break;
        }
        end = i;
    }
    while (end > 0 && utf8[end - 1] == ' ') { // no blank before the dots
        --end;
    }
    return room < 0 ? std::string(static_cast<std::size_t>(std::max(columns, 0)), '.')
                    : std::string(utf8.substr(0, end)) + std::string(dots);
}

} // namespace dskd::text
