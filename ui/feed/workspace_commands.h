#pragma once

#include "core/config/schema/experiment.h"
#include "core/store/workspace_db.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dskd::ui
{

// What became of a command.
struct CommandOutcome {
    std::vector<std::string> runs; // those that were made, for add()
    std::vector<Failure> failures;
};

// One thing to do to one run.
using RunCommand = std::function<Result<void>(store::WorkspaceDb& workspace, const std::string& runId)>;

// Does it to every run, also when it cannot be done to some. Any thread.
CommandOutcome forEachRun(const std::filesystem::path& workspace, const std::vector<std::string>& runIds,
                          const RunCommand& command);

// Puts the runs at the end of the queue and sees that a queue runner works.
CommandOutcome queueRuns(const std::filesystem::path& workspace, const std::vector<std::string>& runIds);

// Makes the runs, all of them or none, queues them and sees that a queue runner works.
CommandOutcome addRuns(const std::filesystem::path& workspace, const std::vector<config::Experiment>& experiments);

// Several failures as one: every sentence once, each on its line.
Failure joined(const std::vector<Failure>& failures);

} // namespace dskd::ui
