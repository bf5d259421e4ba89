#include "ui/pages/curves/drawn_runs.h"

#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/feed/run_title.h"
#include "ui/look/run_shade.h"
#include "ui/look/theme.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace dskd::ui
{
namespace
{

QString tr(const char* text)
{
    return QCoreApplication::translate("DrawnRuns", text);
}

} // namespace

std::vector<DrawnRun> drawnRuns(const WorkspaceFeed& workspace, const SeriesFeed& series,
                                const std::set<std::string>& shown, const std::set<std::string>& selected)
{
    std::vector<DrawnRun> runs;
    for (const RunRecord& record : workspace.runs()) {
        if (!shown.contains(record.row.id)) {
            continue;
        }
        DrawnRun run;
        run.id = record.row.id;
        run.name = runTitle(record);
        run.colorIndex = record.color;
        run.color = runColor(record.color);
        run.printColor = runColorOnPaper(record.color);
        run.meanColor = runColor(hueOf(record.color));
        run.meanPrintColor = runColorOnPaper(hueOf(record.color));
        run.alive = jobs::isAlive(record.status.status);
        run.selected = selected.contains(record.row.id);
        run.seedGroup = record.row.configHash.empty() ? "" : record.row.group + "\n" + record.row.configHash;
        run.seed = {record.row.seed, record.status.status == jobs::Status::Done};
        run.series = series.series(record.row.id);
        runs.push_back(std::move(run));
    }
    return runs;
}

QString noRunShown()
{
    return tr("No run is shown. Check the box of a run in the list to draw its curves.");
}

EmptyChart whyEmpty(const ChartSpec& chart, const std::vector<DrawnRun>& runs, const WorkspaceFeed& workspace)
{
    if (runs.empty()) {
        return {noRunShown(), false};
    }
    const auto isReading = [](const DrawnRun& run) { return !run.series || !run.series->complete; };
    if (std::any_of(runs.begin(), runs.end(), isReading)) {
        return {tr("Reading\u2026"), true};
    }
    QStringList names;
    for (const std::string& metric : chart.metrics) {
        names.append(QString::fromStdString(metrics::titleOf(metric)));
    }
    const QString titles = names.join(QStringLiteral(", "));
    const bool anyPoint =
        std::any_of(runs.begin(), runs.end(), [](const DrawnRun& run) { return !run.series->byMetric.empty(); });
    if (!anyPoint) {
        const RunRecord* record = workspace.find(runs.front().id);
        const QString state = record ? QString::fromStdString(record->status.sentence) : QString();
        return {tr("No point of %1 yet. %2: %3").arg(titles, runs.front().name, state), false};
    }
    const metrics::Metric* row = metrics::findMetric(chart.metrics.front());
    if (row != nullptr && !row->recorded.empty()) {
        return {tr("No shown run has recorded %1 yet. %2").arg(titles, QString::fromUtf8(row->recorded)), false};
    }
    return {tr("None of the %1 shown runs records %2. Choose other metrics in the menu of this chart.")
                .arg(QString::number(runs.size()), titles),
            false};
}

QString staleRuns(const WorkspaceFeed& workspace, const SeriesFeed& series, const std::vector<std::string>& shown,
                  double now, double staleAfter)
{
    QStringList stale;
    for (const std::string& id : shown) {
        const RunRecord* record = workspace.find(id);
        const bool alive = record && jobs::isAlive(record->status.status);
        const RunSeries* run = alive ? series.series(id) : nullptr;
        if (!run) {
            continue;
        }
        double newest = 0.0;
        for (const auto& [name, recorded] : run->byMetric) {
            newest = recorded.times.empty() ? newest : std::max(newest, recorded.times.back());
        }
        if (newest > 0.0 && now - newest >= staleAfter) {
            stale.append(tr("%1: last point %2 ago")
                             .arg(runTitle(*record), QString::fromStdString(text::duration(now - newest))));
        }
    }
    return stale.join(QStringLiteral(" \u00b7 "));
}

} // namespace dskd::ui
