#include "ui/models/run_tree_model.h"

#include "core/jobs/run_name.h"
#include "core/metrics/metric_table.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/models/status_mark.h"

#include <QCoreApplication>
#include <QFont>
#include <QIcon>
#include <QPixmap>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

namespace dskd::ui
{

namespace
{

// More curves in a chart cannot be told apart.
constexpr std::ptrdiff_t kShownAtFirst = 100;

// The internal id of a group's index is 0, of a run's index the row of its group plus one.
constexpr quintptr kGroup = 0;

std::optional<double> latestOf(const RunRecord& run, std::string_view metric)
{
    const auto found = run.latest.find(std::string(metric));
    return found == run.latest.end() ? std::nullopt : std::optional(found->second);
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

// The same in a selected row: runs are recognised by their colour.
QIcon swatch(int color)
{
    QPixmap picture(QSize(24, 24));
    picture.setDevicePixelRatio(2.0);
    picture.fill(runColor(color));
    QIcon icon(picture);
    icon.addPixmap(picture, QIcon::Selected);
    return icon;
}

QStringList wordsOf(const RunRecord& run)
{
    return {QStringLiteral("name:") + QString::fromStdString(run.row.name),
            QStringLiteral("id:") + QString::fromStdString(run.row.id),
            QStringLiteral("group:") + QString::fromStdString(run.row.group),
            QStringLiteral("status:") + statusText(run.status.status),
            QStringLiteral("method:") + methodText(run.row),
            QStringLiteral("seed:%1").arg(run.row.seed),
            QStringLiteral("note:") + QString::fromStdString(run.row.note)};
}

} // namespace

QString methodText(const store::RunRow& run)
{
    return QString::fromStdString(run.methodLabel);
}

QString nameWithSeed(const store::RunRow& run)
{
    const QString name = shownName(run.shownName());
    return jobs::endsInSeed(run.shownName(), run.seed)
               ? name
               : QCoreApplication::translate("RunTreeModel", "%1, seed %2").arg(name).arg(run.seed);
}

QString statusText(jobs::Status status)
{
    return QString::fromStdString(std::string(jobs::name(status))).replace('-', ' ');
}

QString RunTreeModel::titleOf(const RunRecord& run) const
{
    return m_sharedNames.contains({run.row.group, run.row.name}) ? nameWithSeed(run.row) : shownName(run.row.name);
}

RunTreeModel::RunTreeModel(QObject* parent) : QAbstractItemModel(parent) {}

void RunTreeModel::setRuns(const std::vector<RunRecord>& runs)
{
    std::set<std::pair<std::string, std::string>> names;
    m_sharedNames.clear();
    for (const RunRecord& run : runs) {
        if (const std::pair name{run.row.group, run.row.name}; !names.insert(name).second) {
            m_sharedNames.insert(name);
        }
    }
    std::vector<Group> fresh; // the newest group first, in it the oldest run first
    for (const RunRecord& run : runs) {
        const QString name = run.row.group.empty() ? tr("no group") : QString::fromStdString(run.row.group);
        auto group = std::find_if(fresh.begin(), fresh.end(), [&](const Group& g) { return g.name == name; });
        if (group == fresh.end()) {
            group = fresh.insert(fresh.begin(), Group{name, {}});
        }
        group->runs.push_back(run);
    }
    bool more = false;
    const auto showIt = [&](const RunRecord& run) { more = m_shown.insert(run.row.id).second || more; };
    if (!m_shownDecided && !fresh.empty()) {
        m_shownDecided = true;
        const std::vector<RunRecord>& newest = fresh.front().runs;
        std::for_each(newest.end() - std::min(kShownAtFirst, std::ssize(newest)), newest.end(), showIt);
    }
    for (const Group& group : fresh) {
        const bool anyShown = std::any_of(group.runs.begin(), group.runs.end(),
                                          [&](const RunRecord& run) { return m_shown.contains(run.row.id); });
        for (const RunRecord& run : group.runs) {
            if (m_listed && !indexOf(run.row.id).isValid() && (anyShown || jobs::isAlive(run.status.status))) {
                showIt(run);
            }
        }
    }
    m_listed = m_listed || !fresh.empty();
    if (!updateInPlace(fresh)) {
        beginResetModel();
        m_groups = std::move(fresh);
        m_places.clear();
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            notePlaces(g, 0);
        }
        endResetModel();
    }
    if (more) {
        Q_EMIT shownChanged();
    }
}

void RunTreeModel::notePlaces(std::size_t group, std::size_t from)
{
    const std::vector<RunRecord>& runs = m_groups[group].runs;
    for (std::size_t r = from; r < runs.size(); ++r) {
        m_places[runs[r].row.id] = {group, static_cast<int>(r)};
    }
}

// True when groups and ids are those that are held already, or new runs only follow them.
bool RunTreeModel::updateInPlace(const std::vector<Group>& fresh)
{
    if (fresh.size() != m_groups.size()) {
        return false;
    }
    for (std::size_t g = 0; g < fresh.size(); ++g) {
        const Group& before = m_groups[g];
        if (fresh[g].name != before.name || fresh[g].runs.size() < before.runs.size() ||
            !std::equal(before.runs.begin(), before.runs.end(), fresh[g].runs.begin(),
                        [](const RunRecord& a, const RunRecord& b) { return a.row.id == b.row.id; })) {
            return false;
        }
    }
    for (std::size_t g = 0; g < fresh.size(); ++g) {
        Group& group = m_groups[g];
        const QModelIndex parent = index(static_cast<int>(g), 0);
        const auto known = static_cast<int>(group.runs.size());
        std::copy_n(fresh[g].runs.begin(), known, group.runs.begin());
        if (known > 0) {
            Q_EMIT dataChanged(index(0, 0, parent), index(known - 1, ColumnCount - 1, parent));
        }
        if (fresh[g].runs.size() > group.runs.size()) {
            beginInsertRows(parent, known, static_cast<int>(fresh[g].runs.size()) - 1);
            group.runs.insert(group.runs.end(), fresh[g].runs.begin() + known, fresh[g].runs.end());
            notePlaces(g, static_cast<std::size_t>(known));
            endInsertRows();
        }
        Q_EMIT dataChanged(parent, index(static_cast<int>(g), ColumnCount - 1));
    }
    return true;
}

std::vector<std::string> RunTreeModel::shownRuns() const
{
    std::vector<std::string> ids;
    for (const Group& group : m_groups) {
        for (const RunRecord& run : group.runs) {
            if (m_shown.contains(run.row.id)) {
                ids.push_back(run.row.id);
            }
        }
    }
    return ids;
}

void RunTreeModel::setShown(const std::set<std::string>& runIds)
{
    m_shownDecided = true;
    if (m_shown == runIds) {
        return;
    }
    m_shown = runIds;
    for (int g = 0; g < rowCount(); ++g) {
        const QModelIndex parent = index(g, 0);
        Q_EMIT dataChanged(parent, parent, {Qt::CheckStateRole});
        if (const int rows = rowCount(parent); rows > 0) {
            Q_EMIT dataChanged(index(0, 0, parent), index(rows - 1, 0, parent), {Qt::CheckStateRole});
        }
    }
    Q_EMIT shownChanged();
}

void RunTreeModel::toggleShown(const std::vector<std::string>& runIds)
{
    std::set<std::string> shown = m_shown;
    const bool allOn = std::all_of(runIds.begin(), runIds.end(), [&](const auto& id) { return shown.contains(id); });
    for (const std::string& id : runIds) {
        if (allOn) {
            shown.erase(id);
        } else {
            shown.insert(id);
        }
    }
    setShown(shown);
}

QModelIndex RunTreeModel::indexOf(const std::string& runId) const
{
    const auto place = m_places.find(runId);
    return place == m_places.end()
               ? QModelIndex()
               : createIndex(place->second.second, 0, static_cast<quintptr>(place->second.first + 1));
}

std::string RunTreeModel::runIdAt(const QModelIndex& index) const
{
    const RunRecord* run = recordAt(index);
    return run == nullptr ? std::string() : run->row.id;
}

const RunRecord* RunTreeModel::recordAt(const QModelIndex& index) const
{
    if (!index.isValid() || index.internalId() == kGroup) {
        return nullptr;
    }
    return &m_groups[index.internalId() - 1].runs[static_cast<std::size_t>(index.row())];
}

QModelIndex RunTreeModel::index(int row, int column, const QModelIndex& parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent)) {
        return {};
    }
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row() + 1) : kGroup);
}

QModelIndex RunTreeModel::parent(const QModelIndex& index) const
{
    if (!index.isValid() || index.internalId() == kGroup) {
        return {};
    }
    return createIndex(static_cast<int>(index.internalId() - 1), 0, kGroup);
}

int RunTreeModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_groups.size());
    }
    return parent.internalId() == kGroup && parent.column() == 0
               ? static_cast<int>(m_groups[static_cast<std::size_t>(parent.row())].runs.size())
               : 0;
}

int RunTreeModel::columnCount(const QModelIndex&) const
{
    return ColumnCount;
}

QVariant RunTreeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    if (const RunRecord* run = recordAt(index)) {
        return runData(*run, index.column(), role);
    }
    return groupData(m_groups[static_cast<std::size_t>(index.row())], index.column(), role);
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
    case Qt::DisplayRole:
        return tr("%1   %2 %3")
            .arg(shownName(group.name.toStdString()))
            .arg(count)
            .arg(count == 1 ? tr("run") : tr("runs"));
    case Qt::CheckStateRole:
        return static_cast<int>(shown == 0 ? Qt::Unchecked : shown == count ? Qt::Checked : Qt::PartiallyChecked);
    case Qt::FontRole: {
        QFont font;
        font.setWeight(QFont::DemiBold);
        return font;
    }
    case SortRole: return group.name;
    default: return {};
    }
}

QVariant RunTreeModel::runData(const RunRecord& run, int column, int role) const
{
    const std::string_view metric = metricOf(column);
    switch (role) {
    case RunIdRole: return QString::fromStdString(run.row.id);
    case WordsRole: return wordsOf(run);
    case Qt::CheckStateRole:
        return column == Name ? QVariant(static_cast<int>(m_shown.contains(run.row.id) ? Qt::Checked : Qt::Unchecked))
                              : QVariant();
    case Qt::DecorationRole:
        return column == Name    ? QVariant(swatch(run.color))
               : column == State ? QVariant(statusMark(run.status.status))
                                 : QVariant();
    case Qt::TextAlignmentRole:
        return !metric.empty() || column == Step || column == Seed ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter))
                                                                   : QVariant();
    case Qt::ToolTipRole: return QString::fromStdString(run.row.id + "\n" + run.status.sentence);
    case Qt::EditRole: return column == Name ? QVariant(QString::fromStdString(run.row.name)) : QVariant();
    case SortRole:
        if (!metric.empty()) {
            const double value = latestOf(run, metric).value_or(std::numeric_limits<double>::infinity());
            return std::isnan(value) ? std::numeric_limits<double>::infinity() : value; // NaN has no place in an order
        }
        if (column == Step) {
            return QVariant::fromValue<qlonglong>(run.status.step);
        }
        return column == Seed ? QVariant::fromValue<qulonglong>(run.row.seed) : runData(run, column, Qt::DisplayRole);
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (column) {
    case Name: return titleOf(run);
    case State: return statusText(run.status.status);
    case Step: return stepText(run.status);
    case Method: return methodText(run.row);
    case Seed: return QString::number(run.row.seed);
    default: return number(latestOf(run, metric));
    }
}

QVariant RunTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name: return tr("Run");
    case State: return tr("Status");
    case Step: return tr("Step");
    case Loss:
    case ValidationLoss:
    case RougeL: {
        QString title = QString::fromStdString(metrics::shortTitleOf(metricOf(section)));
        title[0] = title[0].toUpper();
        return title;
    }
    case Method: return tr("Method");
    case Seed: return tr("Seed");
    default: return {};
    }
}

Qt::ItemFlags RunTreeModel::flags(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return Qt::NoItemFlags;
    }
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (index.column() == Name) {
        flags |= Qt::ItemIsUserCheckable;
        flags.setFlag(Qt::ItemIsEditable, recordAt(index) != nullptr);
    }
    return flags;
}

bool RunTreeModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid() || index.column() != Name) {
        return false;
    }
    const RunRecord* run = recordAt(index);
    if (role == Qt::CheckStateRole) {
        std::set<std::string> shown = m_shown;
        const auto set = [&](const RunRecord& record) {
            if (value.toInt() == Qt::Checked) {
                shown.insert(record.row.id);
            } else {
                shown.erase(record.row.id);
            }
        };
        if (run != nullptr) {
            set(*run);
        } else {
            const auto& members = m_groups[static_cast<std::size_t>(index.row())].runs;
            std::for_each(members.begin(), members.end(), set);
        }
        setShown(shown);
        return true;
    }
    if (role == Qt::EditRole && run != nullptr) {
        const QString name = value.toString().trimmed();
        if (!name.isEmpty() && name != QString::fromStdString(run->row.name)) {
            Q_EMIT renamed(run->row.id, name); // the next snapshot shows it
        }
        return true;
    }
    return false;
}

} // namespace dskd::ui
