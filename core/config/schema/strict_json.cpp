#include "core/config/schema/strict_json.h"

#include <set>
#include <string>
#include <vector>

namespace dskd::config
{

Result<nlohmann::json> parseStrictJson(std::string_view text)
{
    using nlohmann::json;
    std::vector<std::set<std::string>> keysOfOpenObjects;
    std::string twice;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) {
            keysOfOpenObjects.emplace_back();
        } else if (event == json::parse_event_t::object_end) {
            keysOfOpenObjects.pop_back();
        } else if (event == json::parse_event_t::key && twice.empty() &&
                   !keysOfOpenObjects.back().insert(parsed.get<std::string>()).second) {
            twice = parsed.get<std::string>();
        }
        return true;
    };
    try {
        json parsed = json::parse(text, watch);
        if (!twice.empty()) {
            return Failure{"The key \"" + twice + "\" stands twice in the same object.", "Remove one of them."};
        }
        return parsed;
    } catch (const json::exception& error) {
        std::string why = error.what(); // "[json.exception.parse_error.101] parse error at line 2, column 1: ..."
        if (const auto end = why.find("] "); why.starts_with("[") && end != std::string::npos) {
            why.erase(0, end + 2);
        }
        return Failure{"This is not valid JSON: " + why + ".", "Check commas, quotes and brackets there."};
    }
}

} // namespace dskd::config
