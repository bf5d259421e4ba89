#include "core/text/numbers.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace dskd::text
{

namespace
{

std::string print(const char* format, double value, int digits)
{
    char buffer[64];
    const int length = std::snprintf(buffer, sizeof buffer, format, digits, value);
    return std::string(buffer, static_cast<std::size_t>(length));
}

// From here on a double has no digits behind the point, and zeros in place of digits soon after.
constexpr double kLongestFixed = 1e15;

std::string scaled(double value, double step, const char* const* units, int lastUnit)
{
    int unit = 0;
    while (std::abs(value) >= step * 0.9995 && unit < lastUnit) {
        value /= step;
        ++unit;
    }
    return fixed(value, unit == 0 || std::abs(value) >= 99.95 ? 0 : 1) + units[unit];
}

} // namespace

std::string number(double value, int digits)
{
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "inf" : "-inf";
    }
    if (value == 0.0) {
        return "0";
    }
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
    if (exponent < -4 || exponent >= 7) {
        return print("%.*g", value, digits);
    }
    if (value == std::floor(value) && exponent >= digits - 1) {
        return print("%.*f", value, 0);
    }
    return print("%.*f", value, std::max(0, digits - 1 - exponent));
}

std::string number(const std::optional<double>& value, int digits)
{
    return value ? number(*value, digits) : "-";
}

std::string signedNumber(double value, int digits)
{
    return (value > 0 ? "+" : "") + number(value, digits);
}

std::string fixed(double value, int decimals)
{
    return std::abs(value) < kLongestFixed ? print("%.*f", value, decimals) : exact(value);
}

std::string percent(double share, int decimals)
{
    return fixed(100.0 * share, decimals) + (std::isfinite(share) ? " %" : "");
}

std::string exact(double value)
{
    if (!std::isfinite(value)) {
        return number(value);
    }
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string count(double value)
{
    static constexpr const char* kUnits[] = {"", "k", "M", "G", "T"};
    return std::isfinite(value) ? scaled(value, 1000.0, kUnits, 4) : number(value);
}

std::string bytes(std::uint64_t value)
{
    static constexpr const char* kUnits[] = {" B", " kB", " MB", " GB", " TB"};
    return scaled(static_cast<double>(value), 1000.0, kUnits, 4);
}

std::string duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0) {
        return "-";
    }
    if (seconds >= kLongestFixed) {
        return exact(seconds / 86400.0) + " d";
    }
    if (seconds < 9.95) {
        return print("%.*f s", seconds, 1);
    }
    const auto total = static_cast<std::int64_t>(std::llround(seconds));
    const auto pair = [](std::int64_t high, const char* highUnit, std::int64_t low, const char* lowUnit) {
        return std::to_string(high) + highUnit + " " + std::to_string(low) + lowUnit;
    };
    if (total < 60) {
        return std::to_string(total) + " s";
    }
    if (total < 3600) {
        return pair(total / 60, " m", total % 60, " s");
    }
    if (total < 86400) {
        return pair(total / 3600, " h", total / 60 % 60, " m");
    }
    return pair(total / 86400, " d", total / 3600 % 24, " h");
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many)
{
    std::string text = std::to_string(number) + " ";
    text += number == 1 || many.empty() ? one : many;
    text += number != 1 && many.empty() ? "s" : "";
    return text;
}

std::string localTime(double secondsSince1970)
{
    const auto time = static_cast<std::time_t>(secondsSince1970);
    std::tm parts{};
    localtime_r(&time, &parts);
    char buffer[32];
    return {buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M", &parts)};
}

} // namespace dskd::text
