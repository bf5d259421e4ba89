// `dskd export`: writes a trained student as a Hugging Face folder.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/base/checkpoint_folders.h"
#include "core/export/exported_folder.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

struct ExportOptions : CommonOptions {
    std::string run;
    std::string to;
    std::optional<std::int64_t> step; // none: the newest finished checkpoint
    bool adapter = false;             // of a LoRA run: the PEFT folder instead of the merged model
    bool force = false;
};

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

// Writes a checkpoint (exported_folder.h). A folder that holds something already is refused unless `force` is set,
// which overwrites files of the same names and leaves the others.
ExitCode runExport(const ExportOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options);
    const std::string id = findTrainedRun(workspace, options.run).value();
    const RunLayout run = workspace.layout().run(id);
    const auto steps = finishedCheckpoints(run);
    if (steps.empty()) {
        throw Error(id + " has no finished checkpoint yet.", "\"dskd stop\" makes a running one write it.",
                    FailureKind::NotFound);
    }
    const std::int64_t step = options.step.value_or(steps.back());
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
        throw Error(id + " has no checkpoint of step " + std::to_string(step) + ".", "It has: " + listed(steps) + ".",
                    FailureKind::NotFound);
    }
    std::error_code error;
    const fs::path to = fs::absolute(options.to, error).lexically_normal();
    if (fs::exists(to, error) && !options.force && (!fs::is_directory(to, error) || !fs::is_empty(to, error))) {
        throw Error(to.string() + " exists already.", "--force overwrites the files in it.");
    }
    exportCheckpoint(run, step, options.adapter ? ExportedAs::Adapter : ExportedAs::Model, to).value();
    const std::vector<std::string> names = fileNames(to);
    if (options.json) {
        printJson(console.out, {{"run", id}, {"step", step}, {"folder", to.string()}, {"files", names}});
    } else {
        console.out << "Step " << step << " of " << id << " is in " << to.string() << " now:";
        for (const std::string& name : names) {
            console.out << ' ' << name;
        }
        console.out << '\n';
    }
    return ExitCode::Done;
}

} // namespace

void addExport(CommandLine& line)
{
    line.add<ExportOptions>(
        "export", "Write a trained student as a Hugging Face folder", "dskd export last --to ~/models/student",
        [](CLI::App& command, ExportOptions& o) {
            runArgument(command, o.run, "Id, its beginning, name, or \"last\" (the newest training run)");
            command.add_option("--to", o.to, "The folder to write")->type_name("DIR")->required();
            command.add_option("--step", o.step, "The checkpoint (default: the newest)")->type_name("N");
            command.add_flag("--adapter", o.adapter,
                             "Of a LoRA run: the adapter alone (PEFT), not the model that it is merged into");
            command.add_flag("--force", o.force, "Overwrite files in a folder that is not empty");
        },
        runExport);
}

} // namespace dskd::cli
