#include "core/jobs/diagnostics.h"

#include "core/base/version.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/evidence.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_facts.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <vector>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;

struct Replacement {
    std::string path;
    std::string shown;     // in its place
    bool isFolder = false; // replaced only where its name ends there: "/home/ada" is not in "/home/adam"
};

void addPaths(const nlohmann::json& value, std::vector<Replacement>& into)
{
    if (value.is_structured()) {
        for (const nlohmann::json& part : value) {
            addPaths(part, into);
        }
    } else if (value.is_string()) {
        const fs::path path(value.get<std::string>());
        if (path.is_absolute() && path.has_filename()) {
            into.push_back({path.string(), "…/" + path.filename().string()});
        }
    }
}

// The folder as it is spelled, and without links; never the root, which begins every path.
void addFolder(const fs::path& spelled, const char* shown, std::vector<Replacement>& into)
{
    std::error_code error;
    const fs::path real = fs::weakly_canonical(spelled, error); // empty where that fails
    for (const fs::path& each : {spelled.lexically_normal(), real}) {
        const fs::path folder = each.has_filename() ? each : each.parent_path(); // "/home/ada/"
        if (folder.is_absolute() && folder.has_filename()) {
            into.push_back({folder.string(), shown, /*isFolder=*/true});
        }
    }
}

// The longest first, so that a path is not cut where another one is its beginning.
std::vector<Replacement> replacementsOf(const RunLayout& run, const config::Experiment& experiment)
{
    std::vector<Replacement> all;
    addPaths(config::toJson(experiment), all);
    std::error_code error;
    const fs::path root = fs::absolute(run.root, error).parent_path().parent_path(); // of <workspace>/runs/<id>
    if (!error) {
        addFolder(root, "WORKSPACE", all);
    }
    if (const char* home = std::getenv("HOME")) {
        addFolder(home, "~", all);
    }
    if (const Result<fs::path> worker = findWorker()) {
        addFolder(worker->parent_path(), "PROGRAMS", all);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Replacement& a, const Replacement& b) { return a.path.size() > b.path.size(); });
    return all;
}

bool isLetterOrDigit(char character)
{
    return std::isalnum(static_cast<unsigned char>(character)) != 0;
}

// Whether the path stands in the text at this place.
bool standsAt(const Replacement& replacement, const std::string& text, std::size_t at)
{
    if (text.compare(at, replacement.path.size(), replacement.path) != 0) {
        return false;
    }
    const std::size_t end = at + replacement.path.size();
    const bool nameGoesOn = end < text.size() && (isLetterOrDigit(text[end]) || text[end] == '-' || text[end] == '_');
    return !replacement.isFolder || !nameGoesOn;
}

// In one pass: what was put in for one path may hold another one.
std::string withoutPaths(const std::string& text, const std::vector<Replacement>& replacements)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const bool mayBegin = text[at] == '/' && (at == 0 || !isLetterOrDigit(text[at - 1]));
        const auto found = std::find_if(replacements.begin(), replacements.end(),
                                        [&](const Replacement& each) { return mayBegin && standsAt(each, text, at); });
        if (found == replacements.end()) {
            result += text[at++];
        } else {
            result += found->shown;
            at += found->path.size();
        }
    }
    return result;
}

// Each line of the text, indented, so that a log is distinguished from what stands around it.
std::string indented(const std::string& text)
{
    std::string result = "  ";
    for (const char letter : text) {
        result += letter;
        result += letter == '\n' ? "  " : "";
    }
    return result;
}

} // namespace

Result<Diagnostics> diagnose(const RunLayout& run)
{
    if (const std::optional<Failure> gone = folderGone(run)) {
        return *gone;
    }
    const Result<config::Experiment> experiment = runConfig(run);
    if (!experiment) {
        return experiment.failure();
    }
    const std::vector<Replacement> replacements = replacementsOf(run, *experiment);
    const auto shown = [&](const std::string& text) { return withoutPaths(text, replacements); };
    const RunStatus status = readStatus(run);
    Diagnostics result;
    result.runId = run.root.filename().string();
    result.status = name(status.status);
    result.sentence = shown(status.sentence);
    if (status.failure) {
        result.what = shown(status.failure->what);
        result.hint = shown(status.failure->hint);
    }
    result.log = shown(logTail(run));
    result.program = kVersion;
    if (auto reader = store::RunReader::open(run)) { // else the status has the reason
        try {
            for (const auto& [fact, value] : readFacts(run, *reader)) {
                result.facts[fact] = shown(value);
            }
        } catch (const Error& damaged) {
            result.sentence += " " + shown(damaged.failure().text());
        }
    }
    result.configuration = shown(config::toText(*experiment));
    return result;
}

std::string toText(const Diagnostics& diagnostics)
{
    std::string text = "Run " + diagnostics.runId + "\nStatus: " + std::string(diagnostics.status) + "\n" +
                       diagnostics.sentence + "\n";
    if (!diagnostics.sentence.starts_with(diagnostics.what)) { // else it stands above
        text += diagnostics.what + "\n";
    }
    text += diagnostics.hint + (diagnostics.hint.empty() ? "" : "\n");
    text += "\nprogram: dskd " + diagnostics.program + "\n";
    for (const auto& [fact, value] : diagnostics.facts) {
        text += fieldTitle(fact) + ": " + value + "\n";
    }
    text += diagnostics.log.empty() ? "\nworker.log is empty.\n"
                                    : "\nThe last lines of worker.log; look through them for what should stay here:\n" +
                                          indented(diagnostics.log) + "\n";
    text += "\nConfiguration, of paths the last names alone:\n" + diagnostics.configuration;
    return text.ends_with('\n') ? text : text + "\n";
}

} // namespace dskd::jobs
