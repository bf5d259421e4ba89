#include "ui/pages/curves/curve_set.h"

#include "core/metrics/metric_table.h"

#include <QRegularExpression>
#include <algorithm>
#include <set>

namespace dskd::ui
{
namespace
{

const Series* seriesOf(const DrawnRun& run, const std::string& metric)
{
    if (!run.series) {
        return nullptr;
    }
    const auto found = run.series->byMetric.find(metric);
    return found == run.series->byMetric.end() || found->second.values.empty() ? nullptr : &found->second;
}

// Metrics of one run in one chart share its hue: solid, dashed, then lighter.
QColor shade(const QColor& color, std::size_t metric)
{
    return metric < 2 ? color : color.lighter(100 + 35 * static_cast<int>(metric / 2));
}

std::vector<std::vector<const DrawnRun*>> grouped(const std::vector<DrawnRun>& runs, bool bySeeds)
{
    std::vector<std::vector<const DrawnRun*>> groups;
    std::map<std::string, std::size_t> groupOf;
    for (const DrawnRun& run : runs) {
        const std::string key = bySeeds && !run.seedGroup.empty() ? "group " + run.seedGroup : "run " + run.id;
        const auto [at, isNew] = groupOf.emplace(key, groups.size());
        if (isNew) {
            groups.emplace_back();
        }
        groups[at->second].push_back(&run);
    }
    return groups;
}

} // namespace

QString sharedName(const std::vector<QString>& names)
{
    if (names.empty()) {
        return {};
    }
    QString shared = names.front();
    for (const QString& name : names) {
        qsizetype length = 0;
        while (length < std::min(shared.size(), name.size()) && shared[length] == name[length]) {
            ++length;
        }
        shared.truncate(length);
    }
    if (std::all_of(names.begin(), names.end(), [&](const QString& name) { return name == shared; })) {
        return shared;
    }
    // What precedes the seed belongs to it: "dual, seed ", "dual-s", also the digits that all seeds begin with.
    static const QRegularExpression seedEnd(QStringLiteral("([ ,_=:-]+(seed|s)?[ ,_=:-]*\\d*)$"));
    QString trimmed = shared;
    trimmed.remove(seedEnd);
    return trimmed.isEmpty() ? names.front() : trimmed;
}

bool CurveSet::addCurves(const std::vector<const DrawnRun*>& group, std::size_t metric, std::vector<Look>& looks)
{
    std::vector<const DrawnRun*> having;
    std::vector<jobs::SeedRun> seeds;
    for (const DrawnRun* run : group) {
        if (seriesOf(*run, m_chart.metrics[metric]) != nullptr) {
            having.push_back(run);
            seeds.push_back(run->seed);
        }
    }
    const std::vector<std::size_t> places = jobs::oneRunOfEachSeed(seeds);
    bool changed = false;
    if (places.size() < 2) {
        for (const DrawnRun* run : having) {
            changed = addCurve({run}, metric, looks) || changed;
        }
        return changed;
    }
    std::vector<const DrawnRun*> counted;
    for (const std::size_t place : places) {
        counted.push_back(having[place]);
    }
    return addCurve(counted, metric, looks);
}

bool CurveSet::addCurve(const std::vector<const DrawnRun*>& seeds, std::size_t metric, std::vector<Look>& looks)
{
    const std::string& name = m_chart.metrics[metric];
    std::vector<SeriesView> views;
    std::vector<QString> names;
    std::string ids;
    bool selected = false;
    for (const DrawnRun* run : seeds) {
        views.push_back({seriesOf(*run, name), run->series->began});
        names.push_back(run->name);
        ids += (ids.empty() ? "" : "+") + run->id;
        selected = selected || run->selected;
    }
    Look look;
    look.key = ids + "/" + name;
    look.seeds = static_cast<int>(seeds.size());
    look.label = sharedName(names);
    if (look.seeds > 1) {
        look.label += QStringLiteral(", mean of %1 seeds").arg(look.seeds);
    }
    if (m_chart.metrics.size() > 1) {
        look.label += QStringLiteral(" \u00b7 ") + QString::fromStdString(metrics::titleOf(name));
    }
    look.color = shade(seeds.front()->color, metric);
    look.strong = selected;
    look.dashed = metric > 0;
    Source& source = m_sources.try_emplace(look.key, m_axis).first->second;
    looks.push_back(std::move(look));
    return views.size() > 1 ? source.mean.update(views) : source.points.update(views.front());
}

bool CurveSet::update(const std::vector<DrawnRun>& runs, XAxis axis, bool meanOverSeeds)
{
    bool changed = false;
    if (axis != m_axis) {
        m_axis = axis;
        m_sources.clear();
        changed = true;
    }
    std::vector<Look> looks;
    for (const auto& group : grouped(runs, meanOverSeeds)) {
        for (std::size_t metric = 0; metric < m_chart.metrics.size(); ++metric) {
            changed = addCurves(group, metric, looks) || changed;
        }
    }
    std::set<std::string> keys;
    for (const Look& look : looks) {
        keys.insert(look.key);
    }
    std::erase_if(m_sources, [&](const auto& source) { return !keys.contains(source.first); });
    changed = changed || looks != m_looks;
    m_looks = std::move(looks);
    return changed;
}

std::vector<viz::Curve> CurveSet::curves() const
{
    std::vector<viz::Curve> curves;
    curves.reserve(m_looks.size());
    for (const Look& look : m_looks) {
        const Source& source = m_sources.at(look.key);
        viz::Curve curve;
        curve.id = QString::fromStdString(look.key);
        curve.label = look.label;
        curve.color = look.color;
        curve.strong = look.strong || look.seeds > 1;
        curve.dashed = look.dashed;
        curve.points = look.seeds > 1 ? source.mean.points() : source.points.points();
        if (look.seeds > 1) {
            curve.deviations = source.mean.deviations();
        }
        curves.push_back(std::move(curve));
    }
    return curves;
}

QString CurveSet::meanNote() const
{
    int least = 0;
    int most = 0;
    for (const Look& look : m_looks) {
        if (look.seeds > 1) {
            least = least == 0 ? look.seeds : std::min(least, look.seeds);
            most = std::max(most, look.seeds);
        }
    }
    if (most == 0) {
        return {};
    }
    return least == most ? QStringLiteral("mean of %1 seeds").arg(most)
                         : QStringLiteral("means of %1 to %2 seeds").arg(least).arg(most);
}

} // namespace dskd::ui
