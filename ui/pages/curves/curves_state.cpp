#include "ui/pages/curves/curves_state.h"

#include "core/metrics/metric_table.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QStringList>
#include <algorithm>

namespace dskd::ui
{
namespace
{

// As they are stored, in the order of the enums.
constexpr const char* kAxisNames[] = {"step", "epoch", "tokens", "time", "active"};
constexpr const char* kSmoothingNames[] = {"off", "ema", "gaussian", "running_mean"};
constexpr const char* kSizeNames[] = {"small", "medium", "large"};
constexpr const char* kKindNames[] = {"lines", "loss_terms"};
constexpr double kMostSmoothing = 0.99;

// The value of that name; another text leaves it as it is.
template <typename Enum, std::size_t Count>
void read(const QJsonValue& json, const char* const (&names)[Count], Enum& value)
{
    const auto* const found = std::find(std::begin(names), std::end(names), json.toString());
    if (found != std::end(names)) {
        value = static_cast<Enum>(found - std::begin(names));
    }
}

template <std::size_t Count, typename Enum>
QString nameOf(const char* const (&names)[Count], Enum value)
{
    return QLatin1String(names[static_cast<std::size_t>(value)]);
}

QString tr(const char* text)
{
    return QCoreApplication::translate("CurvesPageState", text);
}

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

// How strongly each term of the loss pulls at the student (log.gradient_norm_every).
ChartSpec gradientNormsOfTerms()
{
    ChartSpec chart{{}, true};
    for (const metrics::Metric& metric : metrics::allMetrics()) {
        if (metric.name.starts_with(metrics::kTermGradientNorm)) {
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

QString axisName(XAxis axis)
{
    switch (axis) {
    case XAxis::Step: return tr("step");
    case XAxis::Epoch: return tr("epoch");
    case XAxis::Tokens: return tr("tokens");
    case XAxis::Time: return tr("time");
    case XAxis::Active: return tr("active time");
    }
    return {};
}

QString axisTitle(XAxis axis)
{
    switch (axis) {
    case XAxis::Time: return tr("seconds since the start");
    case XAxis::Active: return tr("active seconds");
    default: return axisName(axis);
    }
}

viz::XKind axisKind(XAxis axis)
{
    switch (axis) {
    case XAxis::Time:
    case XAxis::Active: return viz::XKind::Seconds;
    case XAxis::Epoch: return viz::XKind::Fraction;
    case XAxis::Step:
    case XAxis::Tokens: break;
    }
    return viz::XKind::Number;
}

QString titleOf(const ChartSpec& chart)
{
    if (chart.kind == ChartKind::LossTerms) {
        return tr("loss by its terms");
    }
    if (chart.metrics == distillationTerms().metrics) {
        return QString::fromUtf8(metrics::titleOf(metrics::Group::Distillation)).toLower();
    }
    if (chart.metrics == gradientNormsOfTerms().metrics) {
        return tr("gradient norm of each term");
    }
    QStringList names;
    for (const std::string& metric : chart.metrics) {
        names.append(QString::fromStdString(metrics::titleOf(metric)));
    }
    return names.join(QStringLiteral(", "));
}

QString descriptionOf(const ChartSpec& chart)
{
    QStringList lines;
    if (chart.kind == ChartKind::LossTerms) {
        lines.append(
            tr("The terms of one run's loss, each times its weight in the configuration, on top of one another."));
    }
    const double factor = shownFactorOf(chart);
    for (const std::string& metric : chart.metrics) {
        const metrics::Metric* row = metrics::findMetric(metric);
        // No unit that the axis does not show: one of several units has what was recorded.
        const bool otherUnit = row != nullptr && metrics::shownFactor(row->unit) != factor;
        const std::string description = otherUnit ? std::string(row->sentence) : metrics::descriptionOf(metric);
        lines.append(QString::fromStdString(metrics::titleOf(metric) + " (" + metric + ")" +
                                            (description.empty() ? "" : ": " + description)));
    }
    return lines.join(QLatin1Char('\n'));
}

QString unitOf(const ChartSpec& chart)
{
    std::string unit;
    for (const std::string& metric : chart.metrics) {
        const std::string own(metrics::unitText(metrics::unitOf(metric)));
        if (&metric != &chart.metrics.front() && own != unit) {
            return {};
        }
        unit = own;
    }
    return QString::fromStdString(unit);
}

double shownFactorOf(const ChartSpec& chart)
{
    const bool alike = !chart.metrics.empty() && !unitOf(chart).isEmpty();
    return alike ? metrics::shownFactor(chart.metrics.front()) : 1.0;
}

ChartSpec lossByItsTerms()
{
    ChartSpec chart{{}, true};
    chart.kind = ChartKind::LossTerms;
    for (const std::string_view metric : metrics::lossTerms()) {
        chart.metrics.emplace_back(metric);
    }
    return chart;
}

CurvesPageState defaultCurves()
{
    CurvesPageState state;
    state.charts = {chartOf(metrics::kLoss), chartOf(metrics::kValidationLoss), chartOf(metrics::kRougeL),
                    distillationTerms(), lossByItsTerms(),
                    // One is below 1, the other a product of norms: no common axis.
                    chartOf(metrics::kStructureCosine, true), chartOf(metrics::kStructureProduct, true),
                    gradientNormsOfTerms()};
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
        charts.append(QJsonObject{{"metrics", metrics},
                                  {"only_when_recorded", chart.onlyWhenRecorded},
                                  {"size", nameOf(kSizeNames, chart.size)},
                                  {"kind", nameOf(kKindNames, chart.kind)}});
    }
    return {{"charts", charts},
            {"axis", nameOf(kAxisNames, state.axis)},
            {"smoothing", state.smoothing},
            {"smoothing_kind", nameOf(kSmoothingNames, state.smoothingKind)},
            {"log_x", state.logX},
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
            read(value["size"], kSizeNames, chart.size);
            read(value["kind"], kKindNames, chart.kind);
            if (!chart.metrics.empty()) {
                state.charts.push_back(std::move(chart));
            }
        }
    }
    read(json["axis"], kAxisNames, state.axis);
    read(json["smoothing_kind"], kSmoothingNames, state.smoothingKind);
    state.smoothing = std::clamp(json["smoothing"].toDouble(), 0.0, kMostSmoothing);
    state.logX = json["log_x"].toBool();
    state.logY = json["log"].toBool();
    state.meanOverSeeds = json["mean_over_seeds"].toBool();
    return state;
}

} // namespace dskd::ui
