#pragma once

// How a matrix is made of what was read. For readMatrix and for tests, which need no folder of a run.

#include "core/jobs/matrix.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dskd::jobs
{

// Values by field (full paths), as axisValue() writes them, of the method its id: a combination that an experiment
// leaves out.
using LeftOutValues = std::map<std::string, std::string>;

struct MatrixInput {
    std::vector<RunOutcome> outcomes;
    std::vector<std::string> axes;           // fields that the experiments vary, full paths
    std::vector<config::Experiment> planned; // by the experiments, in their order: it is that of rows and columns
    std::vector<MissingRun> missing;
    std::vector<LeftOutValues> excluded;
    std::map<std::string, std::int64_t> former; // MatrixRun::formerRevision by run
    ReadScores scores;                          // may be empty
};

// Fails as readMatrix does.
Result<Matrix> makeMatrix(MatrixInput input, const MatrixRequest& request);

} // namespace dskd::jobs
