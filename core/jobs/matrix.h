#pragma once

// An ablation as a table: any fields of the runs' configurations down, any others across, and in each cell the runs
// that differ in nothing but the seed. How they are grouped and counted is compare.h's.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/compare.h"
#include "core/store/workspace_db.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// In Done and Failed nothing goes on or waits any more.
enum class CellState {
    Missing, // it has no run
    Waiting, // a run stands in the queue, or was made and never started
    Running, // a worker is at work on a run
    Failed,  // all runs ended before their end: failed, crashed, were stopped
    Done,    // a run came to its end
};
enum class Mark {
    None,  // not ranked: no finished run, no value, or nothing to rank it against
    Best,  // a test says so against every other
    Tie,   // no test says that it is worse than the best
    Worse, // a test says that it is
};
[[nodiscard]] std::string_view name(CellState state); // "missing", …
[[nodiscard]] std::string_view name(Mark mark);       // "best", …; empty for None

// Cells that are ranked together. A column group has all values but the last in common: one field across is one group.
enum class BestWithin { Column, ColumnGroup, Table };
// What the tests pair. Auto: seeds where two cells share kFewestSeeds of them, else samples.
enum class Pairing { Auto, Seeds, Samples };

inline constexpr int kFewestSeeds = 3;
inline constexpr int kFewestSamples = 30;
inline constexpr int kBootstrapDraws = 10000;
inline constexpr double kSignificant = 0.05;      // a p below it
inline constexpr std::string_view kNoValue = "–"; // of a field that has no effect in a run

struct MatrixRequest {
    std::vector<std::string> rows;    // fields (matrixField); empty: those that the experiments vary, or what differs
    std::vector<std::string> columns; // likewise
    std::string metric; // as in Comparison::metrics, or its title, both also without the end; empty: the first headline
    BestWithin within = BestWithin::Column;
    Pairing pairing = Pairing::Auto;
    // Values of row and column fields, as the matrix shows them. Each cell is measured against the one that has these
    // values, and in the other fields its own: so "method: sft" is a row, or a row of each student. Empty: no baseline.
    std::map<std::string, std::string> baseline;
};

struct MatrixRun {
    std::string runId;
    std::string name;
    std::uint64_t seed = 0;
    std::string status;
    std::optional<double> value; // of the metric
    bool counted = false;        // in the cell's mean
};

// A run that an experiment plans and does not have.
struct MissingRun {
    std::int64_t experiment = 0; // store::ExperimentRow::id
    config::Experiment run;
};

// Of a cell against the best one that it is ranked with.
struct CellTest {
    Pairing pairing = Pairing::Seeds; // Seeds: the t-test; Samples: the bootstrap over the ROUGE-L of each answer
    int pairs = 0;
    double p = 1.0; // two-sided, Holm-corrected for all comparisons with this best
};

struct MatrixCell {
    CellState state = CellState::Missing;
    std::vector<MatrixRun> runs;
    int done = 0; // different seeds: each is done, else running, waiting or failed
    int running = 0;
    int waiting = 0;
    int failed = 0;
    std::optional<Summary> value;   // over the done seeds, over all when none is; none where `mixed` says why
    std::vector<std::string> mixed; // fields that the runs differ in and the matrix does not show: no mean is taken
    std::optional<std::size_t> baseline; // the cell that this one is measured against
    std::optional<double> delta;         // to its mean; none for the baseline itself, and where the two do not compare
    Mark mark = Mark::None;
    std::optional<std::size_t> best; // by its mean, of the cells that this one is ranked with; none of an unranked one
    std::optional<CellTest> test;    // against it; none of the best itself, and where no test is possible
    std::vector<MissingRun> missing; // planned
};

struct Matrix {
    std::vector<std::string> rowFields; // full paths, or config::kMethodByName
    std::vector<std::string> columnFields;
    std::vector<std::vector<std::string>> rows; // values of rowFields, as people read them
    std::vector<std::vector<std::string>> columns;
    std::vector<MatrixCell> cells; // row by row
    std::string metric;
    BestWithin within = BestWithin::Column;
    std::map<std::string, std::string> baseline; // of the request, by full path

    std::vector<std::string> metrics;         // that the runs have
    std::vector<std::string> differingFields; // of the runs
    std::vector<std::string> differingFacts;  // of the runs, by RunFact::id: what they were made of and on
    std::vector<UnreadRun> leftOut;
    std::vector<Failure> unreadPlans; // of experiments: what they miss is not known

    [[nodiscard]] const MatrixCell& cell(std::size_t row, std::size_t column) const
    {
        return cells[row * columns.size() + column];
    }
};

// The full path of a field, or the method by its name ("method"). Usage where there is none.
Result<std::string> matrixField(std::string_view field);

// The matrix of runs, and of what the experiments plan that they belong to or that are named besides (by their ids).
// Runs that cannot be read are left out; it fails where that leaves nothing, and (Usage, NotFound) where the request
// names a field, metric or value that there is not, or once `cancelled` is set.
Result<Matrix> readMatrix(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                          const std::vector<std::int64_t>& experiments, const MatrixRequest& request,
                          const std::atomic<bool>* cancelled = nullptr);

} // namespace dskd::jobs
