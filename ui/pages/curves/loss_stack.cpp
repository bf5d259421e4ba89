#include "ui/pages/curves/loss_stack.h"

#include "core/jobs/loss_weights.h"
#include "core/metrics/metric_table.h"
#include "ui/look/run_shade.h"
#include "ui/look/theme.h"
#include "ui/pages/curves/curve_set.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace dskd::ui
{
namespace
{

constexpr double kRounding = 1e-3; // of the loss: what the sum may differ by

QString tr(const char* text)
{
    return QCoreApplication::translate("LossStack", text);
}

const Series* find(const DrawnRun& run, std::string_view metric)
{
    const auto found = run.series->byMetric.find(std::string(metric));
    return found == run.series->byMetric.end() || found->second.values.empty() ? nullptr : &found->second;
}

bool isThinned(const DrawnRun& run, std::string_view metric)
{
    const Series* series = find(run, metric);
    return series != nullptr && series->thinned;
}

bool readable(const DrawnRun& run)
{
    return run.series != nullptr && run.experiment != nullptr && find(run, metrics::kLoss) != nullptr;
}

} // namespace

bool LossStack::showNone(const QString& why)
{
    const bool changed = !m_curves.empty() || why != m_whyNone;
    m_layers.clear();
    m_curves.clear();
    m_runId.clear();
    m_whyNone = why;
    return changed;
}

bool LossStack::setLayers(const DrawnRun& run, XAxis axis)
{
    const auto weights =
        jobs::lossWeights(*run.experiment, [&](std::string_view metric) { return find(run, metric) != nullptr; });
    const double origin = axis == XAxis::Epoch ? static_cast<double>(run.series->stepsPerEpoch) : run.series->began;
    const Series& loss = *find(run, metrics::kLoss);
    const bool stands = run.id == m_runId && axis == m_axis && origin == m_origin &&
                        m_mark.standing(loss) == m_mark.count() &&
                        std::equal(weights.begin(), weights.end(), m_layers.begin(), m_layers.end(),
                                   [](const jobs::LossWeight& weight, const Layer& layer) {
                                       return weight.metric == layer.metric && weight.weight == layer.weight;
                                   });
    if (stands) {
        return true;
    }
    m_layers.clear();
    for (const jobs::LossWeight& weight : weights) {
        m_layers.push_back({std::string(weight.metric), weight.weight});
    }
    m_runId = run.id;
    m_runName = run.name;
    m_axis = axis;
    m_origin = origin;
    m_mark = {};
    return false;
}

bool LossStack::append(const DrawnRun& run)
{
    const Series& loss = *find(run, metrics::kLoss);
    const SeriesView view{&loss, run.series->began, run.series->stepsPerEpoch,
                          m_axis == XAxis::Active ? Pauses(*run.series) : Pauses(), run.alive};
    std::vector<const Series*> terms;
    std::size_t end = loss.steps.size(); // what every term has
    for (const Layer& layer : m_layers) {
        terms.push_back(find(run, layer.metric));
        end = std::min(end, terms.back()->steps.size());
    }
    std::size_t i = m_mark.count();
    for (; i < end; ++i) {
        double sum = 0.0;
        const double x = xOf(view, i, m_axis);
        for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
            if (terms[layer]->steps[i] != loss.steps[i]) {
                m_whyNone = tr("%1 has not logged every term at every step, so they cannot be stacked.").arg(run.name);
                return false;
            }
            m_layers[layer].floors->push_back(sum);
            sum += m_layers[layer].weight * terms[layer]->values[i];
            m_layers[layer].points->emplace_back(x, sum);
        }
        const double logged = loss.values[i];
        if (std::isfinite(sum) && std::isfinite(logged) && std::abs(sum - logged) > kRounding * std::abs(logged)) {
            m_whyNone =
                tr("The weighted terms of %1 are not its loss: at step %2 they add up to %3, and %4 was logged. "
                   "Look at them one by one in a chart of their own.")
                    .arg(run.name, QString::number(loss.steps[i]), QString::number(sum, 'g', 5),
                         QString::number(logged, 'g', 5));
            return false;
        }
    }
    m_mark.set(loss, i);
    return true;
}

void LossStack::makeCurves(const DrawnRun& run)
{
    m_curves.clear();
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer& layer = m_layers[i];
        const int index = colorIndex(hueOf(run.colorIndex), static_cast<int>(i));
        viz::Curve curve;
        curve.id = QString::fromStdString(run.id + "/stack/" + layer.metric);
        curve.label = QString::fromStdString(metrics::titleOf(layer.metric));
        if (layer.weight != 1.0) {
            curve.label += QStringLiteral(" \u00d7 %1").arg(layer.weight, 0, 'g', 4);
        }
        curve.color = runColor(index);
        curve.printColor = runColorOnPaper(index);
        curve.points = {std::shared_ptr<const std::vector<QPointF>>(layer.points)};
        curve.floors = {std::shared_ptr<const std::vector<double>>(layer.floors)};
        m_curves.push_back(std::move(curve));
    }
}

bool LossStack::update(const std::vector<DrawnRun>& runs, XAxis axis)
{
    auto run = std::find_if(runs.begin(), runs.end(), [](const DrawnRun& r) { return r.selected && readable(r); });
    run = run != runs.end() ? run : std::find_if(runs.begin(), runs.end(), readable);
    if (run == runs.end() || (axis == XAxis::Epoch && run->series->stepsPerEpoch <= 0)) {
        return showNone({});
    }
    const std::size_t before = m_mark.count();
    const bool stood = setLayers(*run, axis);
    constexpr std::size_t kFewestLayers = 2; // one is the loss itself
    if (m_layers.size() < kFewestLayers) {
        return showNone(tr("The loss of %1 is no sum of several logged terms with fixed weights.").arg(run->name));
    }
    const bool some = isThinned(*run, metrics::kLoss) ||
                      std::any_of(m_layers.begin(), m_layers.end(),
                                  [&](const Layer& layer) { return isThinned(*run, layer.metric); });
    if (some) {
        return showNone({}); // every point is on the way
    }
    const QString whyBefore = m_whyNone;
    if (stood && !whyBefore.isEmpty()) {
        return false; // it was found out before
    }
    m_whyNone.clear();
    if (!append(*run)) {
        const bool changed = !m_curves.empty() || m_whyNone != whyBefore;
        m_curves.clear();
        return changed;
    }
    const QColor first = runColor(colorIndex(hueOf(run->colorIndex), 0)); // which the theme decides too
    const bool changed = !stood || m_mark.count() != before || run->name != m_runName || m_curves.empty() ||
                         m_curves.front().color != first;
    m_runName = run->name;
    if (changed) {
        makeCurves(*run);
    }
    return changed;
}

} // namespace dskd::ui
