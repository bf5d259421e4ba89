#pragma once

// What the commands of `dskd experiment` share.

#include "app/cli/workspace_access.h"
#include "core/config/plan/plan.h"
#include "core/jobs/experiments.h"
#include "core/jobs/plan_progress.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cli
{

class CommandLine;

// An experiment, and the revision of it that a person named.
struct NamedRevision {
    store::ExperimentRow row;
    std::optional<std::int64_t> revision; // none was: the newest
};

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
    // "NAME", "#2", or "NAME@REVISION" of a revision that is there, for commands that read.
    NamedRevision named(const std::string& text);
    // For commands about the whole experiment: a revision is refused.
    store::ExperimentRow find(const std::string& text);
    config::Plan plan(const std::string& text); // of what named() takes
};

inline void experimentArgument(CLI::App& command, std::string& experiment)
{
    command.add_option("experiment", experiment, "Its name, or # and its number")->type_name("EXPERIMENT")->required();
}
inline void revisionArgument(CLI::App& command, std::string& experiment)
{
    command.add_option("experiment", experiment, "Its name, or # and its number; NAME@REVISION for one revision")
        ->type_name("EXPERIMENT")
        ->required();
}

// {"field", "before", "after"} of each.
[[nodiscard]] nlohmann::json toJson(const std::vector<config::Change>& changes);
// "train.lr: 0.001 -> 0.002"
[[nodiscard]] std::string toText(const config::Change& change);
// The numbers of a plan's runs, by their names in PlanProgress, and "existing" and "missing". "unplanned" holds those
// of the runs that the plan does not have.
[[nodiscard]] nlohmann::json toJson(const jobs::PlanProgress& progress);
// "; 6 more of earlier revisions": runs that the newest plan does not have. Empty where there are none.
[[nodiscard]] std::string earlierText(const jobs::PlanProgress& progress);
// "2 runs planned, 1 missing, 1 done, 1 failed", what earlierText adds, and on a line of its own "1 more run is not in
// the plan: 1 failed".
[[nodiscard]] std::string progressText(const jobs::PlanProgress& progress);

// list and show.
void addExperimentViews(CommandLine& line, CLI::App* family);
// save and edit.
void addExperimentChanges(CommandLine& line, CLI::App* family);
// export and import.
void addExperimentFiles(CommandLine& line, CLI::App* family);

} // namespace dskd::cli
