#include "app/cli/commands/export.h"

#include "app/report/report.h"
#include "core/base/checkpoint_folders.h"
#include "core/export/exported_folder.h"
#include "core/jobs/run_folder.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

std::vector<std::string> fileNames(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string listed(const std::vector<std::int64_t>& steps)
{
    std::string text;
    for (const std::int64_t step : steps) {
        text += (text.empty() ? "" : ", ") + std::to_string(step);
    }
    return text;
}

} // namespace

int runExport(const ExportOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = findTrainedRun(*workspace, options.run);
    if (!id) {
        return explain(console, id.failure(), ExitCode::NotFound, options.json);
    }
    const RunLayout run = workspace->layout().run(*id);
    const auto steps = finishedCheckpoints(run);
    if (steps.empty()) {
        return explain(console,
                       {*id + " has no finished checkpoint yet.", "\"dskd stop\" makes a running one write it."},
                       ExitCode::NotFound, options.json);
    }
    const std::int64_t step = options.step.value_or(steps.back());
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
        return explain(
            console,
            {*id + " has no checkpoint of step " + std::to_string(step) + ".", "It has: " + listed(steps) + "."},
            ExitCode::NotFound, options.json);
    }
    std::error_code error;
    const fs::path to = fs::absolute(options.to, error).lexically_normal();
    if (fs::exists(to, error) && !options.force && (!fs::is_directory(to, error) || !fs::is_empty(to, error))) {
        return explain(console, {to.string() + " exists already.", "--force overwrites the files in it."},
                       ExitCode::Failed, options.json);
    }
    const auto written = exportCheckpoint(run, step, options.adapter ? ExportedAs::Adapter : ExportedAs::Model, to);
    if (!written) {
        return explain(console, written.failure(), ExitCode::Failed, options.json);
    }
    const std::vector<std::string> names = fileNames(to);
    if (options.json) {
        printJson(console.out, {{"run", *id}, {"step", step}, {"folder", to.string()}, {"files", names}});
    } else {
        console.out << "Step " << step << " of " << *id << " is in " << to.string() << " now:";
        for (const std::string& name : names) {
            console.out << ' ' << name;
        }
        console.out << '\n';
    }
    return toInt(ExitCode::Done);
}

int runDelete(const DeleteOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& word : options.runs) {
        // A run in the trash is only found by its whole id, so that a short name cannot purge the wrong one.
        const auto trashed = workspace->runs(true);
        const bool inTrash =
            std::any_of(trashed.begin(), trashed.end(), [&](const store::RunRow& run) { return run.id == word; });
        const auto id = inTrash ? Result<std::string>(word) : workspace->findRun(word);
        if (!id) {
            return explain(console, id.failure(), ExitCode::NotFound, options.json);
        }
        if (!inTrash) {
            if (const auto moved = jobs::moveToTrash(*workspace, *id); !moved) {
                return explain(console, moved.failure(), ExitCode::Failed, options.json);
            }
        }
        std::uint64_t freed = 0;
        if (options.purge) {
            const auto purged = jobs::purge(*workspace, *id);
            if (!purged) {
                return explain(console, purged.failure(), ExitCode::Failed, options.json);
            }
            freed = *purged;
        }
        rows.push_back({{"run", *id}, {"purged", options.purge}, {"freed_bytes", freed}});
        if (!options.json) {
            console.out << *id
                        << (options.purge ? " is deleted for good; " + text::bytes(freed) + " freed.\n"
                                          : " is in the trash. \"dskd restore " + *id + "\" brings it back.\n");
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return toInt(ExitCode::Done);
}

int runRestore(const RestoreOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    for (const std::string& id : options.runs) {
        if (const auto restored = jobs::restoreFromTrash(*workspace, id); !restored) {
            return explain(console, restored.failure(), ExitCode::NotFound, options.json);
        }
        if (!options.json) {
            console.out << id << " is back.\n";
        }
    }
    if (options.json) {
        printJson(console.out, {{"restored", options.runs}});
    }
    return toInt(ExitCode::Done);
}

int runReport(const ReportOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    std::vector<std::string> ids;
    if (options.runs.empty()) {
        for (const store::RunRow& run : workspace->runs()) {
            if (run.job == "train") {
                ids.push_back(run.id);
            }
        }
    } else {
        const auto found = findRuns(*workspace, options.runs);
        if (!found) {
            return explain(console, found.failure(), ExitCode::NotFound, options.json);
        }
        ids = *found;
    }
    if (ids.empty()) {
        return explain(console, {"There are no runs to report on.", "\"dskd run CONFIG\" starts one."},
                       ExitCode::NotFound, options.json);
    }
    const fs::path to = options.to.empty() ? workspace->layout().root / "report.html" : fs::path(options.to);
    const auto written = report::writeReport(*workspace, ids, options.title, to);
    if (!written) {
        return explain(console, written.failure(), ExitCode::Failed, options.json);
    }
    if (options.json) {
        printJson(console.out, {{"report", to.string()}, {"runs", ids}});
    } else {
        console.out << to.string() << '\n';
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli
