// `dskd init`: makes a folder a workspace, with --example one with a first experiment in it.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/demo/demo_files.h"
#include "core/jobs/workspace_repair.h"
#include "core/text/escape.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

struct InitOptions : CommonOptions {
    std::string folder;
    bool example = false;
};

// The path as a shell takes it.
std::string shellWord(const std::string& path)
{
    const bool plain = path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+") ==
                       std::string::npos;
    if (plain) {
        return path;
    }
    std::string quoted = "'";
    for (const char c : path) {
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return quoted + "'";
}

void printNextCommands(const fs::path& root, const std::vector<std::string>& parts, Console& console)
{
    console.out << "The example is in it:";
    for (const std::string& part : parts) {
        console.out << ' ' << part;
    }
    console.out << "\nType next:\n";
    std::error_code error;
    if (!fs::equivalent(root, fs::current_path(error), error)) {
        console.out << "    cd " << text::terminalLine(shellWord(root.string())) << '\n';
    }
    const std::string& config = parts.back();
    console.out << "    dskd check " << config << "\n    dskd run " << config
                << "\n    dskd export last --to my-student\n";
}

ExitCode runInit(const InitOptions& options, Console& console)
{
    const std::string folder = !options.folder.empty()      ? options.folder
                               : !options.workspace.empty() ? options.workspace
                                                            : ".";
    demo::DemoFiles files;
    std::vector<std::string> parts;
    if (options.example) { // before anything is made
        files = demo::findDemo().value();
        parts = demo::exampleParts(files);
        demo::requireFree(files, parts, folder);
    }
    std::error_code error;
    const bool existed = fs::exists(WorkspaceLayout{folder}.database(), error);
    const std::size_t found = existed ? 0 : jobs::numRunFolders(folder); // of a workspace that lost its workspace.db
    const store::WorkspaceDb workspace = store::WorkspaceDb::create(folder).value();
    const fs::path root = fs::absolute(workspace.layout().root, error).lexically_normal();
    if (options.example) {
        demo::copyExample(files, parts, root);
    }
    if (options.json) {
        nlohmann::json document = {{"workspace", root.string()}, {"created", !existed}, {"run_folders", found}};
        if (options.example) {
            document["example"] = parts;
        }
        printJson(console.out, document);
        return ExitCode::Done;
    }
    console.out << text::terminalLine(root.string())
                << (existed ? " is a workspace already.\n" : " is a workspace now.\n");
    if (found > 0) {
        console.out << "Run folders that lie there already: " << found << ". \"dskd doctor --repair -w "
                    << text::terminalLine(shellWord(root.string())) << "\" takes them up.\n";
    }
    if (options.example) {
        printNextCommands(root, parts, console);
    }
    return ExitCode::Done;
}

} // namespace

void addInit(CommandLine& line)
{
    line.add<InitOptions>(
        "init", "Make a folder a workspace", "dskd init --example ~/distil",
        [](CLI::App& command, InitOptions& o) {
            command.add_option("folder", o.folder, "The folder (default: this one)")->type_name("DIR");
            command.add_flag("--example", o.example,
                             "Put a first experiment in it: example.json, with its models and data");
        },
        runInit);
}

} // namespace dskd::cli
