#include "app/worker/run_job.h"

#include "app/worker/about.h"
#include "app/worker/exception.h"
#include "app/worker/heartbeat.h"
#include "app/worker/resume_check.h"
#include "app/worker/run_reporter.h"
#include "core/base/checkpoint_folders.h"
#include "core/base/exit_codes.h"
#include "core/base/held_folder.h"
#include "core/base/last_words.h"
#include "core/base/process.h"
#include "core/base/version.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/store/run_lock.h"
#include "core/store/run_writer.h"
#include "core/train/evaluate/answer_jobs.h"
#include "core/train/loop/trainer.h"

#include <c10/util/Exception.h>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::worker
{
namespace
{

Ending explainFailedJob()
{
    return explainException(
        "Lower train.batch_size (raise train.accumulation to keep the step as large) or data.max_length.",
        "worker.log of the run holds the details.");
}

Ending runKind(const config::Experiment& experiment, const RunLayout& run, train::Observer& observer,
               train::RunControl& control)
{
    try {
        train::Outcome outcome = train::Outcome::Finished;
        switch (experiment.job) {
        case config::JobKind::Train: outcome = train::runTraining(experiment, run, observer, control); break;
        case config::JobKind::Evaluate: outcome = train::runEvaluation(experiment, run, observer, control); break;
        case config::JobKind::Generate: outcome = train::runGeneration(experiment, run, observer, control); break;
        }
        return {outcome == train::Outcome::Stopped ? ExitCode::Stopped : ExitCode::Done, {}};
    } catch (const c10::Error& error) {
        std::cerr << error.what() << std::endl; // with the backtrace, for worker.log
        return explainFailedJob();
    } catch (...) {
        return explainFailedJob();
    }
}

// What computed these numbers, for whoever looks at the run later.
void describeProgram(store::RunWriter& writer)
{
    const std::pair<const char*, std::string> facts[] = {
        {"version", kVersion}, {"libtorch", torchVersion()}, {"host", thisProcess().host}};
    for (const auto& [key, value] : facts) {
        if (const Result<void> written = writer.setInfo(key, value); !written) {
            std::cerr << written.failure().text() << std::endl;
        }
    }
}

ExitCode fail(const Failure& failure, ExitCode code)
{
    std::cerr << lastWordsBegin(code) << failure.text() << std::endl;
    return code;
}

// The configuration, checked once more: somebody may have written it by hand.
Result<config::Experiment> readExperiment(const RunLayout& run)
{
    Result<config::Experiment> experiment = config::loadExperiment(run.config());
    if (experiment) {
        if (const std::vector<config::Problem> problems = config::validate(*experiment); !problems.empty()) {
            return Failure{run.config().string() + ": " + problems.front().what, ""};
        }
    }
    return experiment;
}

Failure folderGone(const Failure& moved)
{
    return {moved.what + " Its worker has ended, so that nothing is written at the old path.",
            "Resuming it where it is now goes on from its newest checkpoint; `dskd doctor --repair` takes it up in the "
            "workspace that it lies in."};
}

// What is named and is not there: the job will fail, and must not cost the rows of earlier attempts.
bool namesMissingFiles(const config::Experiment& experiment)
{
    const auto missing = [](const std::string& path) {
        std::error_code error;
        return !path.empty() && !std::filesystem::exists(path, error);
    };
    return missing(experiment.student.model) || missing(experiment.student.adapter) || missing(experiment.data.train) ||
           (config::needsTeacher(experiment) &&
            (missing(experiment.teacher.model) || missing(experiment.teacher.adapter))) ||
           (config::needsProbeTeacher(experiment) && missing(experiment.log.probeTeacher));
}

std::optional<std::int64_t> resumeStep(const config::Experiment& experiment, const RunLayout& run)
{
    return experiment.job == config::JobKind::Train ? latestCheckpoint(run) : std::nullopt;
}

} // namespace

ExitCode runJob(const RunLayout& run, train::RunControl& control, const std::string& cudaReason)
{
    if (!std::filesystem::is_regular_file(run.config())) {
        return fail({run.root.string() + " is not a run folder: it has no config.json.", "Start runs with `dskd run`."},
                    ExitCode::NotFound);
    }
    // Held until the end. Who reads a run whose worker was killed holds it too, while the log is moved into run.db.
    const std::optional<store::RunLock> lock = store::RunLock::take(run, std::chrono::seconds(10));
    if (!lock) {
        return fail({"Another worker is at work in " + run.root.string() + ", or a program moves its log into run.db.",
                     "`dskd stop` ends a worker; else try again in a moment."},
                    ExitCode::Failed);
    }
    const Result<HeldFolder> folder = HeldFolder::open(run.root);
    if (!folder) {
        return fail(folder.failure(), ExitCode::Failed);
    }
    store::WriterOptions options;
    options.onLock = [](const std::string& sentence) { std::cerr << sentence << std::endl; };
    auto opened = store::RunWriter::open(run, options);
    if (!opened) {
        return fail(opened.failure(), ExitCode::Failed);
    }
    store::RunWriter& writer = **opened;
    const Result<config::Experiment> experiment = readExperiment(run);
    const bool missesFiles = experiment && namesMissingFiles(*experiment);
    const ResumeCheck inputs = experiment && !missesFiles ? checkInputs(*experiment, run) : ResumeCheck{};
    const bool cannotStart = !experiment || missesFiles || !inputs.fits;
    const Result<void> begun =
        cannotStart ? writer.beginFailedAttempt() : writer.beginAttempt(resumeStep(*experiment, run));
    if (!begun) {
        return fail(begun.failure(), ExitCode::Failed);
    }
    describeProgram(writer);
    RunReporter reporter(writer, *folder);
    Ending ending;
    if (!experiment) {
        ending = {ExitCode::Usage, experiment.failure()};
    } else if (!inputs.fits) {
        ending = {exitCodeOf(inputs.fits.failure().kind), inputs.fits.failure()};
    } else {
        const Heartbeat heartbeat(writer, reporter, *folder, control);
        writer.addEvent(0, "start",
                        std::string("dskd-worker ") + kVersion + ", LibTorch " + torchVersion() +
                            (cudaReason.empty() ? ", with CUDA." : ", without CUDA: " + cudaReason));
        for (const std::string& warning : inputs.warnings) {
            reporter.onEvent(resumeStep(*experiment, run).value_or(0), store::kWarningEvent, warning);
        }
        ending = runKind(*experiment, run, reporter, control);
    }
    if (const Result<void> there = folder->check(); !there && ending.code != ExitCode::Done) {
        ending = {ExitCode::Failed, folderGone(there.failure())}; // whatever else failed only follows from it
    }
    const std::int64_t step = reporter.progress().step;
    std::string reason = "Finished.";
    if (ending.code == ExitCode::Stopped) {
        reason = "Stopped on request after step " + std::to_string(step) + ".";
        writer.addEvent(step, "stopped", reason);
    } else if (ending.code != ExitCode::Done) {
        reason = ending.failure.what;
        writer.addEvent(step, store::kFailedEvent, ending.failure.what, ending.failure.hint);
        std::cerr << lastWordsBegin(ending.code) << ending.failure.text() << std::endl;
    } else {
        writer.addEvent(step, "done", reason);
    }
    if (auto ended = writer.endAttempt(toInt(ending.code), reason); !ended) {
        return fail(ended.failure(), ending.code == ExitCode::Done ? ExitCode::Failed : ending.code);
    }
    return ending.code;
}

} // namespace dskd::worker
