// `dskd edit`: what people write about runs: name, group, note, tags.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/jobs/table/run_edit.h"
#include "core/text/numbers.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace dskd::cli
{

namespace
{

struct EditOptions : CommonOptions {
    std::vector<std::string> runs;
    jobs::RunEdit edit;
};

ExitCode runEdit(const EditOptions& options, Console& console)
{
    const jobs::RunEdit& edit = options.edit;
    if (!edit.name && !edit.group && !edit.note && edit.addedTags.empty() && edit.removedTags.empty()) {
        throw Error("There is nothing to change.", "Give --name, --group, --note, --tag or --untag.",
                    FailureKind::Usage);
    }
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::vector<std::string> ids = findRuns(workspace, options.runs);
    if (edit.name && ids.size() != 1) {
        throw Error("--name is given to " + text::counted(static_cast<std::int64_t>(ids.size()), "run") + ".",
                    "Name one run; --group and --tag are for several.", FailureKind::Usage);
    }
    for (const std::string& id : ids) {
        jobs::editRun(workspace, id, edit).value();
    }
    if (options.json) {
        printJson(console.out, {{"edited", ids}});
    } else {
        console.out << "Changed " << text::counted(static_cast<std::int64_t>(ids.size()), "run") << ".\n";
    }
    return ExitCode::Done;
}

} // namespace

void addEdit(CommandLine& line)
{
    line.add<EditOptions>(
        "edit", "Change name, group, note and tags of runs", "dskd edit group:demo --tag paper",
        [](CLI::App& command, EditOptions& o) {
            runsArgument(command, o.runs)->required();
            const auto text = [&](const char* option, std::optional<std::string>& into, const char* what) {
                command
                    .add_option_function<std::string>(
                        option, [&into](const std::string& given) { into = given; }, what)
                    ->type_name("TEXT");
            };
            text("--name", o.edit.name, "Another name, of one run");
            text("--group", o.edit.group, "Another group; \"\" for none");
            text("--note", o.edit.note, "Another note; \"\" for none");
            command.add_option("--tag", o.edit.addedTags, "Add this tag; may be repeated")
                ->type_name("TEXT")
                ->allow_extra_args(false);
            command.add_option("--untag", o.edit.removedTags, "Remove this tag; may be repeated")
                ->type_name("TEXT")
                ->allow_extra_args(false);
        },
        runEdit);
}

} // namespace dskd::cli
