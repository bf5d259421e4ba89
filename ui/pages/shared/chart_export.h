#pragma once

// Charts, box plots and points as what can be exported: one look on paper for all. GUI thread only.

#include "core/base/result.h"
#include "ui/feed/background.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "viz/box_plot.h"
#include "viz/chart_picture.h"
#include "viz/scatter.h"

#include <QFont>
#include <QObject>
#include <QString>
#include <atomic>
#include <cstdint>
#include <functional>

namespace dskd::ui
{

inline constexpr int kPaperColumns = 4000; // of a curve: more than a page's width in dots at 600 dpi shows

[[nodiscard]] QFont paperFont(); // 9 pt on every device
[[nodiscard]] viz::ChartInk paperInk();

// With the picture's title, and without numbers.
[[nodiscard]] ExportSubject exportSubject(const viz::ChartPicture& picture);
[[nodiscard]] ExportSubject exportSubject(const viz::BoxPaper& picture);
[[nodiscard]] ExportSubject exportSubject(const viz::ScatterPaper& picture);

// ExportSubject::writeCsv that writes on the background's thread and shows how many points there were. Does nothing
// once `page`, which owns or outlives nothing of `write`, is gone; `background` lives as long as the page.
[[nodiscard]] std::function<void(const QString& file, std::function<void(const QString& sentence)> done)>
writeCsvInBackground(
    QObject& page, Background& background,
    std::function<Result<std::int64_t>(const QString& file, const std::atomic<bool>& cancelled)> write);

} // namespace dskd::ui
