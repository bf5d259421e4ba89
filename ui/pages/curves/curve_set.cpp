#include "ui/pages/curves/curve_set.h"

#include "core/metrics/metric_table.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <iterator>
#include <set>

namespace dskd::ui
{
namespace
{

constexpr std::size_t kMostSeedMarks = 8; // more would hide the curve, and the legend has the number everywhere

QString tr(const char* text)
{
    return QCoreApplication::translate("CurveSet", text);
}

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

SeriesView CurveSet::viewOf(const DrawnRun& run, const std::string& metric) const
{
    return {seriesOf(run, metric), run.series->began, run.series->stepsPerEpoch,
            m_axis == XAxis::Active ? Pauses(*run.series) : Pauses(), run.alive};
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
        if (seriesOf(*having[place], m_chart.metrics[metric])->thinned) {
            return false; // every point, which a mean needs, is on the way
        }
        counted.push_back(having[place]);
    }
    return addCurve(counted, metric, looks);
}

bool CurveSet::addCurve(const std::vector<const DrawnRun*>& seeds, std::size_t metric, std::vector<Look>& looks)
{
    const std::string& name = m_chart.metrics[metric];
    std::vector<SeriesView> views;
    std::vector<QString> names;
    Look look;
    std::string ids;
    bool selected = false;
    for (const DrawnRun* run : seeds) {
        views.push_back(viewOf(*run, name));
        look.runs.push_back(run->id);
        names.push_back(run->name);
        ids += (ids.empty() ? "" : "+") + run->id;
        selected = selected || run->selected;
    }
    look.key = ids + "/" + name;
    look.seeds = static_cast<int>(seeds.size());
    look.label = sharedName(names);
    if (look.seeds > 1) {
        look.label = tr("%1, mean of %2 seeds").arg(look.label, QString::number(look.seeds));
    }
    if (m_chart.metrics.size() > 1) {
        look.label += QStringLiteral(" \u00b7 ") + QString::fromStdString(metrics::titleOf(name));
    }
    const DrawnRun& first = *seeds.front();
    look.color = shade(look.seeds > 1 ? first.meanColor : first.color, metric);
    look.printColor = shade(look.seeds > 1 ? first.meanPrintColor : first.printColor, metric);
    const metrics::Metric* row = metrics::findMetric(name);
    const metrics::Range range = row == nullptr ? metrics::Range() : row->range;
    look.least = range.least;
    look.most = range.most;
    look.strong = selected;
    look.dashed = metric > 0;
    if (const Series& series = *views.front().series; views.size() == 1 && series.thinned) {
        look.total = series.total;
        look.notFinite = series.notFinite;
    }
    Source& source = m_sources.try_emplace(look.key, m_axis).first->second;
    const bool changed = views.size() > 1 ? source.mean.update(views) : source.points.update(views.front());
    if (const auto counts = source.mean.counts(); views.size() > 1 && !counts.empty()) {
        look.leastSeeds = *std::min_element(counts.begin(), counts.end());
    }
    looks.push_back(std::move(look));
    return changed;
}

bool CurveSet::update(const std::vector<DrawnRun>& runs, XAxis axis, bool meanOverSeeds)
{
    bool changed = false;
    if (axis != m_axis) {
        m_axis = axis;
        m_sources.clear();
        changed = true;
    }
    if (m_chart.kind == ChartKind::LossTerms) {
        return m_stack.update(runs, axis) || changed;
    }
    std::vector<Look> looks;
    std::vector<DrawnRun> withEpochs;
    if (axis == XAxis::Epoch) {
        std::copy_if(runs.begin(), runs.end(), std::back_inserter(withEpochs),
                     [](const DrawnRun& run) { return run.series == nullptr || run.series->stepsPerEpoch > 0; });
    }
    const std::vector<DrawnRun>& placed = axis == XAxis::Epoch ? withEpochs : runs;
    m_withoutPlace = static_cast<int>(runs.size() - placed.size());
    for (const auto& group : grouped(placed, meanOverSeeds)) {
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
    if (m_chart.kind == ChartKind::LossTerms) {
        return m_stack.curves();
    }
    std::vector<viz::Curve> curves;
    curves.reserve(m_looks.size());
    for (const Look& look : m_looks) {
        const Source& source = m_sources.at(look.key);
        viz::Curve curve;
        curve.id = QString::fromStdString(look.key);
        curve.label = look.label;
        curve.color = look.color;
        curve.printColor = look.printColor;
        curve.least = look.least;
        curve.most = look.most;
        curve.strong = look.strong || look.seeds > 1;
        curve.dashed = look.dashed;
        curve.recorded = look.total;
        curve.notFinite = look.notFinite;
        curve.points = look.seeds > 1 ? source.mean.points() : source.points.points();
        if (look.seeds > 1) {
            curve.deviations = source.mean.deviations();
            curve.counts = source.mean.counts();
        }
        curves.push_back(std::move(curve));
    }
    return curves;
}

void CurveSet::addSeedMarks(std::vector<viz::Mark>& marks) const
{
    for (const Look& look : m_looks) {
        if (look.seeds < 2) {
            continue;
        }
        const SeedMean& mean = m_sources.at(look.key).mean;
        const auto points = mean.points();
        const auto counts = mean.counts();
        std::vector<viz::Mark> changes;
        for (std::size_t i = 1; i < counts.size() && changes.size() <= kMostSeedMarks; ++i) {
            if (counts[i] != counts[i - 1]) {
                changes.push_back({points[i].x(), points[i].x(), tr("n %1").arg(counts[i]), look.color});
            }
        }
        if (changes.size() <= kMostSeedMarks) {
            marks.insert(marks.end(), changes.begin(), changes.end());
        }
    }
}

std::vector<viz::Mark> CurveSet::marks(const std::vector<DrawnRun>& runs, const std::vector<RunMark>& more) const
{
    std::vector<viz::Mark> marks;
    addSeedMarks(marks);
    for (const DrawnRun& run : runs) {
        const std::string* metric = nullptr; // the first that the run has a curve of here
        const auto drawn = [&](const std::string& name) {
            return m_chart.kind == ChartKind::LossTerms
                       ? name == metrics::kLoss && !m_stack.curves().empty() && m_stack.runName() == run.name
                       : std::any_of(m_looks.begin(), m_looks.end(), [&](const Look& look) {
                             return look.key.ends_with("/" + name) &&
                                    std::find(look.runs.begin(), look.runs.end(), run.id) != look.runs.end();
                         });
        };
        for (const std::string& name : m_chart.metrics) {
            metric = metric == nullptr && seriesOf(run, name) != nullptr && drawn(name) ? &name : metric;
        }
        if (metric == nullptr) {
            continue;
        }
        const SeriesView view = viewOf(run, *metric);
        const auto add = [&](std::int64_t from, std::int64_t to, const QString& text, const QColor& color) {
            const auto left = xOfStep(view, from, m_axis);
            const auto right = xOfStep(view, to, m_axis);
            if (left && right) {
                marks.push_back({*left, *right, text, color.isValid() ? color : run.color});
            }
        };
        for (const SeriesAttempt& attempt : run.series->attempts) {
            if (attempt.resumeStep > 0) { // the name last: of a text that is too long its end is cut
                add(attempt.resumeStep, attempt.resumeStep, tr("resumed: %1").arg(run.name), {});
            }
        }
        for (const RunMark& mark : more) {
            const bool here = mark.metric.empty() || std::find(m_chart.metrics.begin(), m_chart.metrics.end(),
                                                               mark.metric) != m_chart.metrics.end();
            if (mark.runId == run.id && here) {
                add(mark.fromStep, mark.toStep, mark.text, mark.color);
            }
        }
    }
    std::stable_sort(marks.begin(), marks.end(),
                     [](const viz::Mark& a, const viz::Mark& b) { return a.from < b.from; });
    return marks;
}

QString CurveSet::note() const
{
    QStringList notes;
    std::int64_t thinned = 0; // points
    for (const Look& look : m_looks) {
        thinned += look.total;
    }
    if (thinned > 0) {
        notes += tr("extremes of %1 points").arg(QLocale(QLocale::English).toString(static_cast<qlonglong>(thinned)));
    }
    int least = 0;
    int most = 0;
    int fewest = 0; // at any point
    for (const Look& look : m_looks) {
        if (look.seeds > 1) {
            least = least == 0 ? look.seeds : std::min(least, look.seeds);
            most = std::max(most, look.seeds);
            fewest = fewest == 0 ? look.leastSeeds : std::min(fewest, look.leastSeeds);
        }
    }
    if (most > 0) {
        notes += least == most ? tr("mean of %1 seeds").arg(most) : tr("means of %1 to %2 seeds").arg(least).arg(most);
        if (fewest < least) {
            notes += tr("n falls to %1").arg(fewest);
        }
    }
    if (m_withoutPlace > 0) {
        notes += tr("without epochs, left out: %1").arg(m_withoutPlace);
    }
    if (!m_stack.curves().empty()) {
        notes += m_stack.runName();
    }
    return notes.join(QStringLiteral(", "));
}

} // namespace dskd::ui
