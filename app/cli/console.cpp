#include "app/cli/console.h"

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <iostream>
#include <langinfo.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

namespace dskd::cli
{

namespace
{

// Decodes the code point at `position` and moves past it; a byte that starts no valid sequence counts as U+FFFD.
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
    position += length;
    return code;
}

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

std::string Console::paint(std::string_view text, Tone tone) const
{
    static constexpr const char* kCodes[] = {"", "1", "2", "32", "33", "31"};
    if (!colors || tone == Tone::Plain) {
        return std::string(text);
    }
    return std::string("\033[") + kCodes[static_cast<int>(tone)] + "m" + std::string(text) + "\033[0m";
}

Console processConsole()
{
    std::setlocale(LC_CTYPE, "");
    Console console{std::cout, std::cerr};
    const char* term = std::getenv("TERM");
    const bool dumb = term == nullptr || std::string_view(term) == "dumb";
    const char* noColor = std::getenv("NO_COLOR");
    console.live = isatty(STDERR_FILENO) == 1 && !dumb;
    console.colors = isatty(STDOUT_FILENO) == 1 && console.live && (noColor == nullptr || *noColor == '\0');
    console.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        console.width = std::max<int>(size.ws_col, 40);
    }
    return console;
}

int explain(Console& console, const Failure& failure, ExitCode code, bool json)
{
    console.err << printable(failure.text()) << '\n';
    if (json) {
        printJson(console.out,
                  {{"error", {{"what", failure.what}, {"hint", failure.hint}, {"exit_code", toInt(code)}}}});
    }
    return toInt(code);
}

void printJson(std::ostream& out, const nlohmann::json& value)
{
    out << value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
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
    return room < 0 ? std::string(static_cast<std::size_t>(std::max(columns, 0)), '.')
                    : std::string(utf8.substr(0, end)) + std::string(dots);
}

std::string printable(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F ? '?' : c;
    }
    return result;
}

} // namespace dskd::cli
