#include "core/text/columns.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <vector>

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

// As much of the beginning as `columns` hold, without a blank at its end.
std::string_view head(std::string_view utf8, int columns)
{
    int used = 0;
    std::size_t end = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        used += columnsOf(nextCodePoint(utf8, i));
        if (used > columns) {
            break;
        }
        end = i;
    }
    while (end > 0 && utf8[end - 1] == ' ') {
        --end;
    }
    return utf8.substr(0, end);
}

// As much of the end as `columns` hold, without a blank at its beginning.
std::string_view tail(std::string_view utf8, int columns)
{
    struct Character {
        std::size_t begin;
        int columns;
    };
    std::vector<Character> characters;
    for (std::size_t i = 0; i < utf8.size();) {
        const std::size_t begin = i;
        characters.push_back({begin, columnsOf(nextCodePoint(utf8, i))});
    }
    int used = 0;
    std::size_t begin = utf8.size();
    for (std::size_t i = characters.size(); i-- > 0;) {
        const Character& character = characters[i];
        used += character.columns;
        if (used > columns) {
            break;
        }
        if (character.columns > 0) { // what combines stays with its letter
            begin = character.begin;
        }
    }
    while (begin < utf8.size() && utf8[begin] == ' ') {
        ++begin;
    }
    return utf8.substr(begin);
}

std::string_view ellipsis(bool asciiOnly)
{
    return asciiOnly ? "..." : "…";
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
    const std::string_view dots = ellipsis(asciiOnly);
    const int room = columns - displayWidth(dots);
    return room < 0 ? std::string(static_cast<std::size_t>(std::max(columns, 0)), '.')
                    : std::string(head(utf8, room)) + std::string(dots);
}

std::string elideMiddle(std::string_view utf8, int columns, bool asciiOnly)
{
    if (displayWidth(utf8) <= columns) {
        return std::string(utf8);
    }
    const std::string_view dots = ellipsis(asciiOnly);
    const int room = columns - displayWidth(dots);
    if (room < 2) {
        return elide(utf8, columns, asciiOnly);
    }
    return std::string(head(utf8, room - room / 2)) + std::string(dots) + std::string(tail(utf8, room / 2));
}

} // namespace dskd::text
