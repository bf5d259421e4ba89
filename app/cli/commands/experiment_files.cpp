// `dskd experiment export` and `import`: experiments as JSON files.

#include "app/cli/command_line.h"
#include "app/cli/commands/experiment_shared.h"
#include "app/cli/commands/words.h"
#include "core/jobs/experiment_file.h"
#include "core/text/escape.h"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct ExportExperimentOptions : CommonOptions {
    std::string experiment;
    std::string to;
    bool force = false;
};

struct ImportExperimentOptions : CommonOptions {
    std::string file;
    std::string name; // empty: that of the file
};

ExitCode runExport(const ExportExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const auto [row, named] = experiments.named(options.experiment);
    const std::int64_t revision = named.value_or(row.revision);
    jobs::exportExperiment(experiments.workspace, row, options.to,
                           options.force ? jobs::Overwrite::Yes : jobs::Overwrite::No, revision)
        .value();
    if (options.json) {
        printJson(console.out, {{"experiment", row.name}, {"revision", revision}, {"to", options.to}});
    } else {
        console.out << text::terminalLine(row.name) << ", revision " << revision << ", is written to "
                    << text::terminalLine(options.to) << ".\n";
    }
    return ExitCode::Done;
}

ExitCode runImport(const ImportExperimentOptions& options, Console& console)
{
    auto file = jobs::readExperimentFile(options.file).value();
    file.name = options.name.empty() ? file.name : options.name;
    Experiments experiments(options, console);
    const auto row = jobs::importExperiment(experiments.workspace, file).value();
    if (options.json) {
        printJson(console.out, {{"experiment", row.id}, {"name", row.name}});
        return ExitCode::Done;
    }
    if (row.name != file.name) {
        console.err << "There is an experiment " << text::terminalLine(file.name) << " already.\n";
    }
    console.out << text::terminalLine(row.name) << " is imported as #" << row.id << ".\n";
    return ExitCode::Done;
}

} // namespace

void addExperimentFiles(CommandLine& line, CLI::App* family)
{
    line.addTo<ExportExperimentOptions>(
        family, "export", "Write an experiment to a JSON file, for another workspace",
        "dskd experiment export ablation --to ablation.json",
        [](CLI::App& command, ExportExperimentOptions& o) {
            revisionArgument(command, o.experiment);
            command.add_option("--to", o.to, "The file to write")->type_name("FILE")->required();
            command.add_flag("--force", o.force, "Overwrite a file that is there");
        },
        runExport);
    line.addTo<ImportExperimentOptions>(
        family, "import", "Make an experiment of a JSON file that \"export\" wrote, or of a configuration",
        "dskd experiment import ablation.json",
        [](CLI::App& command, ImportExperimentOptions& o) {
            command.add_option("file", o.file, "The file to read")->type_name("FILE")->required();
            command.add_option("--name", o.name, "Another name than the file's")->type_name("NAME");
        },
        runImport);
}

} // namespace dskd::cli
