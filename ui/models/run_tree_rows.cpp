// What the rows of RunTreeModel show: texts, marks, words to filter by, keys to sort by.

#include "core/metrics/metric_table.h"
#include "ui/feed/run_title.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/models/experiment_counts.h"
#include "ui/models/run_tree_model.h"
#include "ui/models/status_mark.h"

#include <QFont>
#include <QIcon>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace dskd::ui
{

namespace
{

std::optional<double> latestOf(const RunRecord& run, std::string_view metric)
{
    const auto found = run.latest.find(std::string(metric));
    return found == run.latest.end() ? std::nullopt : std::optional(found->second);
}

QString shownNumber(std::optional<double> value, std::string_view metric)
{
    return number(value ? std::optional(*value * metrics::shownFactor(metric)) : std::nullopt);
}

// The metric that a column shows; empty for other columns.
std::string_view metricOf(int column)
{
    switch (column) {
    case RunTreeModel::Loss: return metrics::kLoss;
    case RunTreeModel::ValidationLoss: return metrics::kValidationLoss;
    case RunTreeModel::RougeL: return metrics::kRougeL;
    default: return {};
    }
}

QString stepText(const jobs::RunStatus& status)
{
    if (status.totalSteps <= 0) {
        return status.step > 0 ? whole(status.step) : kMissing;
    }
    return QStringLiteral("%1 / %2").arg(whole(status.step), whole(status.totalSteps));
}

// As runTitle, without what all runs of the experiment share: the panel is narrow. The whole title is in the tool tip.
QString shortTitle(const RunRecord& run, const std::vector<NamedAxis>& axes)
{
    const std::string& name = run.row.shownName();
    const std::string varied = variedPart(name, axes);
    if (varied == name) {
        return runTitle(run);
    }
    const QString seed = QString::number(run.row.seed);
    return varied.empty() ? RunTreeModel::tr("seed %1").arg(seed)
                          : RunTreeModel::tr("%1, seed %2").arg(shownName(varied), seed);
}

void addWord(QStringList& words, const char* field, const std::string& value)
{
    words += QString::fromLatin1(field) + QChar(':') + QString::fromStdString(value);
}

} // namespace

QString methodText(const store::RunRow& run)
{
    return QString::fromStdString(run.methodLabel);
}

QString statusText(jobs::Status status)
{
    return QString::fromStdString(std::string(jobs::name(status))).replace('-', ' ');
}

// Those of the experiment are those of its runs as well. "name:" and "note:" are of what is in the row.
QStringList RunTreeModel::wordsOf(const Group& group, const RunRecord* run)
{
    QStringList words;
    if (group.experiment) {
        const store::ExperimentRow& experiment = group.experiment->row;
        addWord(words, "experiment", experiment.name);
        for (const std::string& tag : experiment.tags) {
            addWord(words, "tag", tag);
        }
        if (run == nullptr) {
            addWord(words, "name", experiment.name);
            addWord(words, "note", experiment.note);
        }
    }
    if (run != nullptr) {
        addWord(words, "name", run->row.name);
        addWord(words, "id", run->row.id);
        addWord(words, "group", run->row.group);
        addWord(words, "status", statusText(run->status.status).toStdString());
        addWord(words, "method", run->row.methodLabel);
        addWord(words, "seed", std::to_string(run->row.seed));
        addWord(words, "note", run->row.note);
        for (const std::string& tag : run->row.tags) {
            addWord(words, "tag", tag);
        }
    }
    return words;
}

QString RunTreeModel::titleOf(const Group& group)
{
    if (!group.experiment) {
        const auto count = static_cast<int>(group.runs.size());
        return (count == 1 ? tr("Other runs   %1 run") : tr("Other runs   %1 runs")).arg(count);
    }
    const StateCounts counts = countsOf(*group.experiment, group.runs);
    QString title =
        tr("%1   %2 of %3 done")
            .arg(shownName(group.experiment->row.name), QString::number(counts.done), QString::number(counts.total()));
    const jobs::PlanProgress progress = group.experiment->progress.value_or(jobs::PlanProgress());
    if (progress.earlier > 0) {
        title = tr("%1; %2 earlier").arg(title, QString::number(progress.earlier));
    }
    if (const std::size_t unplanned = progress.unplanned.total(); unplanned > 0) {
        title = tr("%1; %2 not planned").arg(title, QString::number(unplanned));
    }
    return group.experiment->row.archived ? tr("%1 · archived").arg(title) : title;
}

QVariant RunTreeModel::groupData(const Group& group, int column, int role) const
{
    if (column != Name) {
        return {};
    }
    const auto count = static_cast<int>(group.runs.size());
    const auto shown = static_cast<int>(std::count_if(
        group.runs.begin(), group.runs.end(), [&](const RunRecord& run) { return m_shown.contains(run.row.id); }));
    switch (role) {
    case Qt::DisplayRole: return titleOf(group);
    case Qt::EditRole:
        return group.experiment ? QVariant(QString::fromStdString(group.experiment->row.name)) : QVariant();
    case Qt::CheckStateRole:
        return count == 0 ? QVariant()
                          : QVariant(static_cast<int>(shown == 0       ? Qt::Unchecked
                                                      : shown == count ? Qt::Checked
                                                                       : Qt::PartiallyChecked));
    case Qt::DecorationRole:
        return group.experiment ? QVariant(stateBar(countsOf(*group.experiment, group.runs))) : QVariant();
    case Qt::ToolTipRole: {
        if (!group.experiment) {
            return tr("Evaluations, and runs whose configuration cannot be read");
        }
        QStringList lines{tr("Revision %1").arg(group.experiment->row.revision),
                          stateText(countsOf(*group.experiment, group.runs))};
        lines += runsBesideThePlan(*group.experiment);
        lines += windowWords(group.experiment->trouble);
        for (const std::string& tag : group.experiment->row.tags) {
            lines += QChar('#') + shownName(tag);
        }
        lines += shownName(group.experiment->row.note);
        lines.removeAll(QString());
        return plainHint(lines.join(QChar('\n')));
    }
    case Qt::FontRole: {
        QFont font;
        font.setWeight(QFont::DemiBold);
        return font;
    }
    case SortRole: return titleOf(group);
    default: return {};
    }
}

QVariant RunTreeModel::runData(const Group& group, const RunRecord& run, int column, int role) const
{
    const std::string_view metric = metricOf(column);
    switch (role) {
    case RunIdRole: return QString::fromStdString(run.row.id);
    case Qt::CheckStateRole:
        return column == Name ? QVariant(static_cast<int>(m_shown.contains(run.row.id) ? Qt::Checked : Qt::Unchecked))
                              : QVariant();
    case Qt::DecorationRole:
        return column == Name    ? QVariant(runSwatch(run.color))
               : column == State ? QVariant(statusMark(run.status.status))
                                 : QVariant();
    case Qt::TextAlignmentRole:
        return !metric.empty() || column == Step || column == Seed ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter))
                                                                   : QVariant();
    case Qt::ToolTipRole:
        return plainHint(runTitle(run) + QString::fromStdString("\n" + run.row.id + "\n" + run.status.sentence));
    case Qt::EditRole: return column == Name ? QVariant(QString::fromStdString(run.row.name)) : QVariant();
    case SortRole:
        if (!metric.empty()) {
            const double value = latestOf(run, metric).value_or(std::numeric_limits<double>::infinity());
            return std::isnan(value) ? std::numeric_limits<double>::infinity() : value; // NaN has no place in an order
        }
        if (column == Step) {
            return QVariant::fromValue<qlonglong>(run.status.step);
        }
        return column == Seed ? QVariant::fromValue<qulonglong>(run.row.seed)
                              : runData(group, run, column, Qt::DisplayRole);
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (column) {
    case Name: {
        const QString title = shortTitle(run, group.axes);
        return group.namesakes.contains(run.row.id)
                   ? tr("%1, revision %2").arg(title, QString::number(run.row.revision.value_or(0)))
                   : title;
    }
    case State: return statusText(run.status.status);
    case Step: return stepText(run.status);
    case Method: return methodText(run.row);
    case Seed: return QString::number(run.row.seed);
    default: return shownNumber(latestOf(run, metric), metric);
    }
}

QVariant RunTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name: return tr("Experiment, run");
    case State: return tr("Status");
    case Step: return tr("Step");
    case Loss:
    case ValidationLoss:
    case RougeL: {
        QString title = QString::fromStdString(metrics::shownShortTitle(metricOf(section)));
        title[0] = title[0].toUpper();
        return title;
    }
    case Method: return tr("Method");
    case Seed: return tr("Seed");
    default: return {};
    }
}

} // namespace dskd::ui
