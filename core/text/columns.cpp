#include "core/text/columns.h"

#include "core/base/utf8.h"

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
