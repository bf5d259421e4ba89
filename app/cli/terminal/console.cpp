#include "app/cli/terminal/console.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <langinfo.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace dskd::cli
{

namespace
{

// Of the terminal behind a file descriptor; none where there is none, or where it does not report its size.
std::optional<int> widthOf(int descriptor)
{
    constexpr int kNarrowest = 40;
    winsize size{};
    const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? std::optional(std::max<int>(size.ws_col, kNarrowest)) : std::nullopt;
}

} // namespace

std::string Console::paint(std::string_view text, Tone tone) const
{
    static constexpr const char* kCodes[] = {"", "1", "2", "32", "33", "31", "4", "9"};
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
    console.terminal = isatty(STDOUT_FILENO) == 1;
    console.colors = console.terminal && console.live && (noColor == nullptr || *noColor == '\0');
    console.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    console.width = widthOf(STDERR_FILENO).value_or(console.width);
    const auto ofOut = console.terminal ? std::optional(widthOf(STDOUT_FILENO).value_or(console.width)) : std::nullopt;
    console.tableWidth = tableWidth(ofOut, std::getenv("COLUMNS"));
    return console;
}

int tableWidth(std::optional<int> terminal, const char* columns)
{
    if (terminal) {
        return *terminal;
    }
    const std::string_view text = columns != nullptr ? columns : "";
    int width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    return error == std::errc() && end == text.data() + text.size() ? std::max(0, width) : 0;
}

text::TerminalStyle tableStyle(const Console& console)
{
    return {console.tableWidth, console.utf8, console.colors};
}

void printJson(std::ostream& out, const nlohmann::json& value)
{
    out << text::terminalJson(value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)) << '\n';
}

void printCsv(const Console& console, std::string_view csv)
{
    if (console.terminal) {
        console.out << text::terminal(csv);
    } else {
        console.out << csv;
    }
}

nlohmann::json jsonNumber(double value)
{
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(text::number(value));
}

} // namespace dskd::cli
