#include "core/jobs/status.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/exit_codes.h"
#include "core/base/last_words.h"
#include "core/jobs/evidence.h"
#include "core/jobs/spawn.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace dskd::jobs
{
namespace
{

std::string progressText(const RunStatus& status)
{
    std::string text = "step " + std::to_string(status.step);
    if (status.totalSteps > 0) {
        text += " of " + std::to_string(status.totalSteps);
    }
    return text;
}

std::string resumeHint(const RunStatus& status)
{
    return status.checkpoint
               ? "Resuming goes on from the checkpoint of step " + std::to_string(*status.checkpoint) + "."
               : "There is no checkpoint yet; starting it again begins at step 0.";
}

constexpr const char* kMemoryHint =
    "Lower train.batch_size (raise train.accumulation to keep the effective batch) or data.max_length.";

bool mentionsMemory(const std::string& log)
{
    for (const char* sign :
         {"bad_alloc", "out of memory", "Out of memory", "not enough memory", "Cannot allocate memory"}) {
        if (log.find(sign) != std::string::npos) {
            return true;
        }
    }
    return false;
}

// What the dynamic loader said of a library that it did not find: "libtorch_cpu.so: cannot open shared object file: …";
// empty when it found all.
std::string missingLibrary(const std::string& log)
{
    constexpr std::string_view kSign = "error while loading shared libraries: ";
    const auto at = log.rfind(kSign);
    if (at == std::string::npos) {
        return {};
    }
    const auto begin = at + kSign.size();
    return log.substr(begin, log.find('\n', begin) - begin);
}

void judgeEnded(const Evidence& evidence, RunStatus& status)
{
    const store::AttemptRow& attempt = *evidence.attempt;
    const int code = attempt.exitCode.value_or(toInt(ExitCode::Failed));
    if (code == toInt(ExitCode::Done)) {
        status.status = Status::Done;
        status.sentence = "Done: " + progressText(status) + ".";
        return;
    }
    status.resumable = true;
    if (code == toInt(ExitCode::Stopped)) {
        status.status = Status::Stopped;
        status.sentence = "Stopped at " + progressText(status) + ". " + resumeHint(status);
        return;
    }
    status.status = code == toInt(ExitCode::OutOfMemory) ? Status::OutOfMemory : Status::Failed;
    JobFailure failure;
    failure.code = exitCodeOf(code);
    if (evidence.failed) {
        failure.what = evidence.failed->message;
        failure.hint = evidence.failed->hint;
    } else if (!attempt.reason.empty()) {
        failure.what = attempt.reason;
    } else {
        failure.what = "The worker gave up at " + progressText(status) + " with exit code " + std::to_string(code) +
                       " and without an explanation.";
        failure.hint = "The end of worker.log may have the reason.";
    }
    if (status.status == Status::OutOfMemory && failure.hint.empty()) {
        failure.hint = kMemoryHint;
    }
    status.sentence = failure.what;
    status.failure = std::move(failure);
}

// The process is gone and did not write how it ended.
void judgeVanished(const Evidence& evidence, const std::string& log, RunStatus& status)
{
    status.resumable = true;
    if (evidence.killed && !evidence.failed) {
        status.status = Status::Stopped;
        status.sentence =
            "Stopped at once on request, without a checkpoint, at " + progressText(status) + ". " + resumeHint(status);
        return;
    }
    JobFailure failure;
    const std::string where = evidence.attempt ? "at " + progressText(status) : "before it could report";
    status.status = Status::Crashed;
    if (evidence.failed) {
        status.status = Status::Failed;
        failure.what = evidence.failed->message;
        failure.hint = evidence.failed->hint;
    } else if (const auto words = findLastWords(log); words && !words->sentence.empty()) { // run.db did not take them
        status.status = Status::Failed;
        failure.what = words->sentence;
        failure.code = words->code;
        failure.hint = resumeHint(status);
    } else if (evidence.process->bootId != thisProcess().bootId) {
        failure.what = "The worker ended " + where + " because the machine was restarted.";
        failure.hint = resumeHint(status);
    } else if (killedForMemory(*evidence.process)) {
        status.status = Status::OutOfMemory;
        failure.what = "The system's out-of-memory killer ended the worker " + where + ".";
        failure.hint = kMemoryHint;
    } else if (mentionsMemory(log)) {
        status.status = Status::OutOfMemory;
        failure.what = "The worker ran out of memory " + where + ".";
        failure.hint = kMemoryHint;
    } else if (const std::string missing = missingLibrary(log); !missing.empty() && !evidence.attempt) {
        status.status = Status::Failed;
        failure.what = "The worker cannot be loaded: " + missing + ".";
        failure.hint = kMissingLibraryHint;
    } else {
        failure.what = "The worker ended without a word " + where +
                       ": it was killed (SIGKILL), or it crashed; see the end of worker.log.";
        failure.hint = resumeHint(status) + " If memory was short, lower train.batch_size or data.max_length first.";
    }
    status.sentence = failure.what;
    status.failure = std::move(failure);
}

bool hasFullDisk(const RunLayout& run, const StatusRules& rules)
{
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(run.root, error);
    return !error && space.available < rules.fullDiskBelow;
}

// The process is there, or on a machine that cannot be asked.
void judgeAlive(const RunLayout& run, const Evidence& evidence, const StatusRules& rules, RunStatus& status)
{
    const double lastSign = std::max(evidence.heartbeat ? evidence.heartbeat->time : 0.0, evidence.started);
    const double age = std::max(0.0, unixTime() - lastSign);
    if (evidence.liveness == Liveness::Suspended) {
        status.status = Status::Stalled;
        status.sentence = "Stalled at " + progressText(status) + ": the process is suspended (SIGSTOP).";
    } else if (age > rules.stalledAfter && hasFullDisk(run, rules)) {
        status.status = Status::Stalled;
        status.sentence = "Stalled at " + progressText(status) + ": the disk that " + run.root.string() +
                          " lies on is full. The worker goes on when there is room.";
    } else if (age > rules.stalledAfter) {
        status.status = Status::Stalled;
        status.sentence = "Stalled at " + progressText(status) + ": no sign of life for " + text::duration(age) +
                          (evidence.liveness == Liveness::Elsewhere ? " from " + evidence.process->host + "."
                                                                    : ", but the process is there.");
    } else if (!evidence.heartbeat) {
        status.status = Status::Starting;
        status.sentence = "Starting since " + text::duration(std::max(0.0, unixTime() - evidence.started)) + ".";
    } else {
        status.status = Status::Running;
        status.sentence = "Running: " + progressText(status) + " (" + status.phase + ").";
    }
}

RunStatus failedFor(JobFailure failure)
{
    RunStatus status;
    status.status = Status::Failed;
    status.sentence = failure.what;
    status.failure = std::move(failure);
    return status;
}

// What a worker leaves in the run folder only after it has made run.db.
bool lostDatabase(const RunLayout& run, bool hasCheckpoint)
{
    std::error_code error;
    const auto isThere = [&](const std::filesystem::path& file) { return std::filesystem::exists(file, error); };
    return !isThere(run.database()) && !error && (hasCheckpoint || isThere(run.inputs()) || isThere(run.answers()));
}

// The run was worked on and is not any more, and what it recorded is no longer there.
RunStatus databaseGone(const RunLayout& run, const std::optional<std::int64_t>& checkpoint)
{
    RunStatus status = failedFor(
        {"run.db, in which this run kept its curves and how it ended, is gone: " + run.database().string() + ".",
         {},
         logTail(run)});
    status.checkpoint = checkpoint;
    status.step = checkpoint.value_or(0);
    status.resumable = true;
    status.failure->hint = "Put the file back from a copy if there is one. " +
                           (checkpoint ? "The checkpoints can be used without it. " + resumeHint(status) +
                                             " The curves then begin after that step."
                                       : resumeHint(status));
    return status;
}

RunStatus judge(const RunLayout& run, store::RunReader& reader, const StatusRules& rules)
{
    if (const std::optional<Failure> gone = folderGone(run)) {
        return failedFor({gone->what, gone->hint, {}});
    }
    const Evidence evidence = gatherEvidence(run, reader);
    RunStatus status;
    status.checkpoint = latestCheckpoint(run);
    status.totalSteps = evidence.totalSteps;
    if (evidence.liveness == Liveness::Gone && lostDatabase(run, status.checkpoint.has_value())) {
        return databaseGone(run, status.checkpoint);
    }
    if (!evidence.process) {
        status.sentence = "Created, not started yet.";
        return status;
    }
    if (evidence.heartbeat) {
        status.step = evidence.heartbeat->step;
        status.phase = evidence.heartbeat->phase;
        status.heartbeatAge = std::max(0.0, unixTime() - evidence.heartbeat->time);
    } else if (evidence.attempt) {
        status.step = evidence.attempt->resumeStep.value_or(0);
    }
    if (status.checkpoint) { // it came later than a killed worker's last sign
        status.step = std::max(status.step, *status.checkpoint);
    }
    if (evidence.attempt && evidence.attempt->ended) {
        judgeEnded(evidence, status);
    } else if (evidence.liveness == Liveness::Gone) {
        // It may have ended properly between our look into run.db and our look at the process.
        const Evidence again = gatherEvidence(run, reader);
        if (again.attempt && again.attempt->ended) {
            return judge(run, reader, rules);
        }
        judgeVanished(again, logTail(run), status);
    } else {
        judgeAlive(run, evidence, rules, status);
        if (evidence.alive()) {
            status.pid = evidence.process->pid;
        }
    }
    if (status.failure) {
        status.failure->details = logTail(run);
    }
    if (!evidence.warning.empty()) {
        status.sentence += " " + evidence.warning;
    }
    return status;
}

// run.db is damaged or of a newer version: that is the status. The checkpoints do not depend on it.
RunStatus unreadable(const RunLayout& run, const Failure& failure)
{
    RunStatus status = failedFor({failure.what, failure.hint, logTail(run)});
    try {
        status.checkpoint = latestCheckpoint(run);
        status.step = status.checkpoint.value_or(0);
    } catch (const Error&) {
        status.checkpoint.reset(); // they cannot be read either; a resume reports it
    }
    return status;
}

} // namespace

std::string_view name(Status status)
{
    switch (status) {
    case Status::Created: return "created";
    case Status::Queued: return "queued";
    case Status::Starting: return "starting";
    case Status::Running: return "running";
    case Status::Stalled: return "stalled";
    case Status::Done: return "done";
    case Status::Stopped: return "stopped";
    case Status::Failed: return "failed";
    case Status::Crashed: return "crashed";
    case Status::OutOfMemory: return "out-of-memory";
    }
    return "";
}

std::optional<Failure> folderGone(const RunLayout& run)
{
    std::error_code error;
    if (std::filesystem::exists(run.root, error) || error) {
        return std::nullopt;
    }
    const std::string id = run.root.filename().string();
    return Failure{"The folder of " + id + " is gone: " + run.root.string() + ".",
                   "Put it back, or delete the run with `dskd delete " + id + " --purge`.", FailureKind::NotFound};
}

RunStatus readStatus(const RunLayout& run, const StatusRules& rules)
{
    Result<store::RunReader> reader = store::RunReader::open(run);
    return reader ? readStatus(run, *reader, rules) : unreadable(run, reader.failure());
}

RunStatus readStatus(const RunLayout& run, store::RunReader& reader, const StatusRules& rules)
{
    try {
        return judge(run, reader, rules);
    } catch (const Error& error) {
        return unreadable(run, error.failure());
    }
}

RunStatus withQueue(RunStatus status, const store::QueueRow* entry)
{
    if (entry == nullptr || isAlive(status.status)) {
        return status;
    }
    const bool waiting = entry->state == store::QueueState::Waiting;
    if (waiting || status.status == Status::Created) {
        status.status = Status::Queued;
        status.queuePosition = entry->position;
        status.sentence = waiting ? "Queued #" + std::to_string(entry->position) + "." : "About to start.";
    }
    return status;
}

RunStatus readStatus(store::WorkspaceDb& workspace, const std::string& runId, const StatusRules& rules)
{
    RunStatus status = readStatus(workspace.layout().run(runId), rules);
    if (isAlive(status.status)) {
        return status;
    }
    for (const store::QueueRow& row : workspace.queue()) {
        if (row.runId == runId) {
            return withQueue(std::move(status), &row);
        }
    }
    return status;
}

} // namespace dskd::jobs
