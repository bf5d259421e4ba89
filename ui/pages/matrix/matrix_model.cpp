#include "ui/pages/matrix/matrix_model.h"

#include "core/jobs/comparison_table.h"
#include "core/jobs/status.h"
#include "core/text/columns.h"
#include "core/text/numbers.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"
#include "ui/models/status_mark.h"

#include <QFont>
#include <QStringList>

namespace dskd::ui
{
namespace
{

const QString kBetween = QStringLiteral(" \u00b7 ");

QString toQt(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

QString joined(const std::vector<std::string>& values, const QString& between)
{
    QStringList parts;
    for (const std::string& value : values) {
        parts.append(shownName(value));
    }
    return parts.join(between);
}

// The middle of what is too long gives way: values differ at their ends. The whole is on hover.
QString elided(const std::vector<std::string>& values)
{
    constexpr int kWidestLabel = 40; // columns of text
    return toQt(text::elideMiddle(joined(values, kBetween).toStdString(), kWidestLabel));
}

QString fieldTitles(const std::vector<std::string>& fields)
{
    QStringList titles;
    for (const std::string& field : fields) {
        titles.append(toQt(jobs::axisTitle(field)));
    }
    return titles.join(QStringLiteral(", "));
}

QString missingText(const jobs::MatrixCell& cell)
{
    return cell.missing.size() == 1 ? MatrixModel::tr("the missing run")
                                    : MatrixModel::tr("the %1 missing runs").arg(cell.missing.size());
}

QIcon markOf(jobs::CellState state)
{
    switch (state) {
    case jobs::CellState::Running: return statusMark(jobs::Status::Running);
    case jobs::CellState::Queued: return statusMark(jobs::Status::Queued);
    case jobs::CellState::Stopped: return statusMark(jobs::Status::Stopped);
    case jobs::CellState::Failed: return statusMark(jobs::Status::Failed);
    case jobs::CellState::Created: // no mark: it does not wait for anything
    case jobs::CellState::Missing:
    case jobs::CellState::Excluded:
    case jobs::CellState::Same:
    case jobs::CellState::Done: break;
    }
    return {};
}

// Of a cell for screen readers, behind its text.
QString marksInWords(const jobs::MatrixCell& cell)
{
    QString words;
    if (cell.rank.mark == jobs::Mark::Best) {
        words += MatrixModel::tr(", the best");
    } else if (cell.rank.mark == jobs::Mark::Tie) {
        words += MatrixModel::tr(", tied with the best");
    }
    if (jobs::hasFormerRuns(cell)) {
        words += MatrixModel::tr(", has runs of a former revision");
    }
    return words;
}

} // namespace

void MatrixModel::setMatrix(jobs::Matrix matrix, jobs::Spread spread)
{
    const bool sameShape = matrix.rows == m_matrix.rows && matrix.columns == m_matrix.columns &&
                           matrix.rowFields == m_matrix.rowFields && matrix.columnFields == m_matrix.columnFields;
    if (!sameShape) {
        beginResetModel();
    }
    m_matrix = std::move(matrix);
    m_spread = spread;
    if (!sameShape) {
        endResetModel();
    } else if (!m_matrix.cells.empty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1); // without columns it names the metric
    }
}

const jobs::MatrixCell& MatrixModel::cellAt(const QModelIndex& index) const
{
    return m_matrix.cell(static_cast<std::size_t>(index.row()), static_cast<std::size_t>(index.column()));
}

QString MatrixModel::title() const
{
    const QString metric = toQt(texts().metric());
    return m_matrix.columnFields.empty()
               ? tr("%1 by %2").arg(metric, fieldTitles(m_matrix.rowFields))
               : tr("%1: %2 down, %3 across")
                     .arg(metric, fieldTitles(m_matrix.rowFields), fieldTitles(m_matrix.columnFields));
}

QString MatrixModel::legend() const
{
    QStringList notes;
    for (const std::string& note : texts().notes()) {
        notes.append(shownName(note));
    }
    return notes.join(QLatin1Char(' '));
}

QString MatrixModel::placeOf(const QModelIndex& index) const
{
    return placeText(static_cast<std::size_t>(index.row() * columnCount() + index.column()));
}

QString MatrixModel::placeText(std::size_t cell) const
{
    return shownName(jobs::placeText(m_matrix, cell));
}

QString MatrixModel::exactValue(const QModelIndex& index) const
{
    const jobs::MatrixCell& cell = cellAt(index);
    return cell.value ? toQt(text::exact(cell.value->mean)) : QString();
}

int MatrixModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_matrix.rows.size());
}

int MatrixModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_matrix.columns.size());
}

// What stands below the value: "+1.20 · n=3 · 1 running".
QString MatrixModel::secondLine(std::size_t at) const
{
    const jobs::MatrixCell& cell = m_matrix.cells[at];
    const jobs::MatrixText texts = this->texts();
    QStringList parts;
    if (cell.baseline == at) {
        parts.append(tr("baseline"));
    } else if (const std::string delta = texts.delta(cell); !delta.empty()) {
        parts.append(toQt(delta));
    }
    const std::string counts = texts.counts(cell);
    if (cell.value && !counts.starts_with("n=")) {
        parts.append(QStringLiteral("n=%1").arg(cell.value->count));
    }
    if (!counts.empty()) {
        parts.append(toQt(counts));
    }
    if (!cell.missing.empty()) {
        parts.append(jobs::isPlanned(cell)
                         ? counted(static_cast<std::int64_t>(cell.missing.size()), tr("run"), tr("runs"))
                         : tr("%1 missing").arg(cell.missing.size()));
    }
    return parts.join(kBetween);
}

QString MatrixModel::textOf(std::size_t at) const
{
    const jobs::MatrixCell& cell = m_matrix.cells[at];
    const jobs::MatrixText texts = this->texts();
    const std::string marks = texts.marks(cell);
    const QString value = toQt(texts.value(cell) + (marks.empty() ? "" : " " + marks));
    const QString below = secondLine(at);
    return below.isEmpty() ? value : value + QLatin1Char('\n') + below;
}

QString MatrixModel::accessibleLines(std::size_t at) const
{
    const QString value = toQt(texts().value(m_matrix.cells[at]));
    const QString below = secondLine(at).replace(QLatin1Char('\n'), QStringLiteral(", "));
    return below.isEmpty() ? value : value + QStringLiteral(", ") + below;
}

// The text for screen readers: marks are written as words.
QString MatrixModel::accessibleText(std::size_t at) const
{
    const jobs::MatrixCell& cell = m_matrix.cells[at];
    switch (cell.state) {
    case jobs::CellState::Missing: return jobs::isPlanned(cell) ? accessibleLines(at) : tr("missing");
    case jobs::CellState::Excluded: return tr("left out");
    case jobs::CellState::Same: return tr("the same runs as in %1").arg(placeText(*cell.sameAs));
    default: return accessibleLines(at);
    }
}

QString MatrixModel::hintOf(std::size_t at) const
{
    const jobs::MatrixCell& cell = m_matrix.cells[at];
    const auto precise = [this](double value) { return toQt(jobs::preciseText(m_matrix.metric, value)); };
    QStringList lines;
    if (cell.value) {
        QString line = tr("mean %1 over n = %2").arg(precise(cell.value->mean)).arg(cell.value->count);
        if (const auto spread = jobs::spreadOf(*cell.value, m_spread)) {
            const std::string_view title = jobs::rowOf(m_spread).title;
            line += tr(", %1 %2").arg(toQt(std::string(title)), precise(*spread));
        }
        lines.append(line);
    }
    QStringList seeds;
    for (const jobs::MatrixRun& run : cell.runs) {
        QStringList remarks;
        if (!run.counted || run.status != jobs::Status::Done) {
            remarks.append(statusText(run.status));
        }
        if (run.formerRevision) {
            remarks.append(tr("revision %1").arg(*run.formerRevision));
        }
        const QString seed = QString::number(run.seed);
        seeds.append(remarks.isEmpty() ? seed : tr("%1 (%2)").arg(seed, remarks.join(QStringLiteral(", "))));
    }
    if (!seeds.isEmpty()) {
        lines.append(tr("seeds %1").arg(seeds.join(QStringLiteral(", "))));
    }
    if (!cell.mixed.empty()) {
        lines.append(tr("Its runs differ in %1, so they have no mean.").arg(fieldTitles(cell.mixed)));
    }
    if (cell.rank.test) {
        const jobs::PairedTest& test = *cell.rank.test;
        const bool overSeeds = test.pairing == jobs::Pairing::Seeds;
        lines.append((overSeeds ? tr("p = %1 against %2: paired t-test over %3 shared seeds")
                                : tr("p = %1 against %2: paired bootstrap over %3 answers"))
                         .arg(toQt(text::number(test.p, 2)), placeText(*cell.rank.best), QString::number(test.pairs)));
    } else if (cell.rank.mark == jobs::Mark::Untested) {
        lines.append(*cell.rank.best == at ? tr("The best mean; no test against all others was possible.")
                                           : tr("No test against the best was possible."));
    }
    if (cell.delta) {
        lines.append(
            tr("%1 against %2").arg(toQt(jobs::preciseDelta(m_matrix.metric, *cell.delta)), placeText(*cell.baseline)));
    }
    if (!cell.missing.empty()) {
        lines.append((cell.state == jobs::CellState::Missing ? tr("Click, or press Enter, to queue %1.")
                                                             : tr("The menu queues %1."))
                         .arg(missingText(cell)));
    } else if (cell.state == jobs::CellState::Missing) {
        lines.append(tr("Missing: no run that is shown has these values."));
    } else if (cell.state == jobs::CellState::Excluded) {
        lines.append(tr("No run: the experiment excludes these values, or no run can have them together."));
    } else if (cell.state == jobs::CellState::Same) {
        lines.append(tr("The same runs as in %1: the field has no effect here.").arg(placeText(*cell.sameAs)));
    }
    return lines.join(QLatin1Char('\n'));
}

QVariant MatrixModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const auto at = static_cast<std::size_t>(index.row() * columnCount() + index.column());
    const jobs::MatrixCell& cell = m_matrix.cells[at];
    switch (role) {
    case Qt::DisplayRole: return textOf(at);
    case Qt::ToolTipRole: return plainHint(hintOf(at));
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1: %2%3").arg(placeOf(index), accessibleText(at), marksInWords(cell));
    case Qt::FontRole:
        if (cell.rank.mark == jobs::Mark::Best) {
            QFont font;
            font.setBold(true);
            return font;
        }
        return {};
    case Qt::ForegroundRole: return cell.value ? QVariant() : QVariant(ui::palette().muted);
    case Qt::BackgroundRole: return cell.baseline == at ? QVariant(ui::palette().sunken) : QVariant();
    case Qt::DecorationRole: {
        const QIcon mark = markOf(cell.state);
        return mark.isNull() ? QVariant() : QVariant(mark);
    }
    case Qt::TextAlignmentRole: return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    default: return {};
    }
}

QVariant MatrixModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    const auto& labels = orientation == Qt::Horizontal ? m_matrix.columns : m_matrix.rows;
    const auto& fields = orientation == Qt::Horizontal ? m_matrix.columnFields : m_matrix.rowFields;
    if (section < 0 || static_cast<std::size_t>(section) >= labels.size()) {
        return {};
    }
    const std::vector<std::string>& values = labels[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) {
        return values.empty() && orientation == Qt::Horizontal ? toQt(texts().metric()) : elided(values);
    }
    if (role == Qt::AccessibleTextRole && !values.empty()) {
        return joined(values, kBetween);
    }
    if (role == Qt::ToolTipRole) {
        QStringList lines;
        for (std::size_t f = 0; f < fields.size(); ++f) {
            lines.append(QStringLiteral("%1 = %2").arg(toQt(fields[f]), shownName(values[f])));
        }
        return plainHint(lines.join(QLatin1Char('\n')));
    }
    if (role == Qt::TextAlignmentRole) {
        return static_cast<int>((orientation == Qt::Horizontal ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    return {};
}

} // namespace dskd::ui
