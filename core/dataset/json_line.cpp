#include "core/dataset/json_line.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace dskd::dataset
{
namespace
{
using nlohmann::json;

// The line with 0 for the literals that Python's json writes for numbers that are not finite, at equal length, so that
// places in it stay; nothing when there are none.
std::optional<std::string> withoutNotFinite(std::string_view line)
{
    constexpr std::string_view kLiterals[] = {"-Infinity", "Infinity", "NaN"};
    std::optional<std::string> replaced;
    bool inText = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (inText) {
            if (line[i] == '\\') {
                ++i;
            } else if (line[i] == '"') {
                inText = false;
            }
            continue;
        }
        if (line[i] == '"') {
            inText = true;
            continue;
        }
        for (const std::string_view literal : kLiterals) {
            if (line.substr(i).starts_with(literal)) {
                if (!replaced) {
                    replaced.emplace(line);
                }
                replaced->replace(i, literal.size(), std::string(literal.size() - 1, ' ') + "0");
                i += literal.size() - 1;
                break;
            }
        }
    }
    return replaced;
}

Result<json> parseStrictJson(std::string_view line)
{
    try {
        return json::parse(line);
    } catch (const json::parse_error& error) {
        const std::string at = " at byte " + std::to_string(error.byte);
        const std::string_view message = error.what();
        if (message.find("ill-formed UTF-8") != std::string_view::npos) {
            return Failure{"The line is not valid UTF-8" + at + ".", {}};
        }
        if (message.find("unexpected end of input") != std::string_view::npos ||
            message.find("missing closing quote") != std::string_view::npos) {
            return Failure{"The line ends before its JSON is complete.", {}};
        }
        return Failure{"The line is not valid JSON" + at + ".", {}};
    } catch (const json::exception&) { // a number outside the range of double
        return Failure{"The line holds a number that is out of range.", {}};
    }
}

} // namespace

Result<json> parseJsonLine(std::string_view line)
{
    Result<json> parsed = parseStrictJson(line);
    if (!parsed) { // the search costs a second look at the line, and few lines need it
        if (const std::optional<std::string> finite = withoutNotFinite(line)) {
            return parseStrictJson(*finite);
        }
    }
    return parsed;
}

} // namespace dskd::dataset
