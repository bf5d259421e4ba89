#include "core/jobs/experiment_file.h"

#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/config/schema/strict_json.h"
#include "core/jobs/experiments.h"

#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

namespace dskd::jobs
{
namespace
{

using nlohmann::json;

constexpr int kVersion = 1;

Failure malformed(const std::filesystem::path& file, const std::string& what)
{
    return {file.string() + " is no experiment: " + what + ".", "\"dskd experiment export\" writes one.",
            FailureKind::Usage};
}

// With the file's name before the sentence, where it is not in it.
Failure inFile(const std::filesystem::path& file, Failure failure)
{
    if (failure.what.find(file.string()) == std::string::npos) {
        failure.what = file.string() + ": " + failure.what;
    }
    if (failure.kind == FailureKind::Failed) {
        failure.kind = FailureKind::Usage;
    }
    return failure;
}

std::string nameOf(const config::Experiment& configuration, const std::filesystem::path& file)
{
    for (const std::string& name : {configuration.group, configuration.name}) {
        if (!name.empty()) {
            return name;
        }
    }
    return file.stem().string();
}

Result<ExperimentFile> exported(const json& document, const std::filesystem::path& file)
{
    static const std::set<std::string> kKeys{"version", "name", "note", "tags", "plan"};
    for (const auto& [key, value] : document.items()) {
        if (!kKeys.contains(key)) {
            return malformed(file, "it has the unknown key \"" + key + "\"");
        }
    }
    ExperimentFile read;
    try {
        if (document.at("version") != kVersion) {
            return malformed(file, "it is of a version that this program cannot read");
        }
        read.name = document.at("name").get<std::string>();
        read.note = document.value("note", read.note);
        read.tags = document.value("tags", read.tags);
    } catch (const json::exception&) {
        return malformed(file, "its version, name, note or tags are missing or of another type");
    }
    auto plan = config::parsePlan(document.at("plan").dump(), file.parent_path());
    if (!plan) {
        return inFile(file, plan.failure());
    }
    read.plan = *std::move(plan);
    return read;
}

} // namespace

std::string toText(const ExperimentFile& file)
{
    nlohmann::ordered_json document;
    document["version"] = kVersion;
    document["name"] = file.name;
    document["note"] = file.note;
    document["tags"] = file.tags;
    document["plan"] = nlohmann::ordered_json::parse(config::toText(file.plan));
    return document.dump(2) + "\n";
}

Result<ExperimentFile> readExperimentFile(const std::filesystem::path& given)
{
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(given, error);
    const std::filesystem::path file = error ? given : absolute;
    const auto text = readTextFile(given);
    const json kind = json::parse(text ? *text : "", nullptr, /*allow_exceptions=*/false);
    const bool isExport = kind.is_object() && kind.contains("plan");
    if (!isExport && (!kind.is_object() || !kind.contains("configuration"))) {
        auto configuration = config::loadExperiment(given); // the failure of what is none of them is its own
        if (!configuration) {
            return configuration.failure();
        }
        std::string name = nameOf(*configuration, given);
        return ExperimentFile{std::move(name), {}, {}, {*std::move(configuration), {}, {}, {}, {}}};
    }
    const auto document = config::parseStrictJson(*text);
    if (!document) {
        return inFile(given, document.failure());
    }
    if (isExport) {
        return exported(*document, file);
    }
    auto plan = config::parsePlan(*text, file.parent_path());
    if (!plan) {
        return inFile(given, plan.failure());
    }
    std::string name = nameOf(plan->base, given);
    return ExperimentFile{std::move(name), {}, {}, *std::move(plan)};
}

Result<void> exportExperiment(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                              const std::filesystem::path& to, Overwrite overwrite,
                              std::optional<std::int64_t> revision)
{
    auto plan = planOf(workspace, experiment, revision);
    if (!plan) {
        return plan.failure();
    }
    std::error_code error;
    if (overwrite == Overwrite::No && std::filesystem::exists(to, error)) {
        return Failure{to.string() + " is there already.", "Name another file, or overwrite it.", FailureKind::Usage};
    }
    return writeFileAtomically(to, toText({experiment.name, experiment.note, experiment.tags, *std::move(plan)}));
}

Result<store::ExperimentRow> importExperiment(store::WorkspaceDb& workspace, const ExperimentFile& file)
{
    if (const auto runs = config::expand(file.plan); !runs) {
        return runs.failure();
    }
    store::ExperimentTable table(workspace);
    const auto id = table.add(table.freeName(file.name), config::toText(file.plan));
    if (!id) {
        return id.failure();
    }
    if (const auto noted = table.setNote(*id, file.note); !noted) {
        return noted.failure();
    }
    if (const auto tagged = table.setTags(*id, file.tags); !tagged) {
        return tagged.failure();
    }
    return table.find("#" + std::to_string(*id));
}

} // namespace dskd::jobs
