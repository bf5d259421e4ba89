// What the cells of the table of runs show.

#include "core/jobs/comparison_table.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/feed/run_title.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/models/status_mark.h"
#include "ui/pages/table/run_table_model.h"

#include <QFont>
#include <algorithm>
#include <numeric>
#include <variant>

namespace dskd::ui
{
namespace
{

QString asText(const std::string& text)
{
    return text == "-" ? kMissing : shownName(text);
}

QString precise(const jobs::RunColumn& metric, double value)
{
    return QString::fromStdString(jobs::preciseText(metric.id, value));
}

bool isText(const jobs::RunColumn& column)
{
    return column.kind == jobs::ColumnKind::Text;
}

} // namespace

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
        shown += QStringLiteral("  (%1)").arg(
            QString::fromStdString(text::signedNumber(*delta * jobs::shownFactor(column), 3)));
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
                                .arg(precise(column, value.mean->mean),
                                     value.mean->count > 1 ? precise(column, value.mean->deviation) : kMissing)
                                .arg(value.mean->count)
                          : QString();
    }
    if (column.id == jobs::kNoteColumn) {
        return QString::fromStdString(first.row.note);
    }
    const jobs::RunValue value = jobs::valueOf(column, m_facts[row.runs.front()]);
    const double* number = std::get_if<double>(&value);
    return column.isShare && number != nullptr ? precise(column, *number)
                                               : QString::fromStdString(jobs::exactText(column, value));
}

QVariant RunTableModel::decorationOf(const jobs::RunColumn& column, const Row& row) const
{
    const RunRecord& run = (*m_runs)[row.runs.front()];
    if (column.id == jobs::kNameColumn) {
        return runSwatch(run.color);
    }
    const bool one = std::all_of(row.runs.begin(), row.runs.end(), [&](std::size_t place) {
        return (*m_runs)[place].status.status == run.status.status;
    });
    return column.id == jobs::kStatusColumn && one ? QVariant(statusMark(run.status.status)) : QVariant();
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
    case Qt::ToolTipRole: return plainHint(hintOf(column, row));
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
    case Qt::DisplayRole: return QString::fromStdString(jobs::shownTitle(column));
    case Qt::ToolTipRole: return plainHint(QString::fromStdString(column.id + "\n" + column.sentence).trimmed());
    case Qt::TextAlignmentRole:
        return static_cast<int>((isText(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default: return {};
    }
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
        line.append(cell(QString::fromStdString(jobs::shownTitle(column))));
    }
    tsv += line.join(QLatin1Char('\t')) + QLatin1Char('\n');
    for (const int place : chosen) {
        const Row& row = m_rows[static_cast<std::size_t>(place)];
        line.clear();
        for (const jobs::RunColumn& column : m_view.columns) {
            line.append(cell(m_view.acrossSeeds ? textOf(column, row)
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
