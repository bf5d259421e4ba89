#pragma once

// Finished runs that nobody trained, as a long project leaves them: run folders with config.json, launch.json,
// worker.log, a checkpoint's mark and a run.db.

#include "core/store/workspace_db.h"

#include <functional>
#include <map>
#include <string>

namespace dskd::bench
{

// Standard normal numbers, the same for the run of the same number.
using Noise = std::function<double()>;
// Sets the values of a step. They are kept from step to step: a value that is not every step's must be erased.
using ValuesOfStep = std::function<void(int step, const Noise& noise, std::map<std::string, double>& values)>;

// A loss as training has it: falls from 5 to 2.8, with noise.
[[nodiscard]] double fallingLoss(int step, int steps, const Noise& noise);

// `runs` runs in a group, ten seeds of an experiment. Throws Error.
void makeFinishedRuns(store::WorkspaceDb& workspace, const std::string& group, int runs, int steps,
                      const ValuesOfStep& valuesOfStep);

} // namespace dskd::bench
