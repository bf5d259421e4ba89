#pragma once

// How a matrix is made of what was read. For readMatrix and for tests, which need no folder of a run.

#include "core/jobs/matrix.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::jobs
{

// ROUGE-L of each answer of a run, at the step that the metric is of, by sample and reference. Empty: none is recorded.
using SampleScores = std::map<std::pair<std::int64_t, std::string>, double>;

using ReadScores = std::function<SampleScores(const std::string& runId, const std::string& metric)>;

struct MatrixInput {
    std::vector<RunOutcome> outcomes;
    std::vector<std::string> axes;           // fields that the experiments vary, full paths
    std::vector<config::Experiment> planned; // by the experiments, in their order: it is that of rows and columns
    std::vector<MissingRun> missing;
    ReadScores scores; // may be empty
};

// Fails as readMatrix does.
Result<Matrix> makeMatrix(MatrixInput input, const MatrixRequest& request);

// Marks what is best and ties with it, cell by cell. `groups`: the runs of each cell; none where there are none, or
// where they are mixed.
void rankCells(Matrix& matrix, const std::vector<std::optional<OutcomeGroup>>& groups, const ReadScores& scores,
               Pairing pairing);

} // namespace dskd::jobs
