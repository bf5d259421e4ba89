#include "core/config/schema/experiment_json.h"

#include "core/config/methods/method_table.h"

#include "core/base/file_kind.h"
#include "core/base/nearest_name.h"
#include "core/base/regular_file.h"
#include "core/base/utf8.h"
#include "core/config/schema/fields.h"
#include "core/config/schema/strict_json.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace dskd::config
{
namespace
{

using nlohmann::json;

// "train.lr" -> "/train/lr"
json::json_pointer pointerTo(std::string_view path)
{
    std::string pointer("/");
    pointer += path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    return json::json_pointer(pointer);
}

bool isSection(std::string_view path)
{
    const std::string prefix = std::string(path) + ".";
    return std::any_of(fields().begin(), fields().end(),
                       [&](const Field& field) { return field.info.path.starts_with(prefix); });
}

std::string shown(const json& value)
{
    constexpr std::size_t kLongest = 60;
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    return text.size() <= kLongest ? text : text.substr(0, codePointBegin(text, kLongest)) + "…";
}

// The known name that a mistyped path means: one that is spelled like it, or one of that name in another section.
std::string suggestion(std::string_view path)
{
    std::vector<std::string> paths{std::string(kMethodByName)};
    for (const Field& field : fields()) {
        if (lastPart(field.info.path) == lastPart(path)) {
            return field.info.path;
        }
        paths.push_back(field.info.path);
    }
    if (const std::string near = nearestName(path, paths); !near.empty()) {
        return near;
    }
    std::vector<std::string> tails;
    tails.reserve(paths.size());
    for (const std::string& known : paths) {
        tails.emplace_back(lastPart(known));
    }
    const std::string tail = nearestName(lastPart(path), tails);
    const auto found = std::find(tails.begin(), tails.end(), tail);
    return tail.empty() ? "" : paths[static_cast<std::size_t>(found - tails.begin())];
}

std::string unknownField(std::string_view path)
{
    const std::string near = suggestion(path);
    return "There is no field " + std::string(path) + (near.empty() ? "." : "; did you mean " + near + "?");
}

std::string absolutePath(const std::string& path, const std::filesystem::path& baseFolder)
{
    if (path.empty()) {
        return path;
    }
    return (std::filesystem::absolute(baseFolder) / path).lexically_normal().string();
}

std::optional<std::string> writeField(Experiment& experiment, const Field& field, const json& value,
                                      const std::filesystem::path& baseFolder)
{
    if (field.isPath && value.is_string()) {
        return field.write(experiment, absolutePath(value.get<std::string>(), baseFolder));
    }
    return field.write(experiment, value);
}

// Finds the keys that no field has. `prefix` ends in '.' or is empty.
void checkKeys(const json& object, const std::string& prefix, std::vector<Problem>& problems)
{
    for (const auto& [key, value] : object.items()) {
        const std::string path = prefix + key;
        if (key.find('.') != std::string::npos) {
            problems.push_back({path, "The key \"" + key + "\" has a dot in it; sections are objects, as in " +
                                          R"({"train": {"lr": 1e-3}}.)"});
            continue;
        }
        if (findField(path) != nullptr) {
            continue;
        }
        if (!isSection(path)) {
            problems.push_back({path, unknownField(path)});
        } else if (!value.is_object()) {
            const bool named = path == kMethodByName && value.is_string();
            problems.push_back(
                {path, path + " is " + shown(value) + ", but must be an object in braces." +
                           (named ? " In a file a method is its fields, which `dskd methods NAME` lists; the dialog "
                                    "of a new experiment and `dskd config` set them by the name."
                                  : "")});
        } else {
            checkKeys(value, path + ".", problems);
        }
    }
}

Failure failureOf(const std::vector<Problem>& problems)
{
    if (problems.size() == 1) {
        return {problems.front().what, {}};
    }
    std::string what = "The configuration has " + std::to_string(problems.size()) + " problems:";
    for (const Problem& problem : problems) {
        what += "\n  " + problem.what;
    }
    return {what, {}};
}

// What a person types for a field as the JSON value that it means; text that fits no other type stays text, and the
// field then says what it expects.
json valueFromText(const Field& field, std::string_view text)
{
    const std::string& type = field.info.type;
    if (type == "boolean") {
        std::string lower(text);
        std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
        if (lower == "true" || lower == "yes" || lower == "on" || lower == "1") {
            return true;
        }
        if (lower == "false" || lower == "no" || lower == "off" || lower == "0") {
            return false;
        }
    } else if (type == "integer" || type == "number") {
        const json parsed = json::parse(text, nullptr, false);
        if (parsed.is_number()) {
            return parsed;
        }
        double number = 0.0; // also ".5" and "1.", which JSON does not have
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size() && std::isfinite(number)) { // JSON has no NaN
            return number;
        }
    }
    return std::string(text);
}

} // namespace

std::vector<FieldInfo> fieldReference()
{
    std::vector<FieldInfo> reference;
    for (const Field& field : fields()) {
        reference.push_back(field.info);
    }
    return reference;
}

Result<Experiment> parseExperiment(std::string_view text, const std::filesystem::path& baseFolder)
{
    const Result<json> parsed = parseStrictJson(text);
    if (!parsed) {
        return parsed.failure();
    }
    const json& root = *parsed;
    if (!root.is_object()) {
        return Failure{"A configuration is a JSON object in braces, but this is " + shown(root) + ".", {}};
    }
    // A newer format has other fields; complaining of each of them would hide the one thing that matters.
    if (root.contains("version") && root["version"].is_number_integer() && root["version"] > kExperimentVersion) {
        return Failure{"version is " + root["version"].dump() +
                           ", but this program reads configurations up to version " +
                           std::to_string(kExperimentVersion) + ".",
                       "Use a newer version of the program."};
    }
    std::vector<Problem> problems;
    checkKeys(root, "", problems);
    Experiment experiment;
    for (const Field& field : fields()) {
        const auto pointer = pointerTo(field.info.path);
        // contains() throws for an index into an array, which checkKeys has reported already
        const auto section = pointer.parent_pointer();
        if (!root.contains(section) || !root[section].is_object() || !root.contains(pointer)) {
            continue;
        }
        if (const auto refused = writeField(experiment, field, root[pointer], baseFolder)) {
            problems.push_back(
                {field.info.path, field.info.path + " is " + shown(root[pointer]) + ", but " + *refused + "."});
        }
    }
    if (!problems.empty()) {
        return failureOf(problems);
    }
    return experiment;
}

Result<Experiment> loadExperiment(const std::filesystem::path& file)
{
    if (const auto regular = requireRegular(file); !regular) {
        return errorOf(regular.failure(), FailureKind::Usage).failure();
    }
    const Result<std::string> text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    Result<Experiment> experiment = parseExperiment(*text, std::filesystem::absolute(file).parent_path());
    if (!experiment) {
        if (const auto kind = wrongFileKind(file.string(), *text)) {
            return Failure{kind->what, kind->hint, FailureKind::Usage};
        }
        return Failure{file.string() + ": " + experiment.failure().what, experiment.failure().hint, FailureKind::Usage};
    }
    return experiment;
}

json toJson(const Experiment& experiment)
{
    json root = json::object();
    for (const Field& field : fields()) {
        root[pointerTo(field.info.path)] = field.read(experiment);
    }
    return root;
}

std::string toText(const Experiment& experiment)
{
    nlohmann::ordered_json root = nlohmann::ordered_json::object();
    for (const Field& field : fields()) {
        root[nlohmann::ordered_json::json_pointer(pointerTo(field.info.path).to_string())] = field.read(experiment);
    }
    return root.dump(2) + "\n";
}

Result<std::string> resolveField(std::string_view path)
{
    if (const Field* field = findField(path)) {
        return field->info.path;
    }
    std::string tail(".");
    tail += path;
    std::vector<std::string> candidates;
    for (const Field& field : fields()) {
        if (field.info.path.ends_with(tail)) {
            candidates.push_back(field.info.path);
        }
    }
    if (candidates.size() == 1) {
        return candidates.front();
    }
    if (candidates.empty()) {
        return Failure{unknownField(path), {}};
    }
    std::string list;
    for (const std::string& candidate : candidates) {
        list += (list.empty() ? "" : ", ") + candidate;
    }
    return Failure{"The field name " + std::string(path) + " is ambiguous: " + list + ".", "Write the full name."};
}

std::string shortField(const std::string& path)
{
    const Field* field = findField(path);
    return field == nullptr ? path : field->info.shortName;
}

std::string_view lastPart(std::string_view path)
{
    const auto dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

Result<void> setField(Experiment& experiment, std::string_view path, std::string_view text)
{
    if (path == kMethodByName) {
        const Result<const NamedMethod*> method = findMethod(text);
        if (!method) {
            return method.failure();
        }
        applyMethod(experiment, **method);
        return {};
    }
    const Result<std::string> full = resolveField(path);
    if (!full) {
        return full.failure();
    }
    const Field& field = *findField(*full);
    const json value = valueFromText(field, text);
    if (const auto refused = writeField(experiment, field, value, std::filesystem::current_path())) {
        return Failure{*full + " is " + shown(value) + ", but " + *refused + ".", {}};
    }
    return {};
}

json fieldValue(const Experiment& experiment, std::string_view path)
{
    const Field* field = findField(path);
    if (field == nullptr) {
        throw Error(unknownField(path));
    }
    return field->read(experiment);
}

} // namespace dskd::config
