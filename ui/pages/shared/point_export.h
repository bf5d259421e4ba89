#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/jobs/point_csv.h"

#include <QByteArray>
#include <QString>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

class QIODevice;

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

// The failure of an export that was cancelled.
[[nodiscard]] Failure cancelledExport();

// Replaces the file by what `write` puts out, as a whole; leaves it alone when that fails. Returns what `write` counts.
Result<std::int64_t> writeFile(const QString& file, const std::function<Result<std::int64_t>(QIODevice& out)>& write);

// The points as text.
Result<QByteArray> pointsAsText(const std::vector<RunToExport>& runs, const std::vector<std::string>& metrics,
                                const std::atomic<bool>& cancelled);

// A text that is finished already.
Result<void> writeFile(const QByteArray& text, const QString& file);

} // namespace dskd::ui
