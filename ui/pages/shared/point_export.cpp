#include "ui/pages/shared/point_export.h"

#include "core/store/run_reader.h"
#include "core/text/numbers.h"

#include <QSaveFile>

namespace dskd::ui
{
namespace
{

Failure cannotWrite(const QSaveFile& file)
{
    return {file.fileName().toStdString() + " cannot be written: " + file.errorString().toStdString() + ".",
            "Choose a folder you may write to."};
}

} // namespace

QString csvField(const QString& text)
{
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n'))) {
        return text;
    }
    QString quoted = text;
    quoted.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

Result<std::int64_t> writePoints(const std::vector<RunToExport>& runs, const QString& file,
                                 const std::atomic<bool>& cancelled)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly)) {
        return cannotWrite(out);
    }
    std::int64_t count = 0;
    out.write("run,metric,step,tokens,time,value\n");
    for (const RunToExport& run : runs) {
        Result<store::RunReader> reader = store::RunReader::open(run.folder);
        if (!reader) {
            return reader.failure();
        }
        for (const std::string& metric : reader->metricNames()) {
            const std::string begin = csvField(QString::fromStdString(run.name)).toStdString() + "," + metric + ",";
            for (const store::MetricPoint& point : reader->series(metric)) {
                const std::string line = begin + std::to_string(point.step) + "," + std::to_string(point.tokens) + "," +
                                         text::exact(point.time) + "," + text::exact(point.value) + "\n";
                out.write(line.data(), static_cast<qint64>(line.size()));
                ++count;
            }
            if (cancelled) {
                return Failure{"The export to " + file.toStdString() + " was cancelled.", {}};
            }
        }
    }
    if (!out.commit()) {
        return cannotWrite(out);
    }
    return count;
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
