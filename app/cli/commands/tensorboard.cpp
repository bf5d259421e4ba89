// `dskd tensorboard`: the curves of runs as event files.

#include "app/report/tensorboard.h"

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <atomic>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct TensorBoardOptions : CommonOptions {
    std::vector<std::string> runs; // empty: all that train
    std::string to;
};

ExitCode runTensorBoard(const TensorBoardOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::vector<std::string> ids = findRunsOrAll(workspace, options.runs);
    const std::atomic<bool> cancelled{false}; // never: Ctrl+C ends the program, and half a file is not left
    const report::EventFiles written = report::writeEventFiles(workspace, ids, options.to, cancelled).value();
    printLeftOut(written.leftOut, console);
    if (options.json) {
        nlohmann::json files = nlohmann::json::array();
        for (const std::filesystem::path& file : written.files) {
            files.push_back(file.string());
        }
        printJson(console.out, {{"folder", options.to}, {"files", files}, {"points", written.points}});
    } else {
        console.out << text::counted(static_cast<std::int64_t>(written.points), "point") << " of "
                    << text::counted(static_cast<std::int64_t>(written.files.size()), "run") << " are in "
                    << text::terminalLine(options.to) << " now: tensorboard --logdir " << text::terminalLine(options.to)
                    << '\n';
    }
    return ExitCode::Done;
}

} // namespace

void addTensorBoard(CommandLine& line)
{
    line.add<TensorBoardOptions>(
        "tensorboard", "Write the curves of runs as event files that TensorBoard reads",
        "dskd tensorboard group:demo --to curves",
        [](CLI::App& command, TensorBoardOptions& o) {
            runsArgument(command, o.runs, " (default: all)");
            command.add_option("--to", o.to, "The folder; each run gets one of its own in it")
                ->type_name("DIR")
                ->required();
        },
        runTensorBoard);
}

} // namespace dskd::cli
