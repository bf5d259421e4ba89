// The words of the commands that look at runs and take results out.

#include "app/cli/command_line.h"
#include "app/cli/commands/compare.h"
#include "app/cli/commands/export.h"
#include "app/cli/commands/show.h"

namespace dskd::cli
{

namespace
{

constexpr const char* kRunHelp = "Id, its beginning, name, or \"last\"";
constexpr const char* kRunsHelp = "Ids, names, \"last\", or a group: its name, or group:NAME";

void addRuns(CommandLine& line)
{
    line.add<RunsOptions>(
        "runs", "List the runs of the workspace", "dskd runs --group demo",
        [](CLI::App& command, RunsOptions& o) {
            command.add_option("--group", o.group, "Only runs of this group")->type_name("TEXT");
            command.add_flag("--trash", o.trashed, "Those in the trash");
        },
        [&line](const RunsOptions& o) { return runRuns(o, line.console()); });
}

void addShow(CommandLine& line)
{
    line.add<ShowOptions>(
        "show", "Show a run: status, newest metrics, checkpoints, configuration",
        "dskd show last --config > again.json",
        [](CLI::App& command, ShowOptions& o) {
            command.add_option("run", o.run, kRunHelp)->type_name("RUN")->required();
            command.add_flag("--config", o.config, "Only its configuration, which dskd run takes");
        },
        [&line](const ShowOptions& o) { return runShow(o, line.console()); });
}

void addMetrics(CommandLine& line)
{
    line.add<MetricsOptions>(
        "metrics", "Show or export the metrics of a run, every point of them",
        "dskd metrics last --name loss --csv > loss.csv",
        [](CLI::App& command, MetricsOptions& o) {
            command.add_option("run", o.run, kRunHelp)->type_name("RUN")->required();
            command.add_option("--name", o.name, "Only this metric")->type_name("METRIC");
            command.add_flag("--csv", o.csv, "name,step,tokens,time,value; every point in full precision");
        },
        [&line](const MetricsOptions& o) { return runMetrics(o, line.console()); });
}

void addCompare(CommandLine& line)
{
    line.add<CompareOptions>(
        "compare", "Compare runs: what differs, final metrics as mean and deviation over seeds",
        "dskd compare group:demo --latex > table.tex",
        [](CLI::App& command, CompareOptions& o) {
            command.add_option("runs", o.runs, kRunsHelp)->type_name("RUN")->required();
            command.add_option("--metric", o.metrics, "Show this metric; may be repeated")
                ->type_name("METRIC")
                ->allow_extra_args(false);
            command.add_flag("--latex", o.latex, "A LaTeX table (booktabs)");
        },
        [&line](const CompareOptions& o) { return runCompare(o, line.console()); });
}

void addReport(CommandLine& line)
{
    line.add<ReportOptions>(
        "report", "Write report.html: curves, heat-maps, comparison; one file, opens offline",
        "dskd report group:demo --to demo.html",
        [](CLI::App& command, ReportOptions& o) {
            command.add_option("runs", o.runs, std::string(kRunsHelp) + " (default: all)")->type_name("RUN");
            command.add_option("--to", o.to, "Where to write it (default: report.html in the workspace)")
                ->type_name("FILE");
            command.add_option("--title", o.title, "Its title")->type_name("TEXT");
        },
        [&line](const ReportOptions& o) { return runReport(o, line.console()); });
}

void addExport(CommandLine& line)
{
    line.add<ExportOptions>(
        "export", "Write a trained student as a Hugging Face folder", "dskd export last --to ~/models/student",
        [](CLI::App& command, ExportOptions& o) {
            command.add_option("run", o.run, "Id, its beginning, name, or \"last\" (the newest training run)")
                ->type_name("RUN")
                ->required();
            command.add_option("--to", o.to, "The folder to write")->type_name("DIR")->required();
            command.add_option("--step", o.step, "The checkpoint (default: the newest)")->type_name("N");
            command.add_flag("--adapter", o.adapter,
                             "Of a LoRA run: the adapter alone (PEFT), not the model that it is merged into");
            command.add_flag("--force", o.force, "Overwrite files in a folder that is not empty");
        },
        [&line](const ExportOptions& o) { return runExport(o, line.console()); });
}

void addTrash(CommandLine& line)
{
    line.add<DeleteOptions>(
        "delete", "Move runs to the trash", "dskd delete last",
        [](CLI::App& command, DeleteOptions& o) {
            command.add_option("runs", o.runs, "Ids or names")->type_name("RUN")->required();
            command.add_flag("--purge", o.purge, "Delete them for good, also out of the trash");
        },
        [&line](const DeleteOptions& o) { return runDelete(o, line.console()); });
    line.add<RestoreOptions>(
        "restore", "Take runs out of the trash again", "dskd restore 20261123-051200-dual-kl-s10",
        [](CLI::App& command, RestoreOptions& o) {
            command.add_option("runs", o.runs, "Ids, as \"dskd runs --trash\" shows them")
                ->type_name("RUN")
                ->required();
        },
        [&line](const RestoreOptions& o) { return runRestore(o, line.console()); });
}

} // namespace

void addResultCommands(CommandLine& line)
{
    addRuns(line);
    addShow(line);
    addMetrics(line);
    addCompare(line);
    addReport(line);
    addExport(line);
    addTrash(line);
}

} // namespace dskd::cli
