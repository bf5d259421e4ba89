#include "ui/feed/workspace_commands.h"

#include "core/jobs/launch.h"
#include "core/jobs/queue_launch.h"
#include "core/jobs/run_folder.h"

#include <algorithm>
#include <chrono>

namespace dskd::ui
{
namespace
{

constexpr std::chrono::milliseconds kPatience{2000};

// One failing run does not keep the command from the others.
template <typename Do>
void attempt(std::vector<Failure>& failures, const Do& command)
{
    try {
        if (const auto result = command(); !result) {
            failures.push_back(result.failure());
        }
    } catch (const Error& error) {
        failures.push_back(error.failure());
    }
}

void enqueueAll(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds, std::vector<Failure>& failures)
{
    for (const std::string& id : runIds) {
        attempt(failures, [&]() -> Result<void> {
            if (Result<void> unfinished = jobs::requireUnfinished(workspace.layout().run(id)); !unfinished) {
                return unfinished;
            }
            const auto place = workspace.enqueue(id);
            return place ? Result<void>() : place.failure();
        });
    }
    attempt(failures, [&] { return jobs::launchQueueRunner(workspace.layout().root); });
}

} // namespace

CommandOutcome forEachRun(const std::filesystem::path& root, const std::vector<std::string>& runIds,
                          const RunCommand& command)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    for (const std::string& id : runIds) {
        attempt(outcome.failures, [&] { return command(workspace, id); });
    }
    return outcome;
}

CommandOutcome queueRuns(const std::filesystem::path& root, const std::vector<std::string>& runIds)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    enqueueAll(workspace, runIds, outcome.failures);
    return outcome;
}

CommandOutcome addRuns(const std::filesystem::path& root, const std::vector<config::Experiment>& experiments)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    for (const config::Experiment& experiment : experiments) {
        attempt(outcome.failures, [&]() -> Result<void> {
            const Result<std::string> id = jobs::createRun(workspace, experiment);
            if (!id) {
                return id.failure();
            }
            outcome.runs.push_back(*id);
            return {};
        });
    }
    if (!outcome.runs.empty()) {
        enqueueAll(workspace, outcome.runs, outcome.failures);
    }
    return outcome;
}

Failure joined(const std::vector<Failure>& failures)
{
    const auto lines = [&](std::string Failure::*part) {
        std::vector<std::string> known;
        std::string text;
        for (const Failure& failure : failures) {
            const std::string& line = failure.*part;
            if (!line.empty() && std::find(known.begin(), known.end(), line) == known.end()) {
                known.push_back(line);
                text += (text.empty() ? "" : "\n") + line;
            }
        }
        return text;
    };
    return {lines(&Failure::what), lines(&Failure::hint)};
}

} // namespace dskd::ui
