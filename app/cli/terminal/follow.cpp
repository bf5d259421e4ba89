#include "app/cli/terminal/follow.h"

#include "core/config/schema/choices.h"
#include "core/jobs/launch.h"
#include "core/jobs/queue_launch.h"
#include "core/jobs/queue_state.h"
#include "core/jobs/run_name.h"
#include "core/store/run_reader.h"

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

namespace dskd::cli
{

namespace
{

std::atomic<bool> interrupted{false};
struct sigaction previousInt;
struct sigaction previousTerm;

extern "C" void noteInterrupt(int)
{
    interrupted.store(true);
}

constexpr auto kPoll = std::chrono::milliseconds(250);

class QueueProgress final : public jobs::QueueObserver
{
public:
    explicit QueueProgress(ProgressView& view) : m_view(view) {}
    void onStarted(const std::string&, const jobs::Slot&, int) override {}
    void onProgress(const std::string& runId, const jobs::RunStatus& status) override { m_view.update(runId, status); }
    void onFinished(const std::string& runId, const jobs::RunStatus& status) override { m_view.finish(runId, status); }

private:
    ProgressView& m_view;
};

// Evaluations and answers have no checkpoints.
bool makesCheckpoints(const Result<store::RunRow>& row)
{
    return !row || row->job == config::name(config::JobKind::Train);
}

std::string howToStop(const std::string& runId, const Result<store::RunRow>& row)
{
    return "\"dskd stop " + runId + "\" " + (makesCheckpoints(row) ? "stops it with a checkpoint." : "ends it.");
}

void printOutcome(Console& console, const RunLayout& run, const std::string& runId, const jobs::RunStatus& status)
{
    std::vector<std::string> warnings;
    if (auto reader = store::RunReader::open(run)) {
        warnings = warningsOf(run, *reader);
    }
    printJson(console.out, {{"run", runId},
                            {"folder", run.root.string()},
                            {"status", jobs::name(status.status)},
                            {"sentence", status.sentence},
                            {"warnings", warnings},
                            {"step", status.step},
                            {"total_steps", status.totalSteps}});
}

} // namespace

Interrupt::Interrupt()
{
    interrupted.store(false);
    struct sigaction action {
    };
    action.sa_handler = noteInterrupt;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &previousInt);
    sigaction(SIGTERM, &action, &previousTerm);
}

Interrupt::~Interrupt()
{
    sigaction(SIGINT, &previousInt, nullptr);
    sigaction(SIGTERM, &previousTerm, nullptr);
}

// Not static: whoever asks holds the object that installed the handlers.
// NOLINTBEGIN(readability-convert-member-functions-to-static)
bool Interrupt::requested() const
{
    return interrupted.load();
}

const std::atomic<bool>* Interrupt::flag() const
{
    return &interrupted;
}
// NOLINTEND(readability-convert-member-functions-to-static)

ExitCode exitCodeFor(const jobs::RunStatus& status)
{
    switch (status.status) {
    case jobs::Status::Done: return ExitCode::Done;
    case jobs::Status::Stopped: return ExitCode::Stopped;
    case jobs::Status::OutOfMemory: return ExitCode::OutOfMemory;
    default: break;
    }
    return status.failure ? status.failure->code.value_or(ExitCode::Failed) : ExitCode::Failed;
}

std::optional<jobs::RunStatus> followRun(Console& console, const std::filesystem::path& workspace,
                                         const std::string& runId, const std::string& label)
{
    const Interrupt interrupt;
    ProgressView view(console, workspace);
    view.setLabel(runId, label);
    auto opened = store::WorkspaceDb::open(workspace);
    const RunLayout run = WorkspaceLayout{workspace}.run(runId);
    while (!interrupt.requested()) {
        const jobs::RunStatus status = opened ? jobs::readStatus(*opened, runId) : jobs::readStatus(run);
        if (!jobs::isAlive(status.status) && status.status != jobs::Status::Queued) {
            view.finish(runId, status);
            return status;
        }
        view.update(runId, status);
        std::this_thread::sleep_for(kPoll);
    }
    view.printLine("Detached; the worker goes on. \"dskd attach " + runId + "\" shows it again, " +
                   howToStop(runId, opened ? opened->run(runId) : Result<store::RunRow>(opened.failure())));
    return std::nullopt;
}

ExitCode follow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool json)
{
    const auto row = workspace.run(runId);
    const auto ended = followRun(console, workspace.layout().root, runId, row ? labelOf(*row) : runId);
    const RunLayout run = workspace.layout().run(runId);
    if (json) {
        printOutcome(console, run, runId, ended ? *ended : jobs::readStatus(run));
    }
    return ended ? exitCodeFor(*ended) : ExitCode::Detached;
}

ExitCode launchAndFollow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool detach,
                         bool json)
{
    const RunLayout run = workspace.layout().run(runId);
    const int pid = jobs::launchWorker(run).value();
    if (workspace.dequeue(runId)) { // or it would be started once more, and be "queued" however it ends now
        console.err << "It waited in the queue; it is out of it now.\n";
    }
    if (!detach) {
        return follow(console, workspace, runId, json);
    }
    if (json) {
        printOutcome(console, run, runId, jobs::readStatus(run));
    } else {
        console.out << runId << '\n';
        console.err << "Started as process " << pid << ". \"dskd attach " << runId << "\" shows it, "
                    << howToStop(runId, workspace.run(runId)) << '\n';
    }
    return ExitCode::Done;
}

QueueRun followQueue(Console& console, store::WorkspaceDb& workspace)
{
    const Interrupt interrupt;
    ProgressView view(console, workspace.layout().root);
    for (const store::RunRow& run : workspace.runs()) {
        view.setLabel(run.id, labelOf(run));
    }
    QueueProgress progress(view);
    jobs::QueueOptions options;
    options.stop = interrupt.flag();
    jobs::QueueSummary summary = jobs::runQueue(workspace.layout().root, options, progress).value();
    if (interrupt.requested()) {
        view.printLine(
            "Detached; running workers go on, waiting runs stay queued. \"dskd queue work\" goes on with them.");
    }
    return {std::move(summary), interrupt.requested()};
}

ExitCode workQueue(Console& console, store::WorkspaceDb& workspace, bool json)
{
    if (jobs::queueRunnerWorks(workspace.layout().root)) {
        console.err << "A queue runner works here already; it starts the queued runs.\n";
        if (json) {
            printJson(console.out,
                      {{"finished", nlohmann::json::array()}, {"failed", nlohmann::json::array()}, {"detached", true}});
        }
        return ExitCode::Done;
    }
    const auto [summary, detached] = followQueue(console, workspace);
    if (json) {
        printJson(console.out, {{"finished", summary.finished}, {"failed", summary.failed}, {"detached", detached}});
    } else {
        console.out << summary.finished.size() << " finished, " << summary.failed.size() << " not.\n";
    }
    if (jobs::queuePaused(workspace)) {
        console.err << "The queue is paused; \"dskd queue continue\" starts the waiting runs.\n";
    }
    if (detached) {
        return ExitCode::Detached;
    }
    return summary.failed.empty() ? ExitCode::Done : ExitCode::Failed;
}

std::string labelOf(const store::RunRow& run)
{
    const std::string& name = run.shownName();
    return jobs::endsInSeed(name, run.seed) ? name : name + " s" + std::to_string(run.seed);
}

} // namespace dskd::cli
