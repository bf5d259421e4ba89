#include "ui/pages/curves/curves_state.h"

#include "core/metrics/metric_table.h"

#include <QJsonArray>
#include <QStringList>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr const char* kAxisNames[] = {"step", "tokens", "time"};
constexpr double kMostSmoothing = 0.99;

// The terms of distillation, of which the loss is made.
ChartSpec distillationTerms()
{
    ChartSpec chart{{}, true};
    for (const metrics::Metric& metric : metrics::allMetrics()) {
        if (metric.group == metrics::Group::Distillation && metric.inLoss == metrics::InLoss::Term) {
            chart.metrics.emplace_back(metric.name);
        }
    }
    return chart;
}

ChartSpec chartOf(std::string_view metric, bool onlyWhenRecorded = false)
{
    return {{std::string(metric)}, onlyWhenRecorded};
}

} // namespace

QString axisTitle(XAxis axis)
{
    switch (axis) {
    case XAxis::Step: return QStringLiteral("step");
    case XAxis::Tokens: return QStringLiteral("tokens");
    case XAxis::Time: return QStringLiteral("seconds since the start");
    }
    return {};
}

QString titleOf(const ChartSpec& chart)
{
    if (chart.metrics == distillationTerms().metrics) {
        return QString::fromUtf8(metrics::titleOf(metrics::Group::Distillation)).toLower();
    }
    QStringList names;
    for (const std::string& metric : chart.metrics) {
        names.append(QString::fromStdString(metrics::titleOf(metric)));
    }
    return names.join(QStringLiteral(", "));
}

CurvesPageState defaultCurves()
{
    CurvesPageState state;
    state.charts = {chartOf(metrics::kLoss), chartOf(metrics::kValidationLoss), chartOf(metrics::kRougeL),
                    distillationTerms(),
                    // One is below 1, the other a product of norms: no common axis.
                    chartOf(metrics::kStructureCosine, true), chartOf(metrics::kStructureProduct, true)};
    return state;
}

QJsonObject toJson(const CurvesPageState& state)
{
    QJsonArray charts;
    for (const ChartSpec& chart : state.charts) {
        QJsonArray metrics;
        for (const std::string& metric : chart.metrics) {
            metrics.append(QString::fromStdString(metric));
        }
        charts.append(QJsonObject{{"metrics", metrics}, {"only_when_recorded", chart.onlyWhenRecorded}});
    }
    return {{"charts", charts},
            {"axis", kAxisNames[static_cast<int>(state.axis)]},
            {"smoothing", state.smoothing},
            {"log", state.logY},
            {"mean_over_seeds", state.meanOverSeeds}};
}

CurvesPageState curvesFromJson(const QJsonObject& json)
{
    CurvesPageState state = defaultCurves();
    if (json["charts"].isArray()) {
        state.charts.clear();
        const QJsonArray charts = json["charts"].toArray();
        for (const QJsonValue& value : charts) {
            ChartSpec chart;
            const QJsonArray metrics = value["metrics"].toArray();
            for (const QJsonValue& metric : metrics) {
                if (!metric.toString().isEmpty()) {
                    chart.metrics.push_back(metric.toString().toStdString());
                }
            }
            chart.onlyWhenRecorded = value["only_when_recorded"].toBool();
            if (!chart.metrics.empty()) {
                state.charts.push_back(std::move(chart));
            }
        }
    }
    const auto* const axis = std::find(std::begin(kAxisNames), std::end(kAxisNames), json["axis"].toString());
    if (axis != std::end(kAxisNames)) {
        state.axis = static_cast<XAxis>(axis - std::begin(kAxisNames));
    }
    state.smoothing = std::clamp(json["smoothing"].toDouble(), 0.0, kMostSmoothing);
    state.logY = json["log"].toBool();
    state.meanOverSeeds = json["mean_over_seeds"].toBool();
    return state;
}

} // namespace dskd::ui
