#include "ui/pages/alignment/alignment_texts.h"

#include "core/config/schema/alignment.h"
#include "core/config/schema/row_names.h"
#include "core/text/numbers.h"
#include "ui/pages/alignment/attention_store.h"

namespace dskd::ui
{
namespace
{

QStringList toTexts(const std::vector<std::string>& tokens)
{
    QStringList texts;
    texts.reserve(static_cast<qsizetype>(tokens.size()));
    for (const std::string& token : tokens) {
        texts.append(QString::fromStdString(token));
    }
    return texts;
}

std::optional<float> valueAt(const store::HeatMapRow& map, const QPoint& cell)
{
    const auto row = static_cast<std::size_t>(cell.y());
    const auto column = static_cast<std::size_t>(cell.x());
    if (cell.y() < 0 || cell.x() < 0 || row >= map.rowTokens.size() || column >= map.columnTokens.size()) {
        return std::nullopt;
    }
    return map.values[row * map.columnTokens.size() + column];
}

QString number(float value)
{
    return QString::fromStdString(text::number(static_cast<double>(value)));
}

} // namespace

viz::HeatMap toHeatMap(const store::HeatMapRow& row)
{
    return {toTexts(row.rowTokens), toTexts(row.columnTokens), row.values};
}

QString mapTitle(const std::string& name)
{
    if (name.ends_with("t2s")) {
        return QStringLiteral("teacher \u2192 student");
    }
    if (name.ends_with("s2t")) {
        return QStringLiteral("student \u2192 teacher");
    }
    return QString::fromStdString(name);
}

QString noAttentionRunShown()
{
    return QStringLiteral("No run is shown. Check the box of a run that aligns tokens to see its attention.");
}

QString noMapRecorded(std::size_t shownRuns)
{
    const QString runs = shownRuns == 1 ? QStringLiteral("The shown run has")
                                        : QStringLiteral("None of the %1 shown runs has").arg(shownRuns);
    const QString none =
        shownRuns == 1 ? QStringLiteral("no recorded attention") : QStringLiteral("recorded attention");
    const std::string alignments = config::namesOf(
        config::kAlignments, [](const config::AlignmentRow& row) { return row.attends || row.pairsRows; }, " or ");
    return QStringLiteral("%1 %2. Only runs with method.alignment = %3 record it, every log.probe_every steps for "
                          "log.probe_samples samples of the validation data.")
        .arg(runs, none, QString::fromStdString(alignments));
}

QString readout(const store::HeatMapRow& left, const std::optional<store::HeatMapRow>& right,
                const std::optional<QPoint>& cell)
{
    const auto value = cell ? valueAt(left, *cell) : std::nullopt;
    if (!value) {
        return QStringLiteral("Point at a cell or a token to read its attention.");
    }
    const bool teacherRows = rowsAreTeacher(left.name);
    const QString row = QString::fromStdString(left.rowTokens[static_cast<std::size_t>(cell->y())]);
    const QString column = QString::fromStdString(left.columnTokens[static_cast<std::size_t>(cell->x())]);
    QString text =
        QStringLiteral("%1 \u201c%2\u201d \u2190 %3 \u201c%4\u201d: %5")
            .arg(teacherRows ? QStringLiteral("teacher") : QStringLiteral("student"), row,
                 teacherRows ? QStringLiteral("student") : QStringLiteral("teacher"), column, number(*value));
    if (const auto other = right ? valueAt(*right, *cell) : std::nullopt) {
        text +=
            QStringLiteral("; beside it %1, difference %2")
                .arg(number(*other), QString::fromStdString(text::signedNumber(static_cast<double>(*value - *other))));
    }
    return text;
}

} // namespace dskd::ui
