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

// Of the loss and at least two terms.
bool isStacked(const DrawnRun& run, const ChartSpec& chart)
{
    constexpr std::ptrdiff_t kFewest = 3;
    return run.experiment != nullptr && run.series != nullptr &&
           std::count_if(chart.metrics.begin(), chart.metrics.end(),
                         [&](const std::string& metric) { return run.series->recorded.contains(metric); }) >= kFewest;
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

SeriesRequests seriesRequests(const std::vector<DrawnRun>& runs, const CurvesPageState& page, const viz::XPart& closely)
{
    std::map<std::string, int> seeds; // runs, by seed group
    for (const DrawnRun& run : runs) {
        ++seeds[run.seedGroup];
    }
    const bool smoothed = viz::Smoothing{page.smoothingKind, page.smoothing}.on();
    SeriesRequests requests;
    for (const DrawnRun& run : runs) {
        const bool inMean = page.meanOverSeeds && !run.seedGroup.empty() && seeds[run.seedGroup] > 1;
        SeriesRequest& request = requests[run.id];
        for (const ChartSpec& chart : page.charts) {
            const bool stack = chart.kind == ChartKind::LossTerms;
            if (stack && !isStacked(run, chart)) {
                // The loss, by which the run of the stack is found.
                request.metrics.try_emplace(std::string(metrics::kLoss), false);
                continue;
            }
            for (const std::string& metric : chart.metrics) {
                bool& whole = request.metrics[metric];
                whole = whole || stack || smoothed || inMean;
            }
        }
        if (closely && run.series != nullptr && !run.series->byMetric.empty()) {
            // Any series of the run maps x to steps, the longest one best.
            const auto longest = std::max_element(
                run.series->byMetric.begin(), run.series->byMetric.end(),
                [](const auto& a, const auto& b) { return a.second.steps.size() < b.second.steps.size(); });
            const SeriesView view{&longest->second, run.series->began, run.series->stepsPerEpoch,
                                  page.axis == XAxis::Active ? Pauses(*run.series) : Pauses(), run.alive};
            request.closely = stepsBetween(view, closely->first, closely->second, page.axis);
        }
    }
    return requests;
}

viz::XPart partToRead(const viz::XPart& before, const viz::XPart& visible)
{
    if (!visible) {
        return std::nullopt;
    }
    constexpr double kMostZoom = 8.0; // into what was read
    const double width = visible->second - visible->first;
    const bool within = before && visible->first >= before->first && visible->second <= before->second;
    return within && width * kMostZoom >= before->second - before->first
               ? before
               : viz::XPart(std::pair(visible->first - width, visible->second + width));
}

QString readingNote(const std::vector<DrawnRun>& runs)
{
    double share = 0.0;
    bool complete = true;
    for (const DrawnRun& run : runs) {
        complete = complete && run.series != nullptr && run.series->complete;
        share += run.series == nullptr ? 0.0 : run.series->complete ? 1.0 : run.series->share;
    }
    if (complete) {
        return {};
    }
    const auto percent = static_cast<int>(100.0 * share / static_cast<double>(runs.size()));
    return percent > 0 ? tr("Reading %1 %").arg(percent) : tr("Reading\u2026");
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
    if (const QString reading = readingNote(runs); !reading.isEmpty()) {
        return {reading, true};
    }
    QStringList names;
    for (const std::string& metric : chart.metrics) {
        names.append(QString::fromStdString(metrics::titleOf(metric)));
    }
    const QString titles = names.join(QStringLiteral(", "));
    const bool anyPoint =
        std::any_of(runs.begin(), runs.end(), [](const DrawnRun& run) { return !run.series->recorded.empty(); });
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
        if (run->newest > 0.0 && now - run->newest >= staleAfter) {
            stale.append(tr("%1: last point %2 ago")
                             .arg(runTitle(*record), QString::fromStdString(text::duration(now - run->newest))));
        }
    }
    return stale.join(QStringLiteral(" \u00b7 "));
}

} // namespace dskd::ui
