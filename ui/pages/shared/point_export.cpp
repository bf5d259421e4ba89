#include "ui/pages/shared/point_export.h"

#include "core/store/run_reader.h"

#include <QBuffer>
#include <QSaveFile>
#include <algorithm>

namespace dskd::ui
{
namespace
{

Failure cannotWrite(const QSaveFile& file)
{
    return {file.fileName().toStdString() + " cannot be written: " + file.errorString().toStdString() + ".",
            "Choose a folder you may write to."};
}

Result<std::int64_t> write(const std::vector<RunToExport>& runs, const std::vector<std::string>& metrics,
                           QIODevice& out, const std::atomic<bool>& cancelled)
{
    const auto add = [&](std::string_view text) { out.write(text.data(), static_cast<qint64>(text.size())); };
    std::int64_t count = 0;
    add(jobs::kPointColumns);
    for (const RunToExport& run : runs) {
        Result<store::RunReader> reader = store::RunReader::open(run.folder);
        if (!reader) {
            return reader.failure();
        }
        for (const std::string& metric : reader->metricNames()) {
            if (!metrics.empty() && std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) {
                continue;
            }
            const std::string prefix = jobs::pointPrefix(run.source, metric);
            for (const store::MetricPoint& point : reader->series(metric)) {
                add(jobs::pointLine(prefix, point));
                ++count;
            }
            if (cancelled) {
                return cancelledExport();
            }
        }
    }
    return count;
}

} // namespace

Failure cancelledExport()
{
    return {"The export was cancelled.", {}};
}

Result<std::int64_t> writePoints(const std::vector<RunToExport>& runs, const std::vector<std::string>& metrics,
                                 const QString& file, const std::atomic<bool>& cancelled)
{
    return writeFile(file, [&](QIODevice& out) { return write(runs, metrics, out, cancelled); });
}

Result<std::int64_t> writeFile(const QString& file, const std::function<Result<std::int64_t>(QIODevice& out)>& write)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly)) {
        return cannotWrite(out);
    }
    Result<std::int64_t> count = write(out);
    if (count && !out.commit()) {
        return cannotWrite(out);
    }
    return count;
}

Result<QByteArray> pointsAsText(const std::vector<RunToExport>& runs, const std::vector<std::string>& metrics,
                                const std::atomic<bool>& cancelled)
{
    QBuffer out;
    out.open(QIODevice::WriteOnly);
    const Result<std::int64_t> count = write(runs, metrics, out, cancelled);
    if (!count) {
        return count.failure();
    }
    return out.data();
}

Result<void> writeFile(const QByteArray& text, const QString& file)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit()) {
        return cannotWrite(out);
    }
    return {};
}

} // namespace dskd::ui
