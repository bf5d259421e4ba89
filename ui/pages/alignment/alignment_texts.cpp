#include "ui/pages/alignment/alignment_texts.h"

#include "core/align/map_cut.h"
#include "core/config/schema/alignment.h"
#include "core/config/schema/row_names.h"
#include "core/text/numbers.h"
#include "ui/look/format.h"
#include "ui/pages/alignment/attention_store.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/shared/probed_samples.h"

#include <QObject>
#include <QStringList>
#include <algorithm>

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

align::MapSide rowsOf(const store::HeatMapRow& map)
{
    return {map.rowTokens.size(), map.wholeRows};
}

align::MapSide columnsOf(const store::HeatMapRow& map)
{
    return {map.columnTokens.size(), map.wholeColumns};
}

QString number(float value)
{
    return QString::fromStdString(text::number(static_cast<double>(value)));
}

QString quoted(const std::string& text)
{
    return QStringLiteral("\u201c%1\u201d").arg(viz::visibleToken(QString::fromStdString(text)));
}

// The text between the first and last of these tokens, with its place in bytes; nothing for control tokens.
QString textOf(const std::string& answer, const std::vector<align::MarkedToken>& tokens, std::size_t begin,
               std::size_t end)
{
    if (begin >= end || end > tokens.size()) {
        return {};
    }
    const std::size_t from = std::min<std::size_t>(tokens[begin].span.begin, answer.size());
    const std::size_t to = std::min<std::size_t>(tokens[end - 1].span.end, answer.size());
    return to > from ? QObject::tr("text %1, bytes %2 to %3")
                           .arg(quoted(answer.substr(from, to - from)), QString::number(from), QString::number(to))
                     : QObject::tr("no text");
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

QString axisTitle(const store::HeatMapRow& map, bool ofRows)
{
    const QString model = align::rowsAreTeacher(map.name) == ofRows ? QObject::tr("teacher") : QObject::tr("student");
    const align::MapSide side = ofRows ? rowsOf(map) : columnsOf(map);
    if (!side.isCut()) {
        return model;
    }
    const QString recorded = QString::number(side.recorded);
    return side.whole ? QObject::tr("%1, first %2 of %3 tokens").arg(model, recorded, QString::number(*side.whole))
                      : QObject::tr("%1, first %2 tokens").arg(model, recorded);
}

QString cutNote(const store::HeatMapRow& map)
{
    return QString::fromStdString(align::mapCutText(map.name, rowsOf(map), columnsOf(map)));
}

QString noAlignedRunShown()
{
    return QObject::tr("No run is shown. Check the box of a run that aligns tokens to see how.");
}

QString noRunAligns(std::size_t shownRuns)
{
    const QString runs = shownRuns == 1 ? QObject::tr("The shown run does not align")
                                        : QObject::tr("None of the %1 shown runs aligns").arg(shownRuns);
    const auto names = [](auto holds) {
        return QString::fromStdString(config::namesOf(config::kAlignments, holds, " or "));
    };
    return QObject::tr(
               "%1 the tokens of two tokenizers. Runs with method.alignment = %2 do; those with %3 record maps every "
               "log.probe_every steps for %4.")
        .arg(runs, names([](const config::AlignmentRow& row) {
                 return row.attends || row.pairsRows || row.matchesSpellings;
             }),
             names([](const config::AlignmentRow& row) { return row.attends || row.pairsRows; }), probedSamples());
}

QString noMap(const config::AlignmentRow& alignment)
{
    const QString name = QString::fromUtf8(alignment.name.data(), static_cast<qsizetype>(alignment.name.size()));
    if (!alignment.attends && !alignment.pairsRows) {
        return QObject::tr(
                   "Runs with method.alignment = %1 record no map: their pairs do not change while they train. The "
                   "tokens above show them.")
            .arg(name);
    }
    return alignment.attends
               ? QObject::tr("No attention of this sample is recorded. Runs with method.alignment = %1 record it every "
                             "log.probe_every steps, for %2.")
                     .arg(name, probedSamples())
               : QObject::tr("No pairs of this sample are recorded. Runs with method.alignment = %1 record them once, "
                             "before the first step, for %2.")
                     .arg(name, probedSamples());
}

QString coverageHeadline(const align::CoverageReport& report)
{
    if (report.coverage.samples() == 0) {
        return QObject::tr("coverage –");
    }
    return QObject::tr("coverage %1 (worst sample %2)")
        .arg(percent(align::shareOf(report.coverage.alignedTokens(), report.coverage.studentTokens())),
             percent(report.samples.front().share()));
}

QString coverageNotes(const preflight::RunCoverage& coverage)
{
    const align::CoverageReport& report = coverage.report();
    const config::AlignmentRow& alignment = config::rowOf(report.alignment);
    const std::int64_t tokens = report.coverage.studentTokens();
    QStringList notes;
    notes << (report.coverage.samples() == 1 ? QObject::tr("%1, %2 sample of %3") : QObject::tr("%1, %2 samples of %3"))
                 .arg(QString::fromUtf8(alignment.name.data(), static_cast<qsizetype>(alignment.name.size())),
                      whole(report.coverage.samples()), QString::fromStdString(coverage.file().filename().string()));
    notes << QObject::tr("%1 %2, %3 %4, %5 %6")
                 .arg(markName(align::Mark::Exact, alignment), percent(align::shareOf(report.exact(), tokens)),
                      markName(align::Mark::Chunk, alignment), percent(align::shareOf(report.inChunk(), tokens)),
                      markName(align::Mark::Unaligned, alignment),
                      percent(align::shareOf(tokens - report.exact() - report.inChunk(), tokens)));
    if (report.other && report.other->coverage.alignedTokens() != report.coverage.alignedTokens()) {
        const std::string_view other = config::rowOf(report.other->alignment).name;
        notes << QObject::tr("%1 reaches %2")
                     .arg(QString::fromUtf8(other.data(), static_cast<qsizetype>(other.size())),
                          percent(align::shareOf(report.other->coverage.alignedTokens(), tokens)));
    }
    if (alignment.attends && !alignment.withinChunks) {
        notes << QObject::tr("attention weighs all tokens, those with an exact partner count");
    }
    if (report.unscored > 0) {
        notes << QObject::tr("%1 samples have no token within data.max_length").arg(whole(report.unscored));
    }
    if (!coverage.remark().empty()) {
        notes << QString::fromStdString(coverage.remark());
    }
    return notes.join(QStringLiteral(" \u00b7 "));
}

QString readout(const store::HeatMapRow& left, const std::optional<store::HeatMapRow>& right,
                const std::optional<QPoint>& cell)
{
    const auto value = cell ? valueAt(left, *cell) : std::nullopt;
    if (!value) {
        return QObject::tr("Point at a cell or a token to read its attention.");
    }
    const bool teacherRows = align::rowsAreTeacher(left.name);
    const QString row = QString::fromStdString(left.rowTokens[static_cast<std::size_t>(cell->y())]);
    const QString column = QString::fromStdString(left.columnTokens[static_cast<std::size_t>(cell->x())]);
    QString text = QObject::tr("%1 \u201c%2\u201d \u2190 %3 \u201c%4\u201d: %5")
                       .arg(teacherRows ? QObject::tr("teacher") : QObject::tr("student"), row,
                            teacherRows ? QObject::tr("student") : QObject::tr("teacher"), column, number(*value));
    if (const auto other = right ? valueAt(*right, *cell) : std::nullopt) {
        text +=
            QObject::tr("; beside it %1, difference %2")
                .arg(number(*other), QString::fromStdString(text::signedNumber(static_cast<double>(*value - *other))));
    }
    return text;
}

std::vector<RowToken> rowTokens(const preflight::SampleRows& rows, bool ofTeacher,
                                const config::AlignmentRow& alignment)
{
    const std::vector<align::MarkedToken>& marked = ofTeacher ? rows.marked.teacher : rows.marked.student;
    const std::vector<std::string>& labels = ofTeacher ? rows.teacherLabels : rows.studentLabels;
    std::vector<RowToken> tokens;
    tokens.reserve(marked.size());
    for (std::size_t i = 0; i < marked.size(); ++i) {
        tokens.push_back({QString::fromStdString(labels[i]), marked[i].mark, marked[i].partnerBegin,
                          marked[i].partnerEnd, tokenDetail(rows, ofTeacher, i, alignment)});
    }
    return tokens;
}

QString tokenDetail(const preflight::SampleRows& rows, bool ofTeacher, std::size_t token,
                    const config::AlignmentRow& alignment)
{
    const auto& marked = ofTeacher ? rows.marked.teacher : rows.marked.student;
    const auto& others = ofTeacher ? rows.marked.student : rows.marked.teacher;
    const auto& labels = ofTeacher ? rows.teacherLabels : rows.studentLabels;
    const auto& otherLabels = ofTeacher ? rows.studentLabels : rows.teacherLabels;
    const align::MarkedToken& one = marked[token];
    const QString side = ofTeacher ? QObject::tr("teacher") : QObject::tr("student");
    const QString otherSide = ofTeacher ? QObject::tr("student") : QObject::tr("teacher");
    QString text = QObject::tr("%1 %2 (%3): %4")
                       .arg(side, quoted(labels[token]), textOf(rows.text, marked, token, token + 1),
                            markName(one.mark, alignment));
    QStringList partners;
    for (std::int32_t i = one.partnerBegin; i < one.partnerEnd; ++i) {
        partners << quoted(otherLabels[static_cast<std::size_t>(i)]);
    }
    if (!partners.isEmpty()) {
        text += QObject::tr(" \u2194 %1 %2 (%3)")
                    .arg(otherSide, partners.join(QLatin1Char(' ')),
                         textOf(rows.text, others, static_cast<std::size_t>(one.partnerBegin),
                                static_cast<std::size_t>(one.partnerEnd)));
    }
    return text;
}

} // namespace dskd::ui
