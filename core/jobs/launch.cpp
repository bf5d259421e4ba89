#include "core/jobs/launch.h"

#include "core/base/descriptor.h"
#include "core/base/system_failure.h"
#include "core/jobs/evidence.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/spawn.h"
#include "core/jobs/status.h"
#include "core/jobs/worker_threads.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

namespace dskd::jobs
{
namespace
{

// A worker that has written its last word may still need some seconds to be gone, in which LibTorch is taken down.
bool stillAlive(const RunLayout& run)
{
    using namespace std::chrono_literals;
    for (int tries = 0; tries < 200; ++tries) {
        const Evidence evidence = gatherEvidence(run);
        if (evidence.liveness == Liveness::Elsewhere) {
            // Only its heartbeat can tell. A host that went silent must not block the run for ever.
            const Status status = readStatus(run).status;
            return status == Status::Running || status == Status::Starting;
        }
        if (!evidence.alive()) {
            return false;
        }
        if (!evidence.attempt || !evidence.attempt->ended) {
            return true;
        }
        std::this_thread::sleep_for(50ms);
    }
    return true;
}

Result<void> sendSignal(const RunLayout& run, int signal)
{
    try {
        const Evidence evidence = gatherEvidence(run);
        const std::string name = run.root.filename().string();
        if (evidence.liveness == Liveness::Elsewhere) {
            return Failure{"The worker of " + name + " runs on " + evidence.process->host + ", not on this machine.",
                           "Give the command there."};
        }
        const bool hasEnded = evidence.attempt && evidence.attempt->ended; // what is left of it does no more work
        if (!evidence.alive() || (hasEnded && signal != SIGKILL)) {
            return Failure{"No worker is running for " + name + ".", {}};
        }
        const bool cutsShort = signal == SIGKILL && !hasEnded;
        if (cutsShort) { // before it is gone; on a full disk the kill still counts, and its end is less clear
            (void)noteKill(run, evidence, true);
        }
        if (kill(evidence.process->pid, signal) != 0) {
            const Failure refused = systemFailure("The worker of " + name + " cannot be signalled");
            if (cutsShort) {
                (void)noteKill(run, evidence, false);
            }
            return refused;
        }
        if (evidence.liveness == Liveness::Suspended) {
            kill(evidence.process->pid, SIGCONT); // or it would never see the signal
        }
        return {};
    } catch (const Error& error) {
        return error.failure();
    }
}

// The variables of options, and the number of threads where it is not simply all (worker_threads.h).
std::map<std::string, std::string> environmentOf(const RunLayout& run, const std::filesystem::path& worker,
                                                 const LaunchOptions& options)
{
    std::map<std::string, std::string> environment = options.environment;
    if (const Result<config::Experiment> experiment = runConfig(run)) { // of a damaged one the worker reports why
        const int workers = std::max(options.workers, workersAtWork(worker) + 1);
        if (const std::optional<int> threads = threadsOf(run, *experiment, environment, workers)) {
            environment["OMP_NUM_THREADS"] = std::to_string(*threads);
        }
    }
    return environment;
}

} // namespace

Result<std::filesystem::path> findWorker()
{
    return findProgram("dskd-worker", "DSKD_WORKER",
                       "Build it (-DDSKD_WORKER=ON), or name it in the environment variable DSKD_WORKER.");
}

Result<void> requireUnfinished(const RunLayout& run)
{
    if (readStatus(run).status == Status::Done) {
        const std::string id = run.root.filename().string();
        return Failure{id + " is done: starting it again would throw its results away.",
                       "`dskd show " + id + " --config` prints its configuration for a new run."};
    }
    return {};
}

Result<void> requireQueueable(const RunLayout& run)
{
    if (isAlive(readStatus(run).status)) {
        const std::string id = run.root.filename().string();
        return Failure{"The run " + id + " is being worked on.", "`dskd attach " + id + "` shows it."};
    }
    return requireUnfinished(run);
}

Result<void> requireStartable(const RunLayout& run)
{
    if (const std::optional<Failure> gone = folderGone(run)) {
        return *gone;
    }
    try {
        if (stillAlive(run)) {
            return Failure{"A worker is already running for " + run.root.filename().string() + ".",
                           "Stop it first, or wait until it is done."};
        }
    } catch (const Error& unreadable) {
        return unreadable.failure();
    }
    return requireUnfinished(run);
}

Result<int> launchWorker(const RunLayout& relative, const LaunchOptions& options)
{
    const RunLayout run{std::filesystem::absolute(relative.root).lexically_normal()};
    std::error_code error;
    if (!std::filesystem::is_regular_file(run.config(), error)) {
        return Failure{run.root.string() + " is not a run folder: it has no config.json.", {}};
    }
    const Result<std::filesystem::path> worker =
        options.worker.empty() ? findWorker() : Result<std::filesystem::path>(options.worker);
    if (!worker) {
        return worker.failure();
    }
    // Held until launch.json is written, so that of two callers the second one sees the first one's worker.
    const Descriptor lock(open(run.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.number() < 0 || flock(lock.number(), LOCK_EX) != 0) {
        return systemFailure(run.root.string() + " cannot be locked");
    }
    if (const Result<void> startable = requireStartable(run); !startable) {
        return startable.failure();
    }
    const std::map<std::string, std::string> environment = environmentOf(run, *worker, options);
    const double now = unixTime();
    const std::uintmax_t logBegin = std::filesystem::file_size(run.log(), error);
    const Result<int> pid =
        spawnDetached({{worker->string(), run.root.string()}, run.root, run.log(), environment, true});
    if (!pid) {
        return pid.failure();
    }
    ProcessIdentity identity = thisProcess();
    identity.startTicks = 0; // matches no process: it is gone already
    identity.pid = *pid;
    const Result<void> noted = writeLaunch(run, {identityOf(*pid).value_or(identity), now, error ? 0 : logBegin});
    return noted ? Result<int>(*pid) : Result<int>(noted.failure());
}

Result<void> requestStop(const RunLayout& run)
{
    return sendSignal(run, SIGTERM);
}

Result<void> requestCheckpoint(const RunLayout& run)
{
    return sendSignal(run, SIGUSR1);
}

Result<void> killWorker(const RunLayout& run)
{
    return sendSignal(run, SIGKILL);
}

} // namespace dskd::jobs
