#include "core/jobs/step_probe.h"

#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/store/chosen_names.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <thread>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;

constexpr std::int64_t kFirstCounted = 2; // before it, memory is taken and kernels are chosen
constexpr std::int64_t kEnough = 3;       // steps after that
constexpr std::int64_t kNeverReached = 1'000'000;
constexpr std::chrono::milliseconds kPoll{50};

class TemporaryFolder
{
public:
    TemporaryFolder()
    {
        std::string name = (fs::temp_directory_path() / "dskd-probe-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw Error("No folder can be made in " + fs::temp_directory_path().string() + ": " + std::strerror(errno) +
                        ".");
        }
        path = name;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    fs::path path;
};

// Kills the worker when it goes, and waits until it is gone: nobody writes into a folder that is being removed.
class WorkerOfProbe
{
public:
    explicit WorkerOfProbe(RunLayout run) : m_run(std::move(run)) {}
    ~WorkerOfProbe()
    {
        try {
            constexpr int kTries = 100;
            for (int i = 0; i < kTries && readStatus(m_run).pid; ++i) {
                (void)killWorker(m_run);
                std::this_thread::sleep_for(kPoll);
            }
        } catch (const Error&) { // its folder cannot be read: it goes all the same
        }
    }
    WorkerOfProbe(const WorkerOfProbe&) = delete;
    WorkerOfProbe& operator=(const WorkerOfProbe&) = delete;

private:
    RunLayout m_run;
};

// What is measured is the step alone; no step is the last one, so nothing is written at an end.
config::Experiment shortened(config::Experiment experiment)
{
    // a plan may name its runs, and an older workspace a group, as nobody could now
    experiment.name = store::usableName(experiment.name);
    experiment.group = store::usableName(experiment.group);
    const std::int64_t samples = kProbeSteps * experiment.train.batchSize * experiment.train.accumulation;
    experiment.data.limit = experiment.data.limit > 0 ? std::min(experiment.data.limit, samples) : samples;
    experiment.data.validation.clear();
    experiment.validation.generateSamples = 0; // which asks for it
    experiment.train.steps = kNeverReached;
    experiment.train.warmupSteps = 0;
    experiment.log.probeEvery = 0;
    experiment.log.gradientNormEvery = 0;
    experiment.log.probeTeacher.clear();
    experiment.checkpoint.every = 0;
    return experiment;
}

std::map<std::int64_t, double> timesOfSteps(store::RunReader& reader)
{
    std::map<std::int64_t, double> times;
    for (const store::MetricRow& row : reader.metricsAfter(0)) {
        times.try_emplace(row.step, row.time);
    }
    return times;
}

// Nothing where too few steps were made.
std::optional<MeasuredRun> measured(const std::map<std::int64_t, double>& times, double started)
{
    const auto first = times.find(kFirstCounted);
    if (first == times.end() || times.rbegin()->first < kFirstCounted + kEnough) {
        return std::nullopt;
    }
    MeasuredRun run;
    run.stepSeconds =
        (times.rbegin()->second - first->second) / static_cast<double>(times.rbegin()->first - kFirstCounted);
    run.setupSeconds = std::max(0.0, first->second - started - static_cast<double>(kFirstCounted) * run.stepSeconds);
    run.isProbe = true;
    return run;
}

} // namespace

Result<MeasuredRun> probeSteps(const config::Experiment& experiment, const ProbeOptions& options)
{
    const TemporaryFolder folder;
    auto workspace = store::WorkspaceDb::create(folder.path / "workspace");
    if (!workspace) {
        return workspace.failure();
    }
    const auto id = createRun(*workspace, shortened(experiment));
    if (!id) {
        return id.failure();
    }
    const RunLayout run = workspace->layout().run(*id);
    if (const auto pid = launchWorker(run, options.launch); !pid) {
        return pid.failure();
    }
    const WorkerOfProbe worker(run);
    const auto end = std::chrono::steady_clock::now() + options.limit;
    for (;;) {
        if (options.cancelled != nullptr && *options.cancelled) {
            return Failure{"The probe was cancelled.", {}};
        }
        const RunStatus status = readStatus(run);
        const bool over = !isAlive(status.status) || std::chrono::steady_clock::now() >= end;
        auto reader = store::RunReader::open(run);
        const auto attempts = reader ? reader->attempts() : std::vector<store::AttemptRow>();
        const auto times = attempts.empty() ? std::map<std::int64_t, double>() : timesOfSteps(*reader);
        if (over || (!times.empty() && times.rbegin()->first >= kProbeSteps)) {
            auto result = attempts.empty() ? std::nullopt : measured(times, attempts.back().started);
            if (result) {
                result->fields = costFields(experiment);
                return *std::move(result);
            }
            return status.failure ? Failure{status.failure->what, status.failure->hint}
                                  : Failure{"The probe made too few steps to measure their time: " + status.sentence,
                                            "Start one run instead."};
        }
        std::this_thread::sleep_for(kPoll);
    }
}

} // namespace dskd::jobs
