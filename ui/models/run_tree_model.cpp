#include "ui/models/run_tree_model.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace dskd::ui
{

namespace
{

// More curves in a chart cannot be told apart.
constexpr std::ptrdiff_t kShownAtFirst = 100;

// The internal id of an experiment's index is 0, of a run's index the row of its group plus one.
constexpr quintptr kGroup = 0;

} // namespace

RunTreeModel::RunTreeModel(QObject* parent) : QAbstractItemModel(parent) {}

std::vector<RunTreeModel::Group> RunTreeModel::groupsOf(const std::vector<RunRecord>& runs,
                                                        const std::vector<ExperimentRecord>& experiments) const
{
    std::vector<Group> groups;
    std::map<std::int64_t, std::size_t> places;
    std::set<std::int64_t> hidden;
    for (auto experiment = experiments.rbegin(); experiment != experiments.rend(); ++experiment) { // the newest first
        if (experiment->row.archived && !m_showsArchived) {
            hidden.insert(experiment->row.id);
        } else {
            places[experiment->row.id] = groups.size();
            groups.push_back({*experiment, {}, {}});
        }
    }
    Group others;
    for (const RunRecord& run : runs) {
        const std::int64_t id = run.row.experiment.value_or(0);
        if (const auto place = places.find(id); place != places.end()) {
            groups[place->second].runs.push_back(run);
        } else if (!hidden.contains(id)) {
            others.runs.push_back(run);
        }
    }
    for (Group& group : groups) {
        std::vector<std::string_view> names;
        names.reserve(group.runs.size());
        for (const RunRecord& run : group.runs) {
            names.push_back(run.row.shownName());
        }
        group.axes = namedAxes(names);
        group.namesakes = formerNamesakes(group.runs, group.experiment->row.revision);
    }
    if (!others.runs.empty()) {
        groups.push_back(std::move(others));
    }
    return groups;
}

void RunTreeModel::setRuns(const std::vector<RunRecord>& runs, const std::vector<ExperimentRecord>& experiments)
{
    std::vector<Group> fresh = groupsOf(runs, experiments);
    const std::set<std::string> before = m_shown;
    if (!m_shownDecided) {
        showNewest(fresh);
    }
    if (m_listed) {
        showNew(fresh);
    }
    m_listed = m_listed || std::any_of(fresh.begin(), fresh.end(), [](const Group& g) { return !g.runs.empty(); });
    if (!updateInPlace(fresh)) {
        beginResetModel();
        m_groups = std::move(fresh);
        m_places.clear();
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            notePlaces(g, 0);
        }
        endResetModel();
    }
    if (m_shown != before) {
        Q_EMIT shownChanged();
    }
}

// The group of a loosely started run holds what belongs together; that of a planned run is its experiment.
void RunTreeModel::showNewest(const std::vector<Group>& fresh)
{
    std::vector<const RunRecord*> runs;
    for (const Group& group : fresh) {
        for (const RunRecord& run : group.runs) {
            runs.push_back(&run);
        }
    }
    std::stable_sort(runs.begin(), runs.end(),
                     [](const RunRecord* a, const RunRecord* b) { return a->row.created < b->row.created; });
    std::map<std::string, std::vector<const RunRecord*>> byGroup;
    const std::vector<const RunRecord*>* newest = nullptr; // the group that began last
    for (const RunRecord* run : runs) {
        auto& members = byGroup[run->row.group];
        newest = members.empty() ? &members : newest;
        members.push_back(run);
    }
    if (newest != nullptr) {
        m_shownDecided = true;
        std::for_each(newest->end() - std::min(kShownAtFirst, std::ssize(*newest)), newest->end(),
                      [this](const RunRecord* run) { m_shown.insert(run->row.id); });
    }
}

void RunTreeModel::showNew(const std::vector<Group>& fresh)
{
    std::set<std::string> shownGroups;
    std::set<std::int64_t> shownExperiments;
    for (const Group& group : fresh) {
        for (const RunRecord& run : group.runs) {
            if (m_shown.contains(run.row.id)) {
                shownGroups.insert(run.row.group);
                shownExperiments.insert(group.id());
            }
        }
    }
    shownExperiments.erase(0); // runs of no experiment have nothing in common
    for (const Group& group : fresh) {
        for (const RunRecord& run : group.runs) {
            const bool beside = shownGroups.contains(run.row.group) || shownExperiments.contains(group.id());
            if (!indexOf(run.row.id).isValid() && (beside || jobs::isAlive(run.status.status))) {
                m_shown.insert(run.row.id);
            }
        }
    }
}

void RunTreeModel::notePlaces(std::size_t group, std::size_t from)
{
    const std::vector<RunRecord>& runs = m_groups[group].runs;
    for (std::size_t r = from; r < runs.size(); ++r) {
        m_places[runs[r].row.id] = {group, static_cast<int>(r)};
    }
}

// True when experiments and runs are those that are held already, or new runs only follow them.
bool RunTreeModel::updateInPlace(const std::vector<Group>& fresh)
{
    if (fresh.size() != m_groups.size()) {
        return false;
    }
    for (std::size_t g = 0; g < fresh.size(); ++g) {
        const Group& before = m_groups[g];
        if (fresh[g].id() != before.id() || fresh[g].runs.size() < before.runs.size() ||
            !std::equal(before.runs.begin(), before.runs.end(), fresh[g].runs.begin(),
                        [](const RunRecord& a, const RunRecord& b) { return a.row.id == b.row.id; })) {
            return false;
        }
    }
    for (std::size_t g = 0; g < fresh.size(); ++g) {
        Group& group = m_groups[g];
        group.experiment = fresh[g].experiment;
        group.axes = fresh[g].axes;
        group.namesakes = fresh[g].namesakes;
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

std::vector<std::string> RunTreeModel::runsOf(std::int64_t experimentId) const
{
    std::vector<std::string> ids;
    for (const Group& group : m_groups) {
        if (group.id() == experimentId) {
            for (const RunRecord& run : group.runs) {
                ids.push_back(run.row.id);
            }
        }
    }
    return ids;
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
    const RunRecord* run = recordAt(index);
    const auto place = static_cast<std::size_t>(run == nullptr ? index.row() : index.parent().row());
    const Group& group = m_groups[place];
    switch (role) {
    case WordsRole: return wordsOf(group, run);
    case ExperimentRole: return QVariant::fromValue<qlonglong>(group.id());
    default:
        return run == nullptr ? groupData(group, index.column(), role) : runData(group, *run, index.column(), role);
    }
}

Qt::ItemFlags RunTreeModel::flags(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return Qt::NoItemFlags;
    }
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (index.column() == Name) {
        const bool isRun = recordAt(index) != nullptr;
        flags.setFlag(Qt::ItemIsUserCheckable, isRun || rowCount(index) > 0);
        flags.setFlag(Qt::ItemIsEditable, isRun || m_groups[static_cast<std::size_t>(index.row())].experiment);
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
    if (role == Qt::EditRole) {
        const QString name = value.toString().trimmed();
        if (name.isEmpty() || name == data(index, Qt::EditRole).toString()) {
            return true;
        }
        if (run != nullptr) {
            Q_EMIT renamed(run->row.id, name); // the next snapshot shows it
        } else if (const std::int64_t id = m_groups[static_cast<std::size_t>(index.row())].id(); id != 0) {
            Q_EMIT experimentRenamed(id, name);
        }
        return true;
    }
    return false;
}

} // namespace dskd::ui
