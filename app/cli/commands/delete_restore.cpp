// `dskd delete` and `dskd restore`: runs into the trash and out of it.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "core/jobs/run_folder.h"
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

ExitCode runDelete(const DeleteOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& word : options.runs) {
        // A run in the trash is only found by its whole id, so that a short name cannot purge the wrong one.
        const auto trashed = workspace.runs(true);
        const bool inTrash =
            std::any_of(trashed.begin(), trashed.end(), [&](const store::RunRow& run) { return run.id == word; });
        const std::string id = inTrash ? word : workspace.findRun(word).value();
        if (!inTrash) {
            jobs::moveToTrash(workspace, id).value();
        }
        const std::uint64_t freed = options.purge ? jobs::purge(workspace, id).value() : 0;
        rows.push_back({{"run", id}, {"purged", options.purge}, {"freed_bytes", freed}});
        if (!options.json) {
            console.out << id
                        << (options.purge ? " is deleted for good; " + text::bytes(freed) + " freed.\n"
                                          : " is in the trash. \"dskd restore " + id + "\" brings it back.\n");
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return ExitCode::Done;
}

ExitCode runRestore(const RestoreOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    for (const std::string& id : options.runs) {
        orThrow(jobs::restoreFromTrash(workspace, id), FailureKind::NotFound);
        if (!options.json) {
            console.out << id << " is back.\n";
        }
    }
    if (options.json) {
        printJson(console.out, {{"restored", options.runs}});
    }
    return ExitCode::Done;
}

} // namespace

void addDeleteAndRestore(CommandLine& line)
{
    line.add<DeleteOptions>(
        "delete", "Move runs to the trash", "dskd delete last",
        [](CLI::App& command, DeleteOptions& o) {
            command.add_option("runs", o.runs, "Ids or names")->type_name("RUN")->required();
            command.add_flag("--purge", o.purge, "Delete them for good, also out of the trash");
        },
        runDelete);
    line.add<RestoreOptions>(
        "restore", "Take runs out of the trash again", "dskd restore 20261123-051200-dual-kl-s10",
        [](CLI::App& command, RestoreOptions& o) {
            command.add_option("runs", o.runs, "Ids, as \"dskd runs --trash\" shows them")
                ->type_name("RUN")
                ->required();
        },
        runRestore);
}

} // namespace dskd::cli
