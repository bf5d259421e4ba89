// `dskd delete` and `dskd restore`: runs into the trash and out of it.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/jobs/experiments.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct DeleteOptions : CommonOptions {
    std::vector<std::string> runs;
    bool purge = false; // for good
};

struct RestoreOptions : CommonOptions {
    std::vector<std::string> runs;
};

// The runs in the trash that are meant: one by its id, or by a name that no other run there has, or a group. What is in
// use and is called so comes first, and then the result is empty. The beginning of an id is not enough, so that a short
// word cannot purge the wrong one.
std::vector<std::string> inTrash(store::WorkspaceDb& workspace, const std::string& word)
{
    const std::vector<store::RunRow> inUse = workspace.runs();
    const std::vector<store::RunRow> trashed = workspace.runs(true);
    const auto isCalledSo = [&](const store::RunRow& run) { return run.id == word || run.name == word; };
    const auto isOfGroup = [&](const store::RunRow& run) {
        return !run.group.empty() && (run.group == word || "group:" + run.group == word);
    };
    if (word.empty() || word == "last" || std::ranges::any_of(inUse, isCalledSo)) {
        return {};
    }
    if (std::ranges::any_of(trashed, isCalledSo)) {
        return {workspace.findRun(word, /*trashed=*/true).value()};
    }
    if (std::ranges::any_of(trashed, isOfGroup) && !std::ranges::any_of(inUse, isOfGroup) && !workspace.findRun(word)) {
        return findRuns(workspace, {word}, /*trashed=*/true);
    }
    return {};
}

ExitCode runDelete(const DeleteOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    std::vector<std::string> ids; // all are found before the first is moved
    for (const std::string& word : options.runs) {
        const std::vector<std::string> trashed = inTrash(workspace, word);
        for (const std::string& id : trashed.empty() ? findRuns(workspace, {word}) : trashed) {
            if (std::ranges::find(ids, id) == ids.end()) {
                ids.push_back(id);
            }
        }
    }
    for (const std::string& id : ids) { // all of them may go, or none goes
        jobs::requireMovable(workspace, id).value();
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& id : ids) {
        if (!workspace.run(id).value().trashed) {
            jobs::moveToTrash(workspace, id).value();
        }
        const bool hasFolder = !jobs::folderGone({workspace.layout().trash() / id});
        const std::uint64_t freed = options.purge ? jobs::purge(workspace, id).value() : 0;
        rows.push_back({{"run", id}, {"purged", options.purge}, {"had_folder", hasFolder}, {"freed_bytes", freed}});
        if (options.json) {
            continue;
        }
        if (options.purge) {
            console.out << id << " is deleted for good; " << text::bytes(freed) << " freed.\n";
        } else if (hasFolder) {
            console.out << id << " is in the trash. \"dskd restore " << id << "\" brings it back.\n";
        } else {
            console.out << "The folder of " << id << " is gone: there was none to move, and only the run's row is in "
                        << "the trash. \"dskd delete " << id << " --purge\" deletes that too.\n";
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return ExitCode::Done;
}

// How the experiment of a restored run comes to be its own, as scripts read it and as people do.
struct PlacementWords {
    const char* word;
    const char* sentence; // behind the name; empty: nothing is reported
};
PlacementWords wordsOf(jobs::Restored::Placement placement)
{
    switch (placement) {
    case jobs::Restored::Placement::Own: return {"own", ""};
    case jobs::Restored::Placement::Revived: return {"revived", ", which had been deleted and is there again"};
    case jobs::Restored::Placement::Made: return {"made", ", which was made for it"};
    case jobs::Restored::Placement::None: break;
    }
    return {"none", ""};
}

// ", in the experiment ablation": where the run belongs.
std::string experimentText(const jobs::Restored& restored)
{
    if (!restored.experiment) {
        return {};
    }
    return ", in the experiment " + text::terminalLine(restored.experiment->name) +
           (restored.experiment->archived ? " (archived)" : "") + wordsOf(restored.placement).sentence;
}

ExitCode runRestore(const RestoreOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::vector<std::string> ids = findRuns(workspace, options.runs, /*trashed=*/true);
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& id : ids) {
        const jobs::Restored restored = jobs::restoreRun(workspace, id).value();
        const auto& experiment = restored.experiment;
        rows.push_back({{"run", id},
                        {"experiment", experiment ? nlohmann::json(experiment->id) : nlohmann::json()},
                        {"name", experiment ? nlohmann::json(experiment->name) : nlohmann::json()},
                        {"is", wordsOf(restored.placement).word}});
        if (options.json) {
            continue;
        }
        const std::optional<Failure> gone = jobs::folderGone(workspace.layout().run(id));
        console.out << id << (gone ? " is listed again" : " is back") << experimentText(restored) << '.'
                    << (gone ? " " + text::terminalLine(gone->text()) : "") << '\n';
    }
    if (options.json) {
        printJson(console.out, {{"restored", ids}, {"experiments", rows}});
    }
    return ExitCode::Done;
}

} // namespace

void addDeleteAndRestore(CommandLine& line)
{
    line.add<DeleteOptions>(
        "delete", "Move runs to the trash", "dskd delete last",
        [](CLI::App& command, DeleteOptions& o) {
            runsArgument(command, o.runs)->required();
            command.add_flag("--purge", o.purge, "Delete them for good, also out of the trash");
        },
        runDelete);
    line.add<RestoreOptions>(
        "restore", "Take runs out of the trash again", "dskd restore 20261123-051200-dskd-s10",
        [](CLI::App& command, RestoreOptions& o) {
            runsArgument(command, o.runs, ", as \"dskd runs --trash\" shows them (\"last\": what went there last)")
                ->required();
        },
        runRestore);
}

} // namespace dskd::cli
