#include "core/model/folder/config_reader.h"

#include <cmath>
#include <limits>

namespace dskd::model
{
namespace
{
const nlohmann::ordered_json kNull;

// The integer a JSON number stands for; 4096.0 is one too.
std::optional<std::int64_t> asInteger(const nlohmann::ordered_json& value)
{
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        return number <= kMax ? std::optional(static_cast<std::int64_t>(number)) : std::nullopt;
    }
    if (value.is_number_integer()) {
        return value.get<std::int64_t>();
    }
    if (value.is_number_float()) {
        const double number = value.get<double>();
        constexpr double kExact = 9007199254740992.0; // 2^53
        if (std::abs(number) <= kExact && number == std::floor(number)) {
            return static_cast<std::int64_t>(number);
        }
    }
    return std::nullopt;
}
} // namespace

bool ConfigReader::has(const std::string& field) const
{
    return !value(field).is_null();
}

const nlohmann::ordered_json& ConfigReader::value(const std::string& field) const
{
    const auto found = m_object.find(field);
    return found == m_object.end() ? kNull : *found;
}

std::int64_t ConfigReader::count(const std::string& field, std::int64_t limit, const std::string& alias)
{
    const std::string& used = !has(field) && !alias.empty() && has(alias) ? alias : field;
    if (!has(used)) {
        refuse("the field \"" + field + "\" is missing");
        return 1;
    }
    return countOr(used, limit, 1);
}

std::int64_t ConfigReader::countOr(const std::string& field, std::int64_t limit, std::int64_t fallback)
{
    if (!has(field)) {
        return fallback;
    }
    const auto number = asInteger(value(field));
    if (!number || *number < 1 || *number > limit) {
        refuseValue(field, "a whole number from 1 to " + std::to_string(limit));
        return fallback;
    }
    return *number;
}

double ConfigReader::numberOr(const std::string& field, double low, double high, double fallback)
{
    if (!has(field)) {
        return fallback;
    }
    const auto& found = value(field);
    if (!found.is_number() || !(found.get<double>() >= low && found.get<double>() <= high)) {
        refuseValue(field, "a number from " + nlohmann::json(low).dump() + " to " + nlohmann::json(high).dump());
        return fallback;
    }
    return found.get<double>();
}

bool ConfigReader::flagOr(const std::string& field, bool fallback)
{
    if (!has(field)) {
        return fallback;
    }
    if (!value(field).is_boolean()) {
        refuseValue(field, "true or false");
        return fallback;
    }
    return value(field).get<bool>();
}

std::string ConfigReader::textOr(const std::string& field, const std::string& fallback)
{
    if (!has(field)) {
        return fallback;
    }
    if (!value(field).is_string()) {
        refuseValue(field, "a text");
        return fallback;
    }
    return value(field).get<std::string>();
}

std::vector<std::int64_t> ConfigReader::ids(const std::string& field)
{
    if (!has(field)) {
        return {};
    }
    const auto& found = value(field);
    std::vector<std::int64_t> result;
    for (const auto& id : found.is_array() ? found : nlohmann::ordered_json::array({found})) {
        const auto number = asInteger(id);
        if (!number) {
            refuseValue(field, "a token id or a list of them");
            return {};
        }
        if (*number >= 0) { // some configurations write -1 for "none"
            result.push_back(*number);
        }
    }
    return result;
}

void ConfigReader::adopt(const Failure& failure)
{
    if (!m_failure) {
        m_failure = failure;
    }
}

void ConfigReader::refuse(const std::string& why, const std::string& hint)
{
    adopt({m_where + ": " + why + ".", hint});
}

void ConfigReader::refuseValue(const std::string& field, const std::string& expected)
{
    std::string shown = value(field).dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    if (shown.size() > 60) {
        shown = shown.substr(0, 60) + "...";
    }
    refuse("the field \"" + field + "\" is " + shown + " but must be " + expected);
}

} // namespace dskd::model
