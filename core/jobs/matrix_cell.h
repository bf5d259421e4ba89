#pragma once

// One cell of a matrix: the runs in it, how they stand, what came of them.

#include "core/config/schema/experiment.h"
#include "core/jobs/compare.h"
#include "core/jobs/ranking.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// Of a cell with runs the first that fits. The names of those that are of runs too are jobs::name(Status)'s.
enum class CellState {
    Missing,  // it has no run, and could have one
    Excluded, // it has no run, because an experiment leaves it out, or no run can have these values together
    Same,     // its run stands in another cell, MatrixCell::sameAs: a field that tells them apart has no effect in it
    Running,  // a worker is at work on a run
    Queued,   // a run waits for its turn
    Created,  // a run was made and never started
    Done,     // a run came to its end
    Failed,   // no run came to its end, and one failed, crashed or ran out of memory
    Stopped,  // no run came to its end; they were asked to stop
};
[[nodiscard]] std::string_view name(CellState state);   // "missing", "excluded", "same", "running", …
inline constexpr std::string_view kPlanned = "planned"; // what people read of a missing cell that an experiment plans

struct MatrixRun {
    std::string runId;
    std::string name;
    std::uint64_t seed = 0;
    Status status = Status::Created;
    std::optional<double> value;                     // of the metric
    bool counted = false;                            // in the cell's mean
    std::optional<std::int64_t> formerRevision = {}; // of its experiment, whose newest one does not plan the run
};

// A run that an experiment plans and does not have.
struct MissingRun {
    std::int64_t experiment = 0; // store::ExperimentRow::id
    config::Experiment run;
};

// Different seeds by the stage of the run that got furthest (run_stage.h).
struct SeedCounts {
    int done = 0;
    int running = 0;
    int queued = 0;
    int created = 0;
    int stopped = 0;
    int failed = 0;
};

struct MatrixCell {
    CellState state = CellState::Missing;
    std::vector<MatrixRun> runs;
    SeedCounts seeds;
    std::optional<Summary> value;   // over the done seeds, over all when none is; none where `mixed` names fields
    std::vector<std::string> mixed; // fields that the runs differ in and the matrix does not show: no mean is taken
    std::optional<std::size_t> baseline; // the cell that this one is measured against
    std::optional<double> delta;         // to its mean; none for the baseline itself, and where the two do not compare
    Rank rank;                           // Rank::best is a cell
    std::vector<MissingRun> missing;     // planned
    std::optional<std::size_t> sameAs;   // of CellState::Same: the cell in which its run stands
};

// The counts other than done with the state that each is of, in the order in which a cell prints them.
struct StateCount {
    CellState state;
    int count;
};
[[nodiscard]] std::vector<StateCount> unfinished(const SeedCounts& seeds); // those that are not 0
[[nodiscard]] bool hasFormerRuns(const MatrixCell& cell);                  // MatrixRun::formerRevision
// It has no run, and an experiment plans some.
[[nodiscard]] inline bool isPlanned(const MatrixCell& cell)
{
    return cell.state == CellState::Missing && !cell.missing.empty();
}

} // namespace dskd::jobs
