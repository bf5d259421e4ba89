#pragma once

// Numbers and names as the window writes them. A value that is missing is "–", never 0.

#include <QString>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dskd::ui
{

inline const QString kMissing = QStringLiteral("–");

// Four significant digits; NaN and infinities spelled out.
[[nodiscard]] QString number(std::optional<double> value, int digits = 4);
[[nodiscard]] QString count(std::optional<double> value);      // 950, 18.2k, 1.2M
[[nodiscard]] QString bytes(std::optional<double> value);      // 3.1 GB
[[nodiscard]] QString duration(std::optional<double> seconds); // 3 m 12 s
[[nodiscard]] QString localTime(double secondsSince1970);      // 2026-11-23 05:12; missing for 0
[[nodiscard]] QString whole(std::int64_t value);               // 12,480
[[nodiscard]] QString percent(double share, int decimals = 1); // 45.7 % of 0.457
// "1 field", "2 fields"; the words as they are translated.
[[nodiscard]] QString counted(std::int64_t number, const QString& one, const QString& many);

// The name or group of a run on one line, for lists, titles and legends: text::terminalLine, so that it can neither
// turn the text around it nor break its line. Not for editing, searching and files.
[[nodiscard]] QString shownName(std::string_view name);

// Any text as a tool tip shows it as it is: without this Qt takes what looks like a tag ("</s>", a note "<b>") for one.
// Every tool tip with a name, a note, a path or text of data goes through it. Empty for an empty one.
[[nodiscard]] QString plainHint(const QString& text);

} // namespace dskd::ui
