#pragma once

// An ablation as a table: any fields of the runs' configurations down, any others across, and in each cell the runs
// that differ in nothing but the seed. How they are grouped and counted is compare.h's.

#include "core/base/result.h"
#include "core/jobs/compare.h"
#include "core/jobs/matrix_cell.h"
#include "core/jobs/ranking.h"
#include "core/store/workspace_db.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// Cells that are ranked together. A column group has all values but the last in common: one field across is one group.
enum class BestWithin { Column, ColumnGroup, Table };
inline constexpr std::string_view kNoValue = "no effect"; // of a field that has none in a run

// Which runs of an experiment are shown, where the matrix is of one: those that its newest revision plans, or all.
enum class Revisions { Newest, All };

struct MatrixRequest {
    std::vector<std::string> rows;    // fields (matrixField); empty: those that the experiments vary, or what differs
    std::vector<std::string> columns; // likewise
    std::string metric; // as in Comparison::metrics, or its title, both also without the end; empty: the first headline
    BestWithin within = BestWithin::Column;
    Pairing pairing = Pairing::Auto;
    Revisions revisions = Revisions::Newest;
    // Values of row and column fields, as the matrix shows them. Each cell is measured against the one that has these
    // values, and in the other fields its own: so "method: sft" is a row, or a row of each student. Empty: no baseline.
    std::map<std::string, std::string> baseline;
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
    bool formerCanBeLeftOut = false;     // there are runs of former revisions, and Revisions decides about them
    std::vector<std::string> formerRuns; // ids of those of them that are not shown
    std::vector<Failure> unreadPlans;    // of experiments: what they miss is not known

    [[nodiscard]] const MatrixCell& cell(std::size_t row, std::size_t column) const
    {
        return cells[row * columns.size() + column];
    }
};

// The full path of a field, or the method by its name ("method"). Usage where there is none.
Result<std::string> matrixField(std::string_view field);

// The matrix of runs, and of what the experiments plan that they belong to or that are named besides (by their ids).
// Runs that cannot be read are left out; it fails where that leaves nothing, and (Usage, NotFound) where the request
// names a field, metric or value that there is not, or once `cancelled` is set. Runs of former revisions are left out
// (Revisions) where others stay.
Result<Matrix> readMatrix(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                          const std::vector<std::int64_t>& experiments, const MatrixRequest& request,
                          const std::atomic<bool>* cancelled = nullptr);

} // namespace dskd::jobs
