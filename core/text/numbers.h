#pragma once

// Numbers as people read them. A value that is missing is "-" (never 0), NaN and infinities are spelled out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::text
{

// `digits` significant digits, scientific below 1e-4 and from 1e7: 2.713, 0.01846, 1e-06.
[[nodiscard]] std::string number(double value, int digits = 4);
[[nodiscard]] std::string number(const std::optional<double>& value, int digits = 4);
// Fixed decimals with a sign: +0.21, -1.30.
[[nodiscard]] std::string signedNumber(double value, int digits = 4);
// `decimals` digits after the point: 18.37; from 1e15 as exact(). NaN and infinities as number() spells them.
[[nodiscard]] std::string fixed(double value, int decimals);
// A share in per cent, with `decimals` digits after the point: percent(0.4567) is "45.7 %". NaN and infinities as
// number() spells them.
[[nodiscard]] std::string percent(double share, int decimals = 1);
// The shortest text that reads back as the same double, at most 17 digits: 0.1, 1e+308.
[[nodiscard]] std::string exact(double value);
// SI prefixes: 950, 18.2k, 1.2M.
[[nodiscard]] std::string count(double value);
[[nodiscard]] std::string bytes(std::uint64_t value); // "3.1 GB"
// 45 s, 3 m 12 s, 2 h 10 m, 3 d 4 h.
[[nodiscard]] std::string duration(double seconds);
// "1 field", "2 fields", "0 fields"; `many` where the word does not take an s: counted(2, "query", "queries").
[[nodiscard]] std::string counted(std::int64_t number, std::string_view one, std::string_view many = {});
[[nodiscard]] std::string localTime(double secondsSince1970); // "2026-11-23 05:12"

} // namespace dskd::text
