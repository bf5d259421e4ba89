#include "app/cli/commands/export.h"

#include "app/report/report.h"
#include "core/export/export_plan.h"
#include "core/jobs/run_folder.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

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
    const auto plan = exporting::planExport(
        workspace->layout().run(*id), options.step,
        options.adapter ? exporting::ExportedAs::Adapter : exporting::ExportedAs::Model, options.to);
    if (!plan) {
        return explain(console, plan.failure(), ExitCode::NotFound, options.json);
    }
    const std::atomic<bool> cancelled{false}; // never: Ctrl+C ends the program
    const auto names = exporting::carryOut(
        *plan, options.force ? exporting::Existing::Overwrite : exporting::Existing::Refuse, cancelled);
    if (!names) {
        return explain(console, names.failure(), ExitCode::Failed, options.json);
    }
    if (options.json) {
        printJson(console.out, {{"run", *id}, {"step", plan->step}, {"folder", plan->to.string()}, {"files", *names}});
    } else {
        console.out << "Step " << plan->step << " of " << *id << " is in " << plan->to.string() << " now:";
        for (const std::string& name : *names) {
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
