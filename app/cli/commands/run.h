#pragma once

// Starting and stopping: init, run, attach, resume, stop.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"
#include "core/config/schema/experiment.h"

#include <string>
#include <vector>

namespace dskd::cli
{

struct InitOptions : CommonOptions {
    std::string folder;
};
int runInit(const InitOptions& options, Console& console);

struct RunOptions : CommonOptions {
    std::string config;
    std::vector<std::string> sets; // "train.lr=1e-3"
    std::string name;
    std::string group;
    bool detach = false;
};
int runRun(const RunOptions& options, Console& console);

struct AttachOptions : CommonOptions {
    std::string run;
};
int runAttach(const AttachOptions& options, Console& console);

struct ResumeOptions : CommonOptions {
    std::string run;
    bool detach = false;
};
int runResume(const ResumeOptions& options, Console& console);

struct StopOptions : CommonOptions {
    std::vector<std::string> runs;
    bool now = false; // SIGKILL: the steps since the last checkpoint are lost
};
int runStop(const StopOptions& options, Console& console);

// Applies "field=value" texts of --set. The Failure explains the first that cannot be applied.
Result<void> applySets(config::Experiment& experiment, const std::vector<std::string>& sets);
// Reads a configuration and applies the texts. Shared by run, sweep and config.
Result<config::Experiment> readExperiment(const std::string& file, const std::vector<std::string>& sets);

// Launches the worker of a created run and follows it; returns the exit code.
int launchAndFollow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool detach, bool json);

} // namespace dskd::cli
