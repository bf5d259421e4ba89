#pragma once

// What runs have recorded of spaces, as files. Any thread.

#include "core/base/result.h"
#include "core/store/space_records.h"
#include "ui/pages/shared/point_export.h"

#include <QString>
#include <atomic>
#include <cstdint>
#include <vector>

namespace dskd::ui
{

// The distances of every probe sample at every recorded step; columns: jobs::sampleColumns(). Replaces the file as a
// whole, or leaves it alone when cancelled. Returns the number of lines.
Result<std::int64_t> writeSamples(const std::vector<RunToExport>& runs, const QString& file,
                                  const std::atomic<bool>& cancelled);

// Likewise the points of one space of a run; columns: jobs::kSpacePointColumns.
Result<std::int64_t> writeSpacePoints(const RunToExport& run, store::ModelSide space, const QString& file,
                                      const std::atomic<bool>& cancelled);

} // namespace dskd::ui
