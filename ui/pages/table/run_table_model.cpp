#include "ui/pages/table/run_table_model.h"

#include "core/base/process.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/feed/run_title.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/models/status_mark.h"

#include <QFont>
#include <QPixmap>
#include <algorithm>
#include <numeric>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kSwatch = 10;

QString asText(const std::string& text)
{
    return text == "-" ? kMissing : shownName(text);
}

bool isText(const jobs::RunColumn& column)
{
    return column.kind == jobs::ColumnKind::Text;
}

} // namespace

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

void RunTableModel::addConfigs(std::map<std::string, jobs::TableConfig> configs)
{
    for (auto& [id, config] : configs) {
        m_configs[id] = std::move(config);
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
    for (const std::string& id : m_ids) {
        if (!m_configs.contains(id)) {
            ids.push_back(id);
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
    const bool otherRuns =
        m_runs != nullptr &&
        (m_ids.size() != m_runs->size() || !std::equal(m_ids.begin(), m_ids.end(), m_runs->begin(), isRun));
    if (otherRuns) {
        beginResetModel(); // while runsOf() still knows the rows of before
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
    const bool sameRows = rows.size() == m_rows.size() && std::all_of(m_rows.begin(), m_rows.end(), [&](const Row& row) {
                              return places.contains(key(row));
                          });
    const bool sameOrder = sameRows && std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const Row& a, const Row& b) {
                               return a.runs == b.runs;
                           });
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
    return !m_view.baseline.empty() && std::any_of(row.runs.begin(), row.runs.end(), [&](std::size_t run) {
        return m_ids[run] == m_view.baseline;
    });
}

std::optional<double> RunTableModel::deltaOf(const jobs::RunColumn& column, const Row& row) const
{
    if (!m_baseline || isBaseline(row) || metrics::betterOf(column.id) == metrics::Better::Unknown ||
        column.source != jobs::RunColumn::Source::Metric) {
        return std::nullopt;
    }
    const jobs::TableConfig* own = configOf(row.runs.front());
    const jobs::TableConfig* base = configOf(m_baseline->runs.front());
    if (own == nullptr || base == nullptr || !jobs::areComparable(*own, *base, column.id)) {
        return std::nullopt;
    }
    const jobs::GroupValue value = jobs::valueOf(column, row, m_facts);
    const jobs::GroupValue reference = jobs::valueOf(column, *m_baseline, m_facts);
    return value.mean && reference.mean ? std::optional(value.mean->mean - reference.mean->mean) : std::nullopt;
}

QString RunTableModel::textOf(const jobs::RunColumn& column, const Row& row) const
{
    QString shown = m_view.acrossSeeds
                       ? asText(jobs::shownText(column, jobs::valueOf(column, row, m_facts), row, m_facts))
                       : asText(jobs::shownText(column, jobs::valueOf(column, m_facts[row.runs.front()])));
    if (const std::optional<double> delta = deltaOf(column, row)) {
        shown += QStringLiteral("  (%1)").arg(QString::fromStdString(text::signedNumber(*delta, 3)));
    }
    return column.id == jobs::kNameColumn && isBaseline(row) ? tr("%1 (baseline)").arg(shown) : shown;
}

QString RunTableModel::hintOf(const jobs::RunColumn& column, const Row& row) const
{
    const RunRecord& first = (*m_runs)[row.runs.front()];
    if (column.id == jobs::kNameColumn || column.id == jobs::kStatusColumn) {
        QStringList lines;
        for (const std::size_t run : row.runs) {
            const RunRecord& one = (*m_runs)[run];
            lines.append(runTitle(one) + QStringLiteral(": ") + QString::fromStdString(one.status.sentence));
        }
        return lines.join(QLatin1Char('\n'));
    }
    if (m_view.acrossSeeds) {
        const jobs::GroupValue value = jobs::valueOf(column, row, m_facts);
        return value.mean ? tr("mean %1, standard deviation %2, n = %3")
                                .arg(QString::fromStdString(text::exact(value.mean->mean)),
                                     value.mean->count > 1 ? QString::fromStdString(text::exact(value.mean->deviation))
                                                           : kMissing)
                                .arg(value.mean->count)
                          : QString();
    }
    if (column.id == jobs::kNoteColumn) {
        return QString::fromStdString(first.row.note);
    }
    return QString::fromStdString(jobs::exactText(column, jobs::valueOf(column, m_facts[row.runs.front()])));
}

QVariant RunTableModel::decorationOf(const jobs::RunColumn& column, const Row& row) const
{
    const RunRecord& run = (*m_runs)[row.runs.front()];
    if (column.id == jobs::kNameColumn) {
        QPixmap swatch(kSwatch, kSwatch);
        swatch.fill(runColor(run.color));
        return swatch;
    }
    const bool one = std::all_of(row.runs.begin(), row.runs.end(), [&](std::size_t place) {
        return (*m_runs)[place].status.status == run.status.status;
    });
    return column.id == jobs::kStatusColumn && one ? QVariant(statusMark(run.status.status)) : QVariant();
}

int RunTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_view.columns.size());
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const jobs::RunColumn& column = m_view.columns[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole: return textOf(column, row);
    case Qt::EditRole:
        return QString::fromStdString(jobs::exactText(column, jobs::valueOf(column, m_facts[row.runs.front()])));
    case Qt::ToolTipRole: return hintOf(column, row);
    case Qt::DecorationRole: return decorationOf(column, row);
    case Qt::TextAlignmentRole:
        return static_cast<int>((isText(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::FontRole: {
        if (!isPinned(index.row())) {
            return {};
        }
        QFont font;
        font.setWeight(QFont::DemiBold);
        return font;
    }
    case RunIdRole: return QString::fromStdString(m_ids[row.runs.front()]);
    default: return {};
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return {};
    }
    const jobs::RunColumn& column = m_view.columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole: return QString::fromStdString(column.title);
    case Qt::ToolTipRole: return QString::fromStdString(column.id + "\n" + column.sentence).trimmed();
    case Qt::TextAlignmentRole:
        return static_cast<int>((isText(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default: return {};
    }
}

Qt::ItemFlags RunTableModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && !m_view.acrossSeeds) {
        const std::string& id = m_view.columns[static_cast<std::size_t>(index.column())].id;
        const bool editable = id == jobs::kNameColumn || id == jobs::kGroupColumn || id == jobs::kTagsColumn ||
                              id == jobs::kNoteColumn;
        flags.setFlag(Qt::ItemIsEditable, editable);
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
    const std::string id = column >= 0 && column < columnCount()
                               ? m_view.columns[static_cast<std::size_t>(column)].id
                               : std::string();
    const bool descending = order == Qt::DescendingOrder;
    if (id == m_view.sortedBy && descending == m_view.descending) {
        return;
    }
    m_view.sortedBy = id;
    m_view.descending = descending;
    rebuild();
    Q_EMIT sorted();
}

QString RunTableModel::toTsv(const std::vector<int>& rows) const
{
    const auto cell = [](const QString& text) {
        QString line = text;
        return line.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    std::vector<int> chosen = rows;
    if (chosen.empty()) {
        chosen.resize(m_rows.size());
        std::iota(chosen.begin(), chosen.end(), 0);
    }
    QString tsv;
    QStringList line;
    for (const jobs::RunColumn& column : m_view.columns) {
        line.append(cell(QString::fromStdString(column.title)));
    }
    tsv += line.join(QLatin1Char('\t')) + QLatin1Char('\n');
    for (const int place : chosen) {
        const Row& row = m_rows[static_cast<std::size_t>(place)];
        line.clear();
        for (const jobs::RunColumn& column : m_view.columns) {
            line.append(cell(m_view.acrossSeeds
                                 ? textOf(column, row)
                                 : QString::fromStdString(jobs::exactText(
                                       column, jobs::valueOf(column, m_facts[row.runs.front()])))));
        }
        tsv += line.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return tsv;
}

std::string RunTableModel::toCsv() const
{
    if (m_view.acrossSeeds) {
        return jobs::toCsv(m_view.columns, m_facts, m_rows);
    }
    std::vector<std::size_t> order;
    for (const Row& row : m_rows) {
        order.push_back(row.runs.front());
    }
    return jobs::toCsv(m_view.columns, m_facts, order);
}

} // namespace dskd::ui
