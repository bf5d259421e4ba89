#pragma once

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/teacher/live_teacher.h"
#include "core/train/job/observer.h"

#include <optional>
#include <string>

namespace dskd::train
{

// The rows of the experiment's teacher that the runs of a workspace share (core/cache). `device` as describeDevice()
// names it: rows of other devices, numbers of threads and precisions are kept apart. Nothing for a run outside of a
// workspace and for methods that see padding; where the workspace cannot be written, there is a warning.
[[nodiscard]] std::optional<teacher::SharedRows> sharedTeacherRows(const RunLayout& run,
                                                                   const config::Experiment& experiment,
                                                                   const std::string& device, Observer& observer);

} // namespace dskd::train
