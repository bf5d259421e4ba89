// `dskd export`: writes a trained student as a Hugging Face folder.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/export/export_plan.h"
#include "core/text/escape.h"

#include <atomic>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct ExportOptions : CommonOptions {
    std::string run;
    std::string to;
    std::optional<std::int64_t> step; // none: the newest finished checkpoint
    bool adapter = false;             // of a LoRA run: the PEFT folder instead of the merged model
    bool force = false;
};

// The core names no options, because the window shows its sentences too.
Failure withOptions(Failure failure, const exporting::ExportPlan& plan, const ExportOptions& options)
{
    if (plan.occupied && !options.force) { // refused before anything else was tried
        failure.hint = "Name another folder with --to, or overwrite the model in it with --force.";
    }
    return failure;
}

// Writes a checkpoint (exported_folder.h). A folder that holds something already is refused; with `force` a model in it
// is overwritten (export_plan.h).
ExitCode runExport(const ExportOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = findTrainedRun(workspace, options.run, console).value();
    const exporting::ExportPlan plan =
        exporting::planExport(workspace.layout().run(id), options.step,
                              options.adapter ? exporting::ExportedAs::Adapter : exporting::ExportedAs::Model,
                              options.to)
            .value();
    const std::atomic<bool> cancelled{false}; // never: Ctrl+C ends the program
    const auto names = exporting::carryOut(
        plan, options.force ? exporting::Existing::Overwrite : exporting::Existing::Refuse, cancelled);
    if (!names) {
        throw Error(withOptions(names.failure(), plan, options));
    }
    if (options.json) {
        printJson(console.out, {{"run", id}, {"step", plan.step}, {"folder", plan.to.string()}, {"files", *names}});
    } else {
        console.out << "Step " << plan.step << " of " << id << " is in " << text::terminalLine(plan.to.string())
                    << " now:";
        for (const std::string& name : *names) {
            console.out << ' ' << text::terminalLine(name);
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
            runArgument(command, o.run,
                        "Id, its beginning, name, or \"last\" (the newest training run with a checkpoint)");
            command.add_option("--to", o.to, "The folder to write")->type_name("DIR")->required();
            command.add_option("--step", o.step, "The checkpoint (default: the newest)")->type_name("N");
            command.add_flag("--adapter", o.adapter,
                             "Of a LoRA run: the adapter alone (PEFT), not the model that it is merged into");
            command.add_flag("--force", o.force, "Overwrite the model in a folder; other files there stay");
        },
        runExport);
}

} // namespace dskd::cli
