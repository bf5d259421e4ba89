#pragma once

// Where a command writes, and what the place it writes to can show. Commands never touch std::cout themselves, so
// tests run them on string streams.

#include "core/text/table.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace dskd::cli
{

enum class Tone { Plain, Strong, Muted, Good, Warn, Bad, Underlined, Struck };

struct Console {
    std::ostream& out;     // results
    std::ostream& err;     // explanations and progress
    bool live = false;     // err is a terminal: progress lines are redrawn in place
    bool terminal = false; // out is a terminal: no file, no pipe
    bool colors = false;
    bool utf8 = false;
    int width = 80;      // of the terminal, for lines that are drawn anew
    int tableWidth = 80; // of tables on out; 0: they are not cut

    // `text` in the colour of `tone`, or as it is where colours are off.
    [[nodiscard]] std::string paint(std::string_view text, Tone tone) const;
};

// What the process's own streams can show: terminal or not, NO_COLOR, the locale's encoding, the terminal's width.
[[nodiscard]] Console processConsole();

// Console::tableWidth. `terminal`: the width of the terminal that out is, none of a file and a pipe, which get what
// COLUMNS says (`columns`, null: not set), and without it rows that are not cut.
[[nodiscard]] int tableWidth(std::optional<int> terminal, const char* columns);

// How tables are to be written on `out`.
[[nodiscard]] text::TerminalStyle tableStyle(const Console& console);

// One JSON document and a line end. Bytes that are not UTF-8 become U+FFFD.
void printJson(std::ostream& out, const nlohmann::json& value);
// CSV as it is, so that a pipe gets what a file would; on a terminal text in it cannot steer it.
void printCsv(const Console& console, std::string_view csv);
// JSON has no NaN and no infinity; they become text.
[[nodiscard]] nlohmann::json jsonNumber(double value);

} // namespace dskd::cli
