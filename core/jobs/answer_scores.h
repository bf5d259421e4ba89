#pragma once

#include "core/base/run_layout.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace dskd::jobs
{

// ROUGE-L of each answer of a run, at the step that the metric is of, by sample and reference. Empty: none is recorded.
using SampleScores = std::map<std::pair<std::int64_t, std::string>, double>;

// Of that run, for that metric.
using ReadScores = std::function<SampleScores(const std::string& runId, const std::string& metric)>;

// Reads them from the folders of the workspace's runs; of a run that cannot be read there are none. Any thread.
[[nodiscard]] ReadScores answerScores(WorkspaceLayout workspace);

} // namespace dskd::jobs
