#pragma once

#include "core/base/run_layout.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace dskd
{

// The checkpoints of a run that were written to the end (with DONE), by step, ascending. Interrupted ones and folders
// with other names are passed over. Empty when there is no run folder.
[[nodiscard]] std::vector<std::int64_t> finishedCheckpoints(const RunLayout& run);

// The step of the newest finished checkpoint: where a resume begins.
[[nodiscard]] std::optional<std::int64_t> latestCheckpoint(const RunLayout& run);

} // namespace dskd
