#include "ui/pages/point_export.h"

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

std::vector<RunPoints> pointsOf(const std::vector<DrawnRun>& runs)
{
    std::vector<RunPoints> points;
    for (const DrawnRun& run : runs) {
        if (run.series) {
            points.push_back({run.name.toStdString(), run.series->byMetric});
        }
    }
    return points;
}

QString csvField(const QString& text)
{
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n'))) {
        return text;
    }
    QString quoted = text;
    quoted.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

Result<int> writePoints(const std::vector<RunPoints>& runs, const QString& file)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly)) {
        return cannotWrite(out);
    }
    int count = 0;
    out.write("run,metric,step,tokens,time,value\n");
    for (const RunPoints& run : runs) {
        for (const auto& [metric, series] : run.byMetric) {
            const std::string begin = csvField(QString::fromStdString(run.name)).toStdString() + "," + metric + ",";
            for (std::size_t i = 0; i < series.values.size(); ++i, ++count) {
                const std::string line = begin + std::to_string(series.steps[i]) + "," +
                                         std::to_string(series.tokens[i]) + "," + text::exact(series.times[i]) + "," +
                                         text::exact(series.values[i]) + "\n";
                out.write(line.data(), static_cast<qint64>(line.size()));
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
