#include "core/config/schema/field_values.h"

#include "core/base/utf8.h"

namespace dskd::config::rows
{

bool Range::holds(double value) const
{
    return std::isfinite(value) && (leastExcluded ? value > least : value >= least) &&
           (mostExcluded ? value < most : value <= most);
}

std::string Range::text() const
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

std::string Range::integerText() const
{
    return std::isfinite(least) ? ">= " + std::to_string(static_cast<std::int64_t>(least)) : std::string();
}

Refusal storeNumber(double& value, const json& given, const Range& range)
{
    if (!given.is_number() || !range.holds(given.get<double>())) {
        const std::string allowed = range.text();
        return "must be a number" + (allowed.empty() ? "" : " " + allowed);
    }
    value = given.get<double>();
    return std::nullopt;
}

Refusal storeBoolean(bool& value, const json& given)
{
    if (!given.is_boolean()) {
        return "must be true or false";
    }
    value = given.get<bool>();
    return std::nullopt;
}

Refusal storeText(std::string& value, const json& given)
{
    if (!given.is_string()) {
        return "must be a text in quotes";
    }
    auto read = given.get<std::string>();
    if (!isValidUtf8(read)) {
        return "must be valid UTF-8";
    }
    value = std::move(read);
    return std::nullopt;
}

} // namespace dskd::config::rows
