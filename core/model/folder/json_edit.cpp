#include "core/model/folder/json_edit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace dskd::model
{
namespace
{

constexpr std::string_view kBlank = " \t\r\n";

struct Range {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
};

struct Outermost {
    Range value;            // of the field that was looked for; the last one of several, which parsers take
    std::size_t close = 0;  // where the object's bracket closes
    bool hasFields = false; // any at all
};

// Behind the string that opens at `open`.
std::size_t behindString(std::string_view json, std::size_t open)
{
    for (std::size_t i = open + 1; i < json.size(); ++i) {
        if (json[i] == '\\') {
            ++i;
        } else if (json[i] == '"') {
            return i + 1;
        }
    }
    return json.size();
}

Range withoutBlanks(std::string_view json, Range range)
{
    range.begin = std::min(json.find_first_not_of(kBlank, range.begin), range.end);
    range.end = json.find_last_not_of(kBlank, range.end - 1) + 1;
    return range;
}

// Finds the value of the field that is spelled `key`, quotes included.
Outermost scan(std::string_view json, std::string_view key)
{
    Outermost found;
    std::string_view name;
    std::size_t begin = 0; // of the value that is being read; 0: none is
    int depth = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') {
            const std::size_t end = behindString(json, i);
            if (depth == 1 && begin == 0) {
                name = json.substr(i, end - i);
            }
            i = end - 1;
        } else if (c == ':' && depth == 1) {
            begin = i + 1;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']' || (c == ',' && depth == 1)) {
            if (depth == 1 && begin > 0) {
                found.hasFields = true;
                found.value = name == key ? withoutBlanks(json, {begin, i}) : found.value;
                begin = 0;
            }
            depth -= c == ',' ? 0 : 1;
            if (depth == 0) {
                found.close = i;
                break;
            }
        }
    }
    return found;
}

} // namespace

std::string withField(std::string_view json, std::string_view field, std::string_view value)
{
    const std::string key = nlohmann::json(field).dump();
    const Outermost found = scan(json, key);
    std::string text(json);
    if (found.value.begin != std::string_view::npos) {
        return text.replace(found.value.begin, found.value.end - found.value.begin, value);
    }
    const std::size_t end = json.find_last_not_of(kBlank, found.close - 1) + 1; // of the last field
    const bool lines = json.substr(end, found.close - end).find('\n') != std::string_view::npos;
    const std::string comma = found.hasFields ? "," : "";
    const std::string gap = lines ? "\n  " : found.hasFields ? " " : "";
    return text.insert(end, comma + gap + key + ": " + std::string(value));
}

} // namespace dskd::model
