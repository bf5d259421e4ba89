// `dskd init`: makes a folder a workspace.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

struct InitOptions : CommonOptions {
    std::string folder;
};

ExitCode runInit(const InitOptions& options, Console& console)
{
    const std::string folder = !options.folder.empty()      ? options.folder
                               : !options.workspace.empty() ? options.workspace
                                                            : ".";
    std::error_code error;
    const bool existed = fs::exists(WorkspaceLayout{folder}.database(), error);
    const store::WorkspaceDb workspace = store::WorkspaceDb::create(folder).value();
    const std::string root = fs::absolute(workspace.layout().root, error).lexically_normal().string();
    if (options.json) {
        printJson(console.out, {{"workspace", root}, {"created", !existed}});
    } else {
        console.out << root << (existed ? " is a workspace already.\n" : " is a workspace now.\n");
    }
    return ExitCode::Done;
}

} // namespace

void addInit(CommandLine& line)
{
    line.add<InitOptions>(
        "init", "Make a folder a workspace", "dskd init ~/distil",
        [](CLI::App& command, InitOptions& o) {
            command.add_option("folder", o.folder, "The folder (default: this one)")->type_name("DIR");
        },
        runInit);
}

} // namespace dskd::cli
