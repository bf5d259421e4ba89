#include "ui/pages/table/run_table_model.h"

#include "core/base/process.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace dskd::ui
{

RunTableModel::RunTableModel(QObject* parent) : QAbstractTableModel(parent) {}

void RunTableModel::setRuns(const std::vector<RunRecord>& runs, std::map<std::int64_t, std::string> experiments)
{
    m_runs = &runs;
    m_experiments = std::move(experiments);
    rebuild();
}

void RunTableModel::setView(RunTableView view)
{
    const auto idsOf = [](const std::vector<jobs::RunColumn>& columns) {
        std::vector<std::string> ids;
        for (const jobs::RunColumn& column : columns) {
            ids.push_back(column.id);
        }
        return ids;
    };
    const bool otherColumns = idsOf(view.columns) != idsOf(m_view.columns);
    const bool otherRows = view.acrossSeeds != m_view.acrossSeeds;
    if (!otherColumns && !otherRows) {
        m_view = std::move(view);
        rebuild();
        return;
    }
    beginResetModel();
    m_view = std::move(view);
    bind();
    m_rows = madeRows();
    endResetModel();
}

void RunTableModel::addConfigs(std::map<std::string, jobs::TableConfig> configs,
                               const std::map<std::string, jobs::Status>& failed)
{
    for (auto& [id, config] : configs) {
        m_configs[id] = std::move(config);
        m_failedConfigs.erase(id);
    }
    for (const auto& [id, status] : failed) {
        m_configs[id] = {{}, {}, id, id};
        m_failedConfigs[id] = status;
    }
    rebuild();
}

bool RunTableModel::needsConfigs() const
{
    const auto isField = [](const jobs::RunColumn& column) { return column.source == jobs::RunColumn::Source::Field; };
    return m_view.acrossSeeds || !m_view.baseline.empty() || m_view.query.readsConfig() ||
           std::any_of(m_view.columns.begin(), m_view.columns.end(), isField);
}

std::vector<std::string> RunTableModel::withoutConfig() const
{
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < m_ids.size(); ++i) {
        const auto failed = m_failedConfigs.find(m_ids[i]);
        const bool again = failed != m_failedConfigs.end() && failed->second != m_facts[i].status.status;
        if (again || !m_configs.contains(m_ids[i])) {
            ids.push_back(m_ids[i]);
        }
    }
    return ids;
}

const jobs::TableConfig* RunTableModel::configOf(std::size_t run) const
{
    const auto found = m_configs.find((*m_runs)[run].row.id);
    return found == m_configs.end() ? nullptr : &found->second;
}

// What the feed had is gone: everything that refers to it is made anew.
void RunTableModel::bind()
{
    m_facts.clear();
    m_ids.clear();
    const double now = unixTime();
    for (std::size_t i = 0; i < numRuns(); ++i) {
        const RunRecord& run = (*m_runs)[i];
        const auto experiment = run.row.experiment ? m_experiments.find(*run.row.experiment) : m_experiments.end();
        const jobs::TableConfig* config = configOf(i);
        m_facts.push_back({run.row, run.status, run.latest, run.started, run.ended, now,
                           experiment == m_experiments.end() ? std::string_view() : experiment->second,
                           config == nullptr ? nullptr : &config->texts});
        m_ids.push_back(run.row.id);
    }
}

std::vector<RunTableModel::Row> RunTableModel::matchingRows()
{
    std::vector<std::size_t> kept;
    m_numMatching = 0;
    for (std::size_t i = 0; i < m_facts.size(); ++i) {
        const bool matches = m_view.query.matches(m_facts[i]);
        m_numMatching += matches ? 1 : 0;
        if (matches || m_view.pinned.contains(m_ids[i])) {
            kept.push_back(i);
        }
    }
    std::vector<Row> rows;
    if (!m_view.acrossSeeds) {
        for (const std::size_t run : kept) {
            rows.push_back({{run}, {run}});
        }
        return rows;
    }
    std::vector<jobs::TableRun> facts;
    std::vector<std::string> keys;
    for (const std::size_t run : kept) {
        const jobs::TableConfig* config = configOf(run);
        facts.push_back(m_facts[run]);
        keys.push_back(config == nullptr ? std::string() : config->groupKey);
    }
    rows = jobs::seedGroups(facts, keys);
    for (Row& row : rows) {
        for (std::vector<std::size_t>* places : {&row.runs, &row.counted}) {
            for (std::size_t& place : *places) {
                place = kept[place];
            }
        }
    }
    return rows;
}

void RunTableModel::arrange(std::vector<Row>& rows) const
{
    const auto column = std::find_if(m_view.columns.begin(), m_view.columns.end(),
                                     [&](const jobs::RunColumn& one) { return one.id == m_view.sortedBy; });
    std::vector<std::size_t> places(rows.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    if (column == m_view.columns.end()) {
        std::reverse(places.begin(), places.end()); // the newest first
    } else {
        std::vector<jobs::RunValue> values;
        for (const Row& row : rows) {
            values.push_back(jobs::orderOf(jobs::valueOf(*column, row, m_facts)));
        }
        std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
            const bool swapped = m_view.descending && !jobs::isMissing(values[a]) && !jobs::isMissing(values[b]);
            return swapped ? jobs::comesBefore(values[b], values[a]) : jobs::comesBefore(values[a], values[b]);
        });
    }
    const auto isPinned = [&](std::size_t place) {
        return std::any_of(rows[place].runs.begin(), rows[place].runs.end(),
                           [&](std::size_t run) { return m_view.pinned.contains(m_ids[run]); });
    };
    std::stable_partition(places.begin(), places.end(), isPinned);
    std::vector<Row> ordered;
    for (const std::size_t place : places) {
        ordered.push_back(std::move(rows[place]));
    }
    rows = std::move(ordered);
}

// As the view has them; also finds the row that others are measured against.
std::vector<RunTableModel::Row> RunTableModel::madeRows()
{
    std::vector<Row> rows = matchingRows();
    arrange(rows);
    m_baseline.reset();
    for (std::size_t run = 0; run < m_ids.size() && !m_view.baseline.empty(); ++run) {
        if (m_ids[run] == m_view.baseline) { // also where the query hides it
            m_baseline = Row{{run}, {run}};
        }
    }
    for (const Row& row : rows) {
        if (isBaseline(row)) {
            m_baseline = row; // of all its seeds
        }
    }
    return rows;
}

void RunTableModel::rebuild()
{
    const auto isRun = [](const std::string& id, const RunRecord& run) { return id == run.row.id; };
    const bool otherRuns = m_runs != nullptr && (m_ids.size() != m_runs->size() ||
                                                 !std::equal(m_ids.begin(), m_ids.end(), m_runs->begin(), isRun));
    if (otherRuns) {
        beginResetModel(); // while runsOf() still has the rows of before
    }
    bind();
    if (otherRuns) {
        m_rows = madeRows();
        endResetModel();
    } else if (!m_held) {
        apply(madeRows());
    }
}

// The same runs as before: rows that stay keep selection and editor where only their order is another one.
void RunTableModel::apply(std::vector<Row> rows)
{
    const auto key = [](const Row& row) { return row.runs; };
    std::map<std::vector<std::size_t>, int> places;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        places[key(rows[i])] = static_cast<int>(i);
    }
    const bool sameRows =
        rows.size() == m_rows.size() &&
        std::all_of(m_rows.begin(), m_rows.end(), [&](const Row& row) { return places.contains(key(row)); });
    const bool sameOrder = sameRows && std::equal(rows.begin(), rows.end(), m_rows.begin(),
                                                  [](const Row& a, const Row& b) { return a.runs == b.runs; });
    if (!sameRows) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    if (sameOrder) {
        m_rows = std::move(rows);
        if (!m_rows.empty() && columnCount() > 0) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        }
        return;
    }
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    QModelIndexList after;
    const QModelIndexList before = persistentIndexList();
    for (const QModelIndex& at : before) {
        after.append(index(places.at(key(m_rows[static_cast<std::size_t>(at.row())])), at.column()));
    }
    m_rows = std::move(rows);
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

std::vector<std::string> RunTableModel::runsOf(int row) const
{
    std::vector<std::string> ids;
    if (row >= 0 && row < rowCount()) {
        for (const std::size_t run : m_rows[static_cast<std::size_t>(row)].runs) {
            ids.push_back(m_ids[run]);
        }
    }
    return ids;
}

int RunTableModel::rowOf(const std::string& runId) const
{
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        for (const std::size_t run : m_rows[row].runs) {
            if (m_ids[run] == runId) {
                return static_cast<int>(row);
            }
        }
    }
    return -1;
}

bool RunTableModel::isPinned(int row) const
{
    const std::vector<std::string> ids = runsOf(row);
    return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return m_view.pinned.contains(id); });
}

std::set<std::string> RunTableModel::recorded() const
{
    std::set<std::string> names;
    for (const jobs::TableRun& run : m_facts) {
        for (const auto& [name, value] : run.latest) {
            names.insert(name);
        }
    }
    return names;
}

bool RunTableModel::isBaseline(const Row& row) const
{
    return !m_view.baseline.empty() && std::any_of(row.runs.begin(), row.runs.end(),
                                                   [&](std::size_t run) { return m_ids[run] == m_view.baseline; });
}

int RunTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_view.columns.size());
}

Qt::ItemFlags RunTableModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && !m_view.acrossSeeds) {
        const jobs::RunColumn& column = m_view.columns[static_cast<std::size_t>(index.column())];
        flags.setFlag(Qt::ItemIsEditable, column.edit != jobs::ColumnEdit::None);
    }
    return flags;
}

bool RunTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)) {
        return false;
    }
    if (value.toString() != data(index, Qt::EditRole).toString()) {
        Q_EMIT edited(data(index, RunIdRole).toString(),
                      QString::fromStdString(m_view.columns[static_cast<std::size_t>(index.column())].id),
                      value.toString());
    }
    return true; // the feed's next snapshot has it
}

void RunTableModel::sort(int column, Qt::SortOrder order)
{
    const std::string id =
        column >= 0 && column < columnCount() ? m_view.columns[static_cast<std::size_t>(column)].id : std::string();
    const bool descending = order == Qt::DescendingOrder;
    if (id == m_view.sortedBy && descending == m_view.descending) {
        return;
    }
    m_view.sortedBy = id;
    m_view.descending = descending;
    rebuild();
    Q_EMIT sorted();
}

} // namespace dskd::ui
