#pragma once

// The kinds of values that fields take: how each is read from JSON, and the words that refuse what does not fit. Only
// for field_rows.h.

#include "core/config/schema/choices.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace dskd::config::rows
{

using nlohmann::json;

// The numbers a field takes. A bound may be excluded.
struct Range {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    bool leastExcluded = false;
    bool mostExcluded = false;

    [[nodiscard]] bool holds(double value) const;  // never NaN or infinity
    [[nodiscard]] std::string text() const;        // ">= 0.0 and <= 1.0"; empty: any number
    [[nodiscard]] std::string integerText() const; // ">= 1"
};

inline const Range kPositive{.least = 0, .leastExcluded = true};
inline const Range kNotNegative{.least = 0};
inline const Range kUnit{.least = 0, .most = 1};
inline const Range kUnitWithoutOne{.least = 0, .most = 1, .mostExcluded = true};
inline const Range kUnitWithoutZero{.least = 0, .most = 1, .leastExcluded = true};
inline const Range kAtLeastOne{.least = 1};

// A whole number that fits the type, also when written as 1e3 or 100.0.
template <typename Integer>
std::optional<Integer> wholeNumber(const json& value)
{
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        return std::in_range<Integer>(number) ? std::optional(static_cast<Integer>(number)) : std::nullopt;
    }
    if (value.is_number_integer()) {
        const auto number = value.get<std::int64_t>();
        return std::in_range<Integer>(number) ? std::optional(static_cast<Integer>(number)) : std::nullopt;
    }
    if (value.is_number_float()) {
        constexpr double kExact = 9007199254740992.0; // 2^53: whole numbers beyond are not exact in JSON's doubles
        const double number = value.get<double>();
        if (std::nearbyint(number) == number && std::abs(number) <= kExact &&
            (std::is_signed_v<Integer> || number >= 0)) {
            return static_cast<Integer>(number);
        }
    }
    return std::nullopt;
}

// Each stores what is given, or leaves the value as it is and returns why: "must be a number > 0".
using Refusal = std::optional<std::string>;

[[nodiscard]] Refusal storeNumber(double& value, const json& given, const Range& range);
[[nodiscard]] Refusal storeBoolean(bool& value, const json& given);
[[nodiscard]] Refusal storeText(std::string& value, const json& given);

template <typename Integer>
[[nodiscard]] Refusal storeInteger(Integer& value, const json& given, const Range& range)
{
    const auto number = wholeNumber<Integer>(given);
    if (!number || !range.holds(static_cast<double>(*number))) {
        const std::string allowed = range.integerText();
        return "must be a whole number" + (allowed.empty() ? "" : " " + allowed);
    }
    value = *number;
    return std::nullopt;
}

// "left | right"
template <typename Enum>
[[nodiscard]] std::string choicesText()
{
    std::string text;
    for (const Choice<Enum>& row : choicesOf<Enum>()) {
        text += (text.empty() ? "" : " | ") + std::string(row.name);
    }
    return text;
}

template <typename Enum>
[[nodiscard]] Refusal storeChoice(Enum& value, const json& given)
{
    if (given.is_string()) {
        for (const Choice<Enum>& row : choicesOf<Enum>()) {
            if (row.name == given.get_ref<const std::string&>()) {
                value = row.value;
                return std::nullopt;
            }
        }
    }
    return "must be one of " + choicesText<Enum>();
}

} // namespace dskd::config::rows
