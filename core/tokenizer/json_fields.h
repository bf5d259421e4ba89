#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// Reading fields of a JSON object that may be absent, null or of another type: then there is no value.
namespace dskd::tokenizer
{

[[nodiscard]] inline const nlohmann::json* findField(const nlohmann::json& object, std::string_view name)
{
    if (!object.is_object()) {
        return nullptr;
    }
    const auto field = object.find(name);
    return field == object.end() || field->is_null() ? nullptr : &*field;
}

[[nodiscard]] inline std::optional<std::string> textField(const nlohmann::json& object, std::string_view name)
{
    const nlohmann::json* field = findField(object, name);
    return field != nullptr && field->is_string() ? std::optional(field->get<std::string>()) : std::nullopt;
}

[[nodiscard]] inline bool flagField(const nlohmann::json& object, std::string_view name, bool otherwise)
{
    const nlohmann::json* field = findField(object, name);
    return field != nullptr && field->is_boolean() ? field->get<bool>() : otherwise;
}

[[nodiscard]] inline std::optional<std::int64_t> integerField(const nlohmann::json& object, std::string_view name)
{
    const nlohmann::json* field = findField(object, name);
    return field != nullptr && field->is_number_integer() ? std::optional(field->get<std::int64_t>()) : std::nullopt;
}

// The field's elements; an empty list when it is no list.
[[nodiscard]] inline const nlohmann::json& listField(const nlohmann::json& object, std::string_view name)
{
    static const nlohmann::json kEmpty = nlohmann::json::array();
    const nlohmann::json* field = findField(object, name);
    return field != nullptr && field->is_array() ? *field : kEmpty;
}

} // namespace dskd::tokenizer
