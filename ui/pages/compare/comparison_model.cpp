#include "ui/pages/compare/comparison_model.h"

#include "core/config/schema/experiment_json.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/look/format.h"
#include "ui/pages/shared/point_export.h"

#include <QFont>
#include <algorithm>
#include <filesystem>

namespace dskd::ui
{
namespace
{

QString withDash(const std::string& text)
{
    return text.empty() || text == "-" ? kMissing : QString::fromStdString(text);
}

QString exact(double value)
{
    return QString::fromStdString(text::exact(value));
}

} // namespace

ComparisonModel::ComparisonModel(QObject* parent) : QAbstractTableModel(parent) {}

void ComparisonModel::setTable(jobs::ComparisonTable table, std::vector<QColor> colors)
{
    std::vector<Column> columns{{Kind::Label, 0}, {Kind::Seeds, 0}};
    // The results first: what a narrow window hides is how the runs differ, which their names show too.
    for (std::size_t i = 0; i < table.metrics.size(); ++i) {
        columns.push_back({Kind::Value, i});
        if (table.rows.size() > 1 && metrics::betterOf(table.metrics[i]) != metrics::Better::Unknown) {
            columns.push_back({Kind::Delta, i});
        }
    }
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
        columns.push_back({Kind::Field, i});
    }
    const bool sameShape = columns == m_columns && table.fields == m_table.fields && table.metrics == m_table.metrics &&
                           table.rows.size() == m_table.rows.size();
    if (!sameShape) {
        beginResetModel();
    }
    m_table = std::move(table);
    m_columns = std::move(columns);
    m_colors = std::move(colors);
    if (!sameShape) {
        endResetModel();
    } else if (!m_table.rows.empty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    }
}

int ComparisonModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

// Of a path its last folder, as long as that still distinguishes the rows.
QString ComparisonModel::fieldText(const jobs::ComparisonRow& row, std::size_t field) const
{
    const auto shortened = [field](const jobs::ComparisonRow& of) {
        const std::string& value = of.fields[field];
        return value.starts_with('/') ? std::filesystem::path(value).filename().string() : value;
    };
    const bool ambiguous = std::any_of(m_table.rows.begin(), m_table.rows.end(), [&](const jobs::ComparisonRow& other) {
        return other.fields[field] != row.fields[field] && shortened(other) == shortened(row);
    });
    return withDash(ambiguous ? row.fields[field] : shortened(row));
}

QString ComparisonModel::textOf(const jobs::ComparisonRow& row, const Column& column) const
{
    switch (column.kind) {
    case Kind::Label: return shownName(row.label);
    case Kind::Seeds: return QString::fromStdString(jobs::seedsText(row));
    case Kind::Field: return fieldText(row, column.index);
    case Kind::Value: return withDash(jobs::summaryText(row.cells[column.index].value));
    case Kind::Delta: break;
    }
    const jobs::ComparisonCell& cell = row.cells[column.index];
    if (row.baseline && cell.value) {
        return QStringLiteral("baseline");
    }
    return cell.delta ? QString::fromStdString(text::signedNumber(*cell.delta, 3)) : kMissing;
}

QString ComparisonModel::hintOf(const jobs::ComparisonRow& row, const Column& column) const
{
    if (column.kind == Kind::Seeds) {
        return QStringLiteral("%1 of %2 seeds are done; values are means over %3%4")
            .arg(row.done)
            .arg(row.seeds)
            .arg(row.done > 0 ? QStringLiteral("those") : QStringLiteral("all of them"))
            .arg(row.runs > row.seeds
                     ? QStringLiteral(". Of %1 runs those that repeat a seed do not count.").arg(row.runs)
                     : QString());
    }
    if (column.kind == Kind::Value && row.cells[column.index].value) {
        const jobs::Summary& value = *row.cells[column.index].value;
        QString hint = QStringLiteral("mean %1 over n = %2").arg(exact(value.mean)).arg(value.count);
        if (value.count > 1) {
            hint += QStringLiteral(", standard deviation %1").arg(exact(value.deviation));
        }
        return row.cells[column.index].best ? hint + QStringLiteral("; the best of the comparable rows") : hint;
    }
    if (column.kind == Kind::Delta && row.cells[column.index].delta) {
        const std::optional<std::size_t> base = row.cells[column.index].baseline;
        return QStringLiteral("%1 against %2")
            .arg(exact(*row.cells[column.index].delta),
                 base ? shownName(m_table.rows[*base].label) : QStringLiteral("the baseline"));
    }
    return column.kind == Kind::Field ? withDash(row.fields[column.index]) : textOf(row, column);
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const auto at = static_cast<std::size_t>(index.row());
    const jobs::ComparisonRow& row = m_table.rows[at];
    const Column& column = m_columns[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole: return textOf(row, column);
    case Qt::ToolTipRole: return hintOf(row, column);
    case Qt::FontRole:
        if (column.kind == Kind::Value && row.cells[column.index].best) {
            QFont font;
            font.setBold(true);
            return font;
        }
        return {};
    case Qt::TextAlignmentRole:
        return static_cast<int>(
            (column.kind == Kind::Label || column.kind == Kind::Field ? Qt::AlignLeft : Qt::AlignRight) |
            Qt::AlignVCenter);
    case Qt::DecorationRole:
        return column.kind == Kind::Label && at < m_colors.size() ? QVariant(m_colors[at]) : QVariant();
    default: return {};
    }
}

QString ComparisonModel::titleOf(const Column& column) const
{
    switch (column.kind) {
    case Kind::Label: return QStringLiteral("runs");
    case Kind::Seeds: return QStringLiteral("seeds");
    case Kind::Field: return QString::fromStdString(config::shortField(m_table.fields[column.index]));
    case Kind::Value: return QString::fromStdString(metrics::titleOf(m_table.metrics[column.index]));
    case Kind::Delta: break;
    }
    return QStringLiteral("\u0394");
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return {};
    }
    const Column& column = m_columns[static_cast<std::size_t>(section)];
    const bool left = column.kind == Kind::Label || column.kind == Kind::Field;
    if (role == Qt::TextAlignmentRole) {
        return static_cast<int>((left ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole) {
        return column.kind == Kind::Delta
                   ? QStringLiteral("%1: difference to the baseline's mean")
                         .arg(QString::fromStdString(metrics::titleOf(m_table.metrics[column.index])))
               : column.kind == Kind::Field ? QString::fromStdString(m_table.fields[column.index])
               : column.kind == Kind::Value ? QString::fromStdString(m_table.metrics[column.index])
                                            : titleOf(column);
    }
    return role == Qt::DisplayRole ? titleOf(column) : QVariant();
}

text::Table ComparisonModel::toText() const
{
    text::Table result;
    for (const Column& column : m_columns) {
        const bool left = column.kind == Kind::Label || column.kind == Kind::Field;
        result.columns.push_back({titleOf(column).toStdString(), left ? text::Align::Left : text::Align::Right});
    }
    for (const jobs::ComparisonRow& row : m_table.rows) {
        std::vector<text::Cell> cells;
        for (const Column& column : m_columns) {
            cells.push_back(
                {textOf(row, column).toStdString(), column.kind == Kind::Value && row.cells[column.index].best});
        }
        result.rows.push_back(std::move(cells));
    }
    return result;
}

QString ComparisonModel::toTsv() const
{
    const text::Table table = toText();
    QStringList lines;
    QStringList line;
    const auto add = [&](const std::string& cell) {
        line.append(QString::fromStdString(cell).replace(QLatin1Char('\t'), QLatin1Char(' ')));
    };
    for (const text::Column& column : table.columns) {
        add(column.title);
    }
    lines.append(line.join(QLatin1Char('\t')));
    for (const auto& row : table.rows) {
        line.clear();
        for (const text::Cell& cell : row) {
            add(cell.text);
        }
        lines.append(line.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

QString ComparisonModel::toCsv() const
{
    QStringList header{QStringLiteral("runs"), QStringLiteral("seeds"), QStringLiteral("done")};
    for (const std::string& field : m_table.fields) {
        header.append(csvField(QString::fromStdString(field)));
    }
    for (const std::string& metric : m_table.metrics) {
        for (const char* part : {".mean", ".deviation", ".n", ".delta"}) {
            header.append(csvField(QString::fromStdString(metric + part)));
        }
    }
    QString csv = header.join(QLatin1Char(',')) + QLatin1Char('\n');
    for (const jobs::ComparisonRow& row : m_table.rows) {
        QStringList line{csvField(QString::fromStdString(row.label)), QString::number(row.seeds),
                         QString::number(row.done)};
        for (const std::string& value : row.fields) {
            line.append(csvField(value == "-" ? QString() : QString::fromStdString(value)));
        }
        for (const jobs::ComparisonCell& cell : row.cells) {
            line.append(cell.value ? exact(cell.value->mean) : QString());
            line.append(cell.value && cell.value->count > 1 ? exact(cell.value->deviation) : QString());
            line.append(cell.value ? QString::number(cell.value->count) : QString());
            line.append(cell.delta ? exact(*cell.delta) : QString());
        }
        csv += line.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return csv;
}

} // namespace dskd::ui
