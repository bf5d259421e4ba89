#pragma once

// What the commands of `dskd experiment` share.

#include "app/cli/workspace_access.h"
#include "core/config/plan/plan.h"
#include "core/jobs/experiments.h"
#include "core/jobs/plan_progress.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace dskd::cli
{

class CommandLine;

// Experiments of a workspace, with the runs of before placed.
struct Experiments {
    store::WorkspaceDb workspace;
    store::ExperimentTable table{workspace};

    Experiments(const CommonOptions& options, Console& console) : workspace(openWorkspace(options, console))
    {
        if (workspace.whyReadOnly().empty()) {
            jobs::placeRuns(workspace);
        }
    }
    store::ExperimentRow find(const std::string& text) { return table.find(text).value(); }
    config::Plan plan(const std::string& text); // of "NAME", or "NAME@REVISION"
};

inline void experimentArgument(CLI::App& command, std::string& experiment)
{
    command.add_option("experiment", experiment, "Its name, or # and its number")->type_name("EXPERIMENT")->required();
}

// {"field", "before", "after"} of each.
[[nodiscard]] nlohmann::json toJson(const std::vector<config::Change>& changes);
// "train.lr: 0.001 -> 0.002"
[[nodiscard]] std::string toText(const config::Change& change);
// The numbers of a plan's runs, by their names in PlanProgress, and "existing" and "missing".
[[nodiscard]] nlohmann::json toJson(const jobs::PlanProgress& progress);

// list and show.
void addExperimentViews(CommandLine& line, CLI::App* family);
// save and edit.
void addExperimentChanges(CommandLine& line, CLI::App* family);
// export and import.
void addExperimentFiles(CommandLine& line, CLI::App* family);

} // namespace dskd::cli
