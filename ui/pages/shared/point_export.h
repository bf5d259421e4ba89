#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/jobs/point_csv.h"

#include <QByteArray>
#include <QString>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace dskd::ui
{

struct RunToExport {
    jobs::PointSource source;
    RunLayout folder;
};

// Every recorded point of `metrics` (empty: of all that the runs have), full precision, read from the runs' folders one
// metric at a time; columns: jobs::kPointColumns. Replaces the file as a whole, or leaves it alone when cancelled.
// Returns the number of points. Any thread.
Result<std::int64_t> writePoints(const std::vector<RunToExport>& runs, const std::vector<std::string>& metrics,
                                 const QString& file, const std::atomic<bool>& cancelled);

// The same as text.
Result<QByteArray> pointsAsText(const std::vector<RunToExport>& runs, const std::vector<std::string>& metrics,
                                const std::atomic<bool>& cancelled);

// The same for a text that is finished already.
Result<void> writeFile(const QByteArray& text, const QString& file);

} // namespace dskd::ui
