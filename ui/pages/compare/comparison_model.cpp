#include "ui/pages/compare/comparison_model.h"

#include "core/jobs/run_facts.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"

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

QString exact(const std::string& metric, double value)
{
    return QString::fromStdString(jobs::preciseText(metric, value));
}

// None of its runs has come to its end, and one goes on.
bool stillRuns(const jobs::ComparisonRow& row)
{
    return row.done == 0 && row.running > 0;
}

} // namespace

ComparisonModel::ComparisonModel(QObject* parent) : QAbstractTableModel(parent) {}

void ComparisonModel::setTable(jobs::ComparisonTable table, std::vector<QColor> colors)
{
    std::vector<Column> columns{{Kind::Label, 0}};
    const auto addResult = [&](std::size_t metric) {
        columns.push_back({Kind::Value, metric});
        if (table.rows.size() > 1 && metrics::betterOf(table.metrics[metric]) != metrics::Better::Unknown) {
            columns.push_back({Kind::Delta, metric});
        }
    };
    if (!table.metrics.empty()) {
        addResult(0); // in sight beside the names, however many fields differ
    }
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
        columns.push_back({Kind::Field, i});
    }
    columns.push_back({Kind::Seeds, 0});
    for (std::size_t i = 1; i < table.metrics.size(); ++i) {
        addResult(i);
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
    case Kind::Value: {
        const jobs::ComparisonCell& cell = row.cells[column.index];
        const QString value = withDash(jobs::summaryText(m_table.metrics[column.index], cell.value));
        return cell.rank.mark == jobs::Mark::Tie
                   ? QStringLiteral("%1 %2").arg(value, QString::fromStdString(jobs::tieMark(false)))
                   : value;
    }
    case Kind::Delta: break;
    }
    const jobs::ComparisonCell& cell = row.cells[column.index];
    if (row.baseline && cell.value) {
        return tr("baseline");
    }
    return cell.delta ? QString::fromStdString(jobs::deltaText(m_table.metrics[column.index], *cell.delta)) : kMissing;
}

QString ComparisonModel::seedsHint(const jobs::ComparisonRow& row) const
{
    QStringList seeds;
    for (const std::uint64_t seed : row.seedsCounted) {
        seeds.append(QString::number(seed));
    }
    QString hint = tr("%1 of %2 done; values are means over seed %3")
                       .arg(row.done)
                       .arg(counted(row.seeds, tr("seed"), tr("seeds")), seeds.join(QStringLiteral(", ")));
    if (row.running > 0) {
        hint += tr("; %1 still working").arg(counted(row.running, tr("run is"), tr("runs are")));
    }
    if (row.runs > row.seeds) {
        hint += tr(". Of %1 those that repeat a seed do not count.").arg(counted(row.runs, tr("run"), tr("runs")));
    }
    return hint;
}

// How it stands to the best of the rows that it compares with, as the end of a sentence.
QString ComparisonModel::rankHint(const jobs::Rank& rank) const
{
    if (rank.test) {
        const QString best = shownName(m_table.rows[*rank.best].label);
        const bool overSeeds = rank.test->pairing == jobs::Pairing::Seeds;
        return (overSeeds ? tr("; p = %1 against %2: paired t-test over %3 shared seeds")
                          : tr("; p = %1 against %2: paired bootstrap over %3 answers"))
            .arg(QString::fromStdString(text::number(rank.test->p, 2)), best, QString::number(rank.test->pairs));
    }
    switch (rank.mark) {
    case jobs::Mark::Best: return tr("; better by a test than every other row that it may be compared with");
    case jobs::Mark::Tie: return tr("; among the best: by a test no different from the others with this mark");
    case jobs::Mark::Untested:
        return tr("; not tested: it takes %1 seeds in common, or of ROUGE-L %2 answers")
            .arg(jobs::kFewestSeeds)
            .arg(jobs::kFewestSamples);
    case jobs::Mark::Worse:
    case jobs::Mark::None: break;
    }
    return {};
}

QString ComparisonModel::hintOf(const jobs::ComparisonRow& row, const Column& column) const
{
    if (column.kind == Kind::Seeds) {
        return seedsHint(row);
    }
    if (column.kind == Kind::Value && row.cells[column.index].value) {
        const jobs::Summary& value = *row.cells[column.index].value;
        const std::string& metric = m_table.metrics[column.index];
        QString hint = tr("mean %1 over n = %2").arg(exact(metric, value.mean)).arg(value.count);
        if (value.count > 1) {
            hint += tr(", standard deviation %1").arg(exact(metric, value.deviation));
        }
        if (stillRuns(row)) {
            hint += tr("; so far: the run goes on");
        }
        return hint + rankHint(row.cells[column.index].rank);
    }
    if (column.kind == Kind::Delta && row.cells[column.index].delta) {
        const std::optional<std::size_t> base = row.cells[column.index].baseline;
        return tr("%1 against %2")
            .arg(QString::fromStdString(
                     jobs::preciseDelta(m_table.metrics[column.index], *row.cells[column.index].delta)),
                 base ? shownName(m_table.rows[*base].label) : tr("the baseline"));
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
    case Qt::ToolTipRole: return plainHint(hintOf(row, column));
    case Qt::FontRole: {
        const bool bold = column.kind == Kind::Value && row.cells[column.index].rank.mark == jobs::Mark::Best;
        const bool italic = column.kind == Kind::Value && stillRuns(row); // values so far
        if (!bold && !italic) {
            return {};
        }
        QFont font;
        font.setBold(bold);
        font.setItalic(italic);
        return font;
    }
    case Qt::ForegroundRole:
        return column.kind == Kind::Value && stillRuns(row) ? QVariant(palette().muted) : QVariant();
    case Qt::TextAlignmentRole:
        return static_cast<int>((isLeft(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::DecorationRole:
        return column.kind == Kind::Label && at < m_colors.size() ? QVariant(m_colors[at]) : QVariant();
    default: return {};
    }
}

bool ComparisonModel::isLeft(const Column& column)
{
    return column.kind == Kind::Label || column.kind == Kind::Field;
}

QString ComparisonModel::titleOf(const Column& column) const
{
    switch (column.kind) {
    case Kind::Label: return tr("runs");
    case Kind::Seeds: return tr("seeds");
    case Kind::Field: return QString::fromStdString(jobs::fieldTitle(m_table.fields[column.index]));
    case Kind::Value: return QString::fromStdString(metrics::shownTitle(m_table.metrics[column.index]));
    case Kind::Delta: break;
    }
    return QStringLiteral("\u0394");
}

QString ComparisonModel::sentenceOf(const Column& column) const
{
    if (column.kind == Kind::Delta) {
        return tr("%1: difference to the baseline's mean")
            .arg(QString::fromStdString(metrics::titleOf(m_table.metrics[column.index])));
    }
    if (column.kind == Kind::Value) {
        const std::string& metric = m_table.metrics[column.index];
        return QString::fromStdString(metric + "\n" + metrics::descriptionOf(metric)).trimmed();
    }
    if (column.kind != Kind::Field) {
        return titleOf(column);
    }
    const std::string& field = m_table.fields[column.index];
    for (const jobs::RunFact& fact : jobs::runFacts()) {
        if (fact.id == field) {
            return QString::fromUtf8(fact.sentence.data(), static_cast<qsizetype>(fact.sentence.size()));
        }
    }
    return QString::fromStdString(field);
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return {};
    }
    const Column& column = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::TextAlignmentRole:
        return static_cast<int>((isLeft(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole: return plainHint(sentenceOf(column));
    case Qt::DisplayRole: return titleOf(column);
    default: return {};
    }
}

QString ComparisonModel::toTsv() const
{
    const auto oneLine = [](QString cell) { return cell.replace(QLatin1Char('\t'), QLatin1Char(' ')); };
    QStringList lines;
    QStringList line;
    for (const Column& column : m_columns) {
        line.append(oneLine(titleOf(column)));
    }
    lines.append(line.join(QLatin1Char('\t')));
    for (const jobs::ComparisonRow& row : m_table.rows) {
        line.clear();
        for (const Column& column : m_columns) {
            line.append(oneLine(textOf(row, column)));
        }
        lines.append(line.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace dskd::ui
