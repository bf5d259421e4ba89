#include "ui/pages/spaces/space_groups.h"

#include "core/jobs/compare.h"
#include "core/jobs/run_name.h"
#include "core/jobs/seed_runs.h"
#include "core/metrics/box_figures.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/run_title.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/step_index.h"
#include "viz/heat_map_paint.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace dskd::ui
{
namespace
{

// The texts are the page's.
QString tr(const char* text)
{
    return QCoreApplication::translate("dskd::ui::SpacesPage", text);
}

struct Member {
    const RunRecord* run;
    const SpaceReading* reading;
};

SpaceGroup groupOf(const std::vector<Member>& members, const std::vector<std::string>& selected)
{
    std::vector<jobs::SeedRun> seeds;
    for (const Member& member : members) {
        seeds.push_back({member.run->row.seed, member.run->status.status == jobs::Status::Done});
    }
    SpaceGroup group;
    const RunRecord& first = *members.front().run;
    group.color = runColor(first.color);
    group.printColor = runColorOnPaper(first.color);
    for (const std::size_t place : jobs::oneRunOfEachSeed(seeds)) {
        group.runs.push_back(members[place].run->row.id);
        group.readings.push_back(members[place].reading);
        group.selected =
            group.selected || std::find(selected.begin(), selected.end(), group.runs.back()) != selected.end();
    }
    group.label = group.runs.size() > 1 ? shownName(jobs::nameWithoutSeed(first.row.shownName(), first.row.seed))
                                        : runTitle(first);
    return group;
}

QString seedsText(std::size_t count)
{
    return count > 1 ? tr("mean of %1 seeds").arg(count) : QString();
}

} // namespace

std::vector<SpaceGroup> spaceGroups(const WorkspaceFeed& workspace, const std::vector<std::string>& shown,
                                    const std::vector<std::string>& selected,
                                    const std::function<const SpaceReading*(const std::string&)>& find)
{
    std::vector<std::vector<Member>> groups;
    std::map<std::string, std::size_t> placeOf;
    for (const RunRecord& run : workspace.runs()) {
        const bool isShown = std::find(shown.begin(), shown.end(), run.row.id) != shown.end();
        const SpaceReading* reading = isShown ? find(run.row.id) : nullptr;
        if (reading == nullptr || reading->empty()) {
            continue;
        }
        const std::string key =
            run.row.configHash.empty() ? "run " + run.row.id : "group " + run.row.group + "\n" + run.row.configHash;
        const auto [place, isNew] = placeOf.emplace(key, groups.size());
        if (isNew) {
            groups.emplace_back();
        }
        groups[place->second].push_back({&run, reading});
    }
    std::vector<SpaceGroup> result;
    result.reserve(groups.size());
    for (const std::vector<Member>& members : groups) {
        result.push_back(groupOf(members, selected));
    }
    return result;
}

std::optional<viz::Curve> curveOf(const SpaceGroup& group, const std::string& metric)
{
    std::map<std::int64_t, std::vector<double>> bySteps;
    for (const SpaceReading* reading : group.readings) {
        if (const auto found = reading->metrics.find(metric); found != reading->metrics.end()) {
            for (const auto& [step, value] : found->second) {
                bySteps[step].push_back(value);
            }
        }
    }
    if (bySteps.empty()) {
        return std::nullopt;
    }
    std::vector<QPointF> points;
    std::vector<double> deviations;
    std::vector<int> counts;
    std::size_t most = 0;
    for (const auto& [step, values] : bySteps) {
        const jobs::Summary summary = jobs::summarize(values);
        points.emplace_back(static_cast<double>(step), summary.mean);
        deviations.push_back(summary.deviation);
        counts.push_back(summary.count);
        most = std::max(most, values.size());
    }
    viz::Curve curve;
    curve.id = QString::fromStdString(group.runs.front() + "/" + metric);
    const QString seeds = seedsText(most);
    curve.label = seeds.isEmpty() ? group.label : group.label + QStringLiteral(", ") + seeds;
    curve.color = group.color;
    curve.printColor = group.printColor;
    curve.points = std::move(points);
    if (most > 1) {
        curve.deviations = std::move(deviations);
        curve.counts = std::move(counts); // the readout shows where fewer seeds have the step than the label names
    }
    if (const metrics::Metric* row = metrics::findMetric(metric)) {
        curve.least = row->range.least;
        curve.most = row->range.most;
    }
    curve.strong = group.selected || most > 1;
    return curve;
}

std::optional<viz::Box> boxOf(const SpaceGroup& group, const std::string& metric, std::int64_t step)
{
    std::vector<double> values;
    std::size_t seeds = 0;
    std::set<std::int64_t> taken;
    for (const SpaceReading* reading : group.readings) {
        const auto samples = reading->samples.find(metric);
        if (samples == reading->samples.end() || samples->second.empty()) {
            continue;
        }
        StepIndex index;
        for (const auto& [recorded, unused] : samples->second) {
            index[recorded] = 0;
        }
        const std::int64_t nearest = *nearestStep(index, step);
        const std::vector<double>& some = samples->second.at(nearest);
        values.insert(values.end(), some.begin(), some.end());
        taken.insert(nearest);
        ++seeds;
    }
    const std::optional<metrics::BoxFigures> figures = metrics::boxFigures(std::move(values));
    if (!figures) {
        return std::nullopt;
    }
    viz::Box box;
    box.label = group.label;
    box.note = seeds > 1             ? tr("%1 values of %2 seeds").arg(figures->count).arg(seeds)
               : figures->count == 1 ? tr("1 sample")
                                     : tr("%1 samples").arg(figures->count);
    if (taken.size() > 1 || *taken.begin() != step) {
        QStringList steps;
        for (const std::int64_t one : taken) {
            steps.append(QString::number(one));
        }
        const QString list = steps.join(QStringLiteral(", "));
        box.note += tr(", nearest recorded step: %1").arg(list);
        box.instead = taken.size() == 1 ? tr("step %1").arg(list) : tr("steps %1").arg(list);
    }
    box.color = group.color;
    box.printColor = group.printColor;
    box.lowerWhisker = figures->lowerWhisker;
    box.lowerQuartile = figures->lowerQuartile;
    box.median = figures->median;
    box.upperQuartile = figures->upperQuartile;
    box.upperWhisker = figures->upperWhisker;
    box.outliers = figures->outliers;
    box.strong = group.selected;
    return box;
}

viz::ScatterPicture pictureOf(const SpacePoints& read, store::ModelSide space, int student, int teacher)
{
    using store::ModelSide;
    viz::ScatterPicture picture;
    const bool ofStudent = space == ModelSide::Student;
    picture.series = {{ofStudent ? tr("student") : tr("projected student, s2t"), runColor(student), !ofStudent,
                       runColorOnPaper(student)},
                      {ofStudent ? tr("projected teacher, t2s") : tr("teacher"), runColor(teacher), ofStudent,
                       runColorOnPaper(teacher)}};
    std::map<std::tuple<std::int64_t, std::int64_t, ModelSide>, int> places;
    for (const store::SpacePointRow& row : read.points) {
        if (row.space != space) {
            continue;
        }
        viz::ScatterPoint point;
        point.place = {row.x, row.y};
        point.series = row.side == ModelSide::Student ? 0 : 1;
        point.text = tr("\u201c%1\u201d, sample %2")
                         .arg(shownName(viz::visibleToken(QString::fromStdString(row.token)).toStdString()),
                              QString::number(row.sample + 1));
        const int index = static_cast<int>(picture.points.size());
        const ModelSide other = row.side == ModelSide::Student ? ModelSide::Teacher : ModelSide::Student;
        if (const auto partner = places.find({row.sample, row.row, other}); partner != places.end()) {
            point.partner = partner->second;
            picture.points[static_cast<std::size_t>(partner->second)].partner = index;
        }
        places[{row.sample, row.row, row.side}] = index;
        picture.points.push_back(std::move(point));
    }
    const bool projects = std::any_of(picture.points.begin(), picture.points.end(),
                                      [&](const viz::ScatterPoint& point) { return point.partner >= 0; });
    if (!projects) { // nothing of the other model is there, so the legend does not name it
        const int own = ofStudent ? 0 : 1;
        picture.series = {picture.series[static_cast<std::size_t>(own)]};
        for (viz::ScatterPoint& point : picture.points) {
            point.series = 0;
        }
    }
    for (const store::SpaceAxesRow& axes : read.axes) {
        if (axes.space == space) {
            picture.xTitle =
                tr("across: %1 of variance, step %2").arg(percent(axes.explained[0], 0), QString::number(axes.step));
            picture.yTitle = tr("up: %1").arg(percent(axes.explained[1], 0));
        }
    }
    return picture;
}

} // namespace dskd::ui
