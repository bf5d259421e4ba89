#pragma once

// How the rows of the configuration reference are written: one call per field, typed by what it reads and writes. Only
// for the files that hold the rows.

#include "core/base/utf8.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/fields.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dskd::config::rows
{

using nlohmann::json;

// The numbers a field takes. A bound may be excluded.
struct Range {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    bool leastExcluded = false;
    bool mostExcluded = false;

    [[nodiscard]] bool holds(double value) const
    {
        return std::isfinite(value) && (leastExcluded ? value > least : value >= least) &&
               (mostExcluded ? value < most : value <= most);
    }
    [[nodiscard]] std::string text() const
    {
        std::string result;
        if (std::isfinite(least)) {
            result = (leastExcluded ? "> " : ">= ") + json(least).dump();
        }
        if (std::isfinite(most)) {
            result += (result.empty() ? "" : " and ") + std::string(mostExcluded ? "< " : "<= ") + json(most).dump();
        }
        return result;
    }
};

inline const Range kAnyNumber;
inline const Range kPositive{.least = 0, .leastExcluded = true};
inline const Range kNotNegative{.least = 0};
inline const Range kUnit{.least = 0, .most = 1};
inline const Range kUnitWithoutOne{.least = 0, .most = 1, .mostExcluded = true};
inline const Range kUnitWithoutZero{.least = 0, .most = 1, .leastExcluded = true};
inline const Range kAtLeastOne{.least = 1};

inline std::string integerRangeText(const Range& range)
{
    std::string text;
    if (std::isfinite(range.least)) {
        text = ">= " + std::to_string(static_cast<std::int64_t>(range.least));
    }
    return text;
}

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

class Table
{
public:
    std::vector<Field> rows;

    template <typename Access>
    void number(std::string path, Access access, Range range, std::string explanation)
    {
        const std::string allowed = range.text();
        add(
            std::move(path), "number", allowed, {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access, range, allowed](Experiment& e, const json& value) -> std::optional<std::string> {
                if (!value.is_number() || !range.holds(value.get<double>())) {
                    return "must be a number" + (allowed.empty() ? "" : " " + allowed);
                }
                access(e) = value.get<double>();
                return std::nullopt;
            });
    }

    template <typename Access>
    void integer(std::string path, Access access, Range range, std::string explanation)
    {
        using Integer = std::remove_reference_t<decltype(access(std::declval<Experiment&>()))>;
        const std::string allowed = integerRangeText(range);
        add(
            std::move(path), "integer", allowed, {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access, range, allowed](Experiment& e, const json& value) -> std::optional<std::string> {
                const auto number = wholeNumber<Integer>(value);
                if (!number || !range.holds(static_cast<double>(*number))) {
                    return "must be a whole number" + (allowed.empty() ? "" : " " + allowed);
                }
                access(e) = *number;
                return std::nullopt;
            });
    }

    template <typename Access>
    void boolean(std::string path, Access access, std::string explanation)
    {
        add(
            std::move(path), "boolean", "true | false", {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access](Experiment& e, const json& value) -> std::optional<std::string> {
                if (!value.is_boolean()) {
                    return "must be true or false";
                }
                access(e) = value.get<bool>();
                return std::nullopt;
            });
    }

    template <typename Access>
    void text(std::string path, Access access, std::string explanation)
    {
        add(
            std::move(path), "string", "", {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access](Experiment& e, const json& value) -> std::optional<std::string> {
                if (!value.is_string()) {
                    return "must be a text in quotes";
                }
                auto read = value.get<std::string>();
                if (!isValidUtf8(read)) {
                    return "must be valid UTF-8";
                }
                access(e) = std::move(read);
                return std::nullopt;
            });
    }

    template <typename Access>
    void file(std::string path, Access access, std::string explanation)
    {
        text(std::move(path), access, std::move(explanation));
        rows.back().isPath = true;
        rows.back().info.allowed = "a path, relative to the configuration file";
    }

    template <typename Access>
    void choice(std::string path, Access access, std::string explanation)
    {
        using Enum = std::remove_reference_t<decltype(access(std::declval<Experiment&>()))>;
        std::vector<std::string> names;
        std::vector<std::string_view> meanings;
        std::string allowed;
        for (const Choice<Enum>& row : choicesOf<Enum>()) {
            names.emplace_back(row.name);
            meanings.push_back(row.sentence);
            allowed += (allowed.empty() ? "" : " | ") + names.back();
        }
        add(
            std::move(path), "choice", allowed, std::move(names), std::move(explanation),
            [access](const Experiment& e) -> json { return name(access(e)); },
            [access, allowed](Experiment& e, const json& value) -> std::optional<std::string> {
                if (value.is_string()) {
                    for (const Choice<Enum>& row : choicesOf<Enum>()) {
                        if (row.name == value.get_ref<const std::string&>()) {
                            access(e) = row.value;
                            return std::nullopt;
                        }
                    }
                }
                return "must be one of " + allowed;
            });
        rows.back().info.meanings = std::move(meanings);
    }

private:
    void add(std::string path, std::string type, std::string allowed, std::vector<std::string> choices,
             std::string explanation, decltype(Field::read) read, decltype(Field::write) write)
    {
        Field field;
        field.info = {std::move(path),
                      std::move(type),
                      read(Experiment{}).dump(),
                      std::move(allowed),
                      std::move(choices),
                      std::move(explanation),
                      {}};
        field.read = std::move(read);
        field.write = std::move(write);
        rows.push_back(std::move(field));
    }
};

// An accessor that serves reading and writing: FIELD(train.lr) gives e.train.lr as a reference of e's constness.
#define FIELD(member)                                                                                                  \
    [](auto& e) -> auto&                                                                                               \
    {                                                                                                                  \
        return e.member;                                                                                               \
    }

// The rows of method, key_query, on_policy, policy_gradient and projector.
void addMethodFields(Table& table);

} // namespace dskd::config::rows
