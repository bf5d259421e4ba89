#pragma once

// The rows of run.db and workspace.db as plain values. Times are seconds since 1970.

#include "core/base/process.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

// ---- run.db

struct MetricRow {
    std::int64_t id = 0; // grows with every row written, also over a resume
    std::int64_t step = 0;
    std::int64_t tokens = 0; // response tokens seen so far
    double time = 0.0;
    std::string name;
    double value = 0.0; // NaN and infinities are kept
};

// A point of one named series.
struct MetricPoint {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::int64_t tokens = 0;
    double time = 0.0;
    double value = 0.0;
};

struct HeatMapRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::string name; // "cma.t2s"
    std::int64_t sample = 0;
    std::vector<std::string> rowTokens;
    std::vector<std::string> columnTokens;
    // rowTokens x columnTokens, row by row; empty in lists. Maps with more than kMostFloatCells of them come back in
    // half precision (map_cells.h): off by 0.05 % at most from 6.1e-5 on, by 3e-8 below.
    std::vector<float> values;
    // Tokens of the whole sample, more than rowTokens where the map is cut (log.map_tokens). None in lists, and of
    // older runs, whose maps had 96 tokens a side at most.
    std::optional<std::int64_t> wholeRows = std::nullopt;
    std::optional<std::int64_t> wholeColumns = std::nullopt;
};

struct AnswerRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::int64_t sample = 0;
    std::string prompt;
    std::string reference;
    std::string answer;
    double rougeL = 0.0; // F1 in [0, 1]
};

struct EventRow {
    std::int64_t id = 0;
    double time = 0.0;
    std::int64_t step = 0;
    std::string kind; // "data", "model", "checkpoint", "warning", "failed", "done", ...
    std::string message;
    std::string hint;
};

// The kind of the event that says why a worker gave up. status reads it.
inline constexpr const char* kFailedEvent = "failed";
// Of one that a person should see where they look: lines that were left out, say. The job went on.
inline constexpr const char* kWarningEvent = "warning";

// How the line of worker.log begins with which a worker says why it gives up, should run.db not take it. status reads
// it.
inline constexpr const char* kLastWords = "dskd-worker gives up: ";

struct Heartbeat {
    double time = 0.0;
    std::int64_t step = 0;
    std::string phase; // "loading", "training", "validating", "saving", ...
};

struct Plan {
    std::int64_t totalSteps = 0;
    std::int64_t stepsPerEpoch = 0;
};

// One start of a worker in a run folder. Without `ended` the worker is alive or died without a word.
struct AttemptRow {
    std::int64_t id = 0;
    ProcessIdentity process;
    std::optional<std::int64_t> resumeStep; // none: from the beginning
    double started = 0.0;
    std::optional<double> ended;
    std::optional<int> exitCode;
    std::string reason; // a sentence
    // How long it has worked, up to its end or last heartbeat, by a clock that nobody sets; none of older runs.
    std::optional<double> seconds;
};

// ---- workspace.db

// What people read for a run: its name, else its id.
[[nodiscard]] inline const std::string& nameOrId(const std::string& name, const std::string& id)
{
    return name.empty() ? id : name;
}

struct RunRow {
    std::string id; // folder name under runs/
    std::string name;
    std::string group;
    double created = 0.0;
    // As config.json names them.
    std::string job;
    std::string objective;
    std::string space;
    std::string alignment;
    std::string distance;
    std::string method;      // config::MethodName::id: empty for a composition without a name
    std::string methodLabel; // config::MethodName::label: what tables show
    std::uint64_t seed = 0;
    std::string teacher; // folder; empty for SFT
    std::string student;
    std::string configHash; // jobs::configHash: equal for the seeds of one experiment
    std::string note;
    std::vector<std::string> tags;          // sorted
    std::optional<double> trashed;          // when it was moved to the trash
    std::optional<std::int64_t> experiment; // ExperimentRow::id; none of a run that nobody has placed yet
    std::optional<std::int64_t> revision;   // of its plan, when the run was made

    [[nodiscard]] const std::string& shownName() const { return nameOrId(name, id); }
};

enum class QueueState { Waiting, Running };

struct QueueRow {
    std::int64_t position = 0; // 1 is next
    std::string runId;
    QueueState state = QueueState::Waiting;
    double added = 0.0;
};

} // namespace dskd::store
