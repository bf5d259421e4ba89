#include "ui/pages/alignment/step_charts.h"

#include "core/base/run_layout.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "viz/curve_chart.h"

#include <QBoxLayout>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::ui
{
namespace
{

// Of shares over steps.
viz::CurveChart* newChart(const char* name, const QString& title)
{
    auto* chart = new viz::CurveChart;
    chart->setObjectName(QString::fromLatin1(name));
    chart->setTitle(title);
    chart->setXTitle(StepCharts::tr("step"));
    chart->setYTitle(QString::fromUtf8(metrics::unitText(metrics::Unit::Share)),
                     metrics::shownFactor(metrics::Unit::Share));
    chart->setMinimumSize(160, 120); // two of them fit between the panels of a small window
    return chart;
}

viz::Curve newCurve(const QString& name, const QColor& color, std::vector<QPointF> points)
{
    viz::Curve curve;
    curve.id = curve.label = name;
    curve.color = color;
    curve.points = std::move(points);
    return curve;
}

// One curve a sample, and their mean.
std::vector<viz::Curve> insideCurves(const StepValues& values, const QColor& color)
{
    std::map<std::pair<std::int64_t, std::int64_t>, double> ordered; // by sample and step
    for (const auto& [id, point] : values.maps) {
        if (point.inside) {
            ordered[{point.sample, point.step}] = *point.inside;
        }
    }
    std::map<std::int64_t, std::vector<QPointF>> bySample;
    std::map<std::int64_t, std::pair<double, int>> sums; // over the samples, by step
    for (const auto& [key, value] : ordered) {
        bySample[key.first].emplace_back(static_cast<double>(key.second), value);
        auto& [sum, count] = sums[key.second];
        sum += value;
        ++count;
    }
    std::vector<viz::Curve> curves;
    curves.reserve(bySample.size() + 1);
    for (auto& [sample, points] : bySample) {
        curves.push_back(newCurve(StepCharts::tr("sample %1").arg(sample + 1), runColor(static_cast<int>(sample) + 1),
                                  std::move(points)));
        curves.back().dashed = true;
    }
    std::vector<QPointF> mean;
    mean.reserve(sums.size());
    for (const auto& [step, sum] : sums) {
        mean.emplace_back(static_cast<double>(step), sum.first / sum.second);
    }
    if (!mean.empty()) {
        curves.push_back(newCurve(StepCharts::tr("mean of %1 samples").arg(curves.size()), color, std::move(mean)));
        curves.back().strong = true;
    }
    return curves;
}

} // namespace

StepCharts::StepCharts(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_background(background),
      m_coverage(newChart("coverageChart", tr("coverage of each step's batches"))),
      m_inside(newChart("insideChart", tr("attention inside the true chunk")))
{
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, kSpace1, 0, 0);
    all->addWidget(m_coverage, 1);
    all->addWidget(m_inside, 1);
    showValues();
}

void StepCharts::setSubject(Subject subject)
{
    if (subject == m_subject) {
        return;
    }
    // What was read without a coverage is read on with it.
    if (subject.run != m_subject.run || (m_subject.coverage && subject.coverage != m_subject.coverage)) {
        m_values.reset();
    }
    m_subject = std::move(subject);
    showValues();
}

void StepCharts::read()
{
    if (m_reading || m_subject.run.empty()) {
        return;
    }
    m_reading = true;
    const std::filesystem::path folder = WorkspaceLayout{m_workspace.workspace()}.run(m_subject.run).root;
    m_background.run(
        this,
        [folder, map = m_subject.mapName, coverage = m_subject.coverage,
         before = m_values](const std::atomic<bool>& cancelled) {
            return readSteps(folder, map, coverage, before ? *before : StepValues{}, cancelled);
        },
        [this, asked = m_subject](Result<StepValues> values) {
            m_reading = false;
            if (asked != m_subject) { // another choice meanwhile
                read();
            } else if (values) { // else the page shows what is wrong with the run's folder
                m_values = std::make_shared<const StepValues>(std::move(*values));
                showValues();
                Q_EMIT valuesChanged();
            }
        });
}

void StepCharts::showValues()
{
    showEmptyTexts();
    const RunRecord* record = m_workspace.find(m_subject.run);
    std::vector<viz::Curve> coverage;
    std::vector<viz::Curve> inside;
    if (m_values && record) {
        inside = insideCurves(*m_values, runColor(record->color));
        std::vector<QPointF> shares;
        shares.reserve(m_values->coverage.size());
        for (const store::MetricPoint& point : m_values->coverage) {
            shares.emplace_back(static_cast<double>(point.step), point.value);
        }
        if (!shares.empty()) {
            coverage.push_back(newCurve(runTitle(*record), runColor(record->color), std::move(shares)));
        }
    }
    m_coverage->setCurves(std::move(coverage));
    m_inside->setCurves(std::move(inside));
}

void StepCharts::showEmptyTexts()
{
    const config::AlignmentRow* alignment = m_subject.alignment;
    const QString name = alignment ? QString::fromStdString(std::string(alignment->name)) : QString();
    if (alignment && m_subject.run.empty()) {
        const QString sentence = tr("No run is shown of this pair, so nothing is recorded over steps.");
        m_coverage->setEmptyText(sentence);
        m_inside->setEmptyText(sentence);
        return;
    }
    m_coverage->setEmptyText(alignment && alignment->attends
                                 ? tr("Runs with method.alignment = %1 record no coverage of their batches: it does "
                                      "not change with the steps. The number above is that of the data.")
                                       .arg(name)
                                 : tr("No coverage is recorded yet."));
    m_inside->setEmptyText(alignment && !alignment->attends
                               ? tr("Runs with method.alignment = %1 pair tokens and have no attention.").arg(name)
                           : m_subject.coverage && !m_subject.coverage->holdsProbes()
                               ? tr("Attention is recorded for samples of the validation data. Choose these to see it.")
                           : m_subject.coverage ? tr("No attention is recorded yet, or only of other tokens.")
                                                : tr("The true chunks are known when the coverage is."));
}

} // namespace dskd::ui
