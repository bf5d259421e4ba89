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

// The run in the trash that is meant: by its id, or by a name that no other run there has. One in use that is called so
// comes first. The beginning of an id is not enough, so that a short word cannot purge the wrong one.
std::optional<std::string> inTrash(store::WorkspaceDb& workspace, const std::string& word)
{
    const auto isCalledSo = [&](const store::RunRow& run) { return run.id == word || run.name == word; };
    const std::vector<store::RunRow> inUse = workspace.runs();
    if (word.empty() || word == "last" || std::any_of(inUse.begin(), inUse.end(), isCalledSo)) {
        return std::nullopt;
    }
    const std::vector<store::RunRow> trashed = workspace.runs(true);
    return std::any_of(trashed.begin(), trashed.end(), isCalledSo)
               ? std::optional(workspace.findRun(word, /*trashed=*/true).value())
               : std::nullopt;
}

ExitCode runDelete(const DeleteOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& word : options.runs) {
        const auto trashed = inTrash(workspace, word);
        const std::string id = trashed ? *trashed : workspace.findRun(word).value();
        if (!trashed) {
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
    std::vector<std::string> restored;
    for (const std::string& word : options.runs) {
        restored.push_back(workspace.findRun(word, true).value());
        jobs::restoreFromTrash(workspace, restored.back()).value();
        if (!options.json) {
            console.out << restored.back() << " is back.\n";
        }
    }
    if (options.json) {
        printJson(console.out, {{"restored", restored}});
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
        "restore", "Take runs out of the trash again", "dskd restore 20261123-051200-dskd-s10",
        [](CLI::App& command, RestoreOptions& o) {
            command
                .add_option("runs", o.runs,
                            "Ids or names, as \"dskd runs --trash\" shows them, or \"last\" (what went there last)")
                ->type_name("RUN")
                ->required();
        },
        runRestore);
}

} // namespace dskd::cli
