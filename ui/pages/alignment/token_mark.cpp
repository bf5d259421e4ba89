#include "ui/pages/alignment/token_mark.h"

#include "ui/look/theme.h"

#include <QFontMetrics>
#include <QObject>
#include <QPainter>

namespace dskd::ui
{
namespace
{

constexpr align::Mark kMarks[] = {align::Mark::Exact, align::Mark::Chunk, align::Mark::Unaligned};
constexpr double kRadius = 4.0;
constexpr int kShapeWidth = 14;

} // namespace

QColor markColor(align::Mark mark)
{
    const Palette& colors = ui::palette();
    switch (mark) {
    case align::Mark::Exact: return colors.good;
    case align::Mark::Chunk: return colors.warn;
    case align::Mark::Unaligned: break;
    }
    return colors.bad;
}

void paintMark(QPainter& painter, align::Mark mark, const QPointF& centre, double radius)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = markColor(mark);
    painter.setPen(QPen(color, 1.5));
    painter.setBrush(mark == align::Mark::Unaligned ? QBrush(Qt::NoBrush) : QBrush(color));
    if (mark == align::Mark::Chunk) {
        painter.drawPolygon(QPolygonF({centre - QPointF(0, radius), centre + QPointF(radius, 0),
                                       centre + QPointF(0, radius), centre - QPointF(radius, 0)}));
    } else {
        painter.drawEllipse(centre, radius * 0.85, radius * 0.85);
    }
    painter.restore();
}

QString markName(align::Mark mark, const config::AlignmentRow& alignment)
{
    switch (mark) {
    case align::Mark::Exact:
        return alignment.matchesSpellings  ? QObject::tr("matched")
               : alignment.pairsByNumber() ? QObject::tr("same place")
                                           : QObject::tr("exact");
    case align::Mark::Chunk: return QObject::tr("chunk");
    case align::Mark::Unaligned: break;
    }
    return QObject::tr("unaligned");
}

QString markSentence(align::Mark mark, const config::AlignmentRow& alignment)
{
    switch (mark) {
    case align::Mark::Exact:
        return alignment.matchesSpellings
                   ? QObject::tr("One token of the other side is nearest in spelling, and lies over it.")
               : alignment.pairsByNumber() ? QObject::tr("The other side has a token at the same place.")
                                           : QObject::tr("One token of the other side stands for the same text.");
    case align::Mark::Chunk:
        return isCovered(alignment, mark)
                   ? QObject::tr("Both sides cut this piece of text at its ends, and differently inside. The alignment "
                                 "compares its tokens.")
                   : QObject::tr("Both sides cut this piece of text at its ends, and differently inside. The alignment "
                                 "does not count its tokens.");
    case align::Mark::Unaligned: break;
    }
    return QObject::tr("No token of the other side belongs to it.");
}

MarkLegend::MarkLegend(QWidget* parent) : QWidget(parent), m_alignment(config::rowOf(config::Alignment::Eta))
{
    setObjectName(QStringLiteral("markLegend"));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAlignment(m_alignment);
}

void MarkLegend::setAlignment(const config::AlignmentRow& alignment)
{
    m_alignment = alignment;
    QStringList names;
    QStringList sentences;
    for (const align::Mark mark : kMarks) {
        names << markName(mark, m_alignment);
        sentences << markName(mark, m_alignment) + QStringLiteral(": ") + markSentence(mark, m_alignment);
    }
    setAccessibleName(tr("Legend: %1").arg(names.join(QStringLiteral(", "))));
    setToolTip(sentences.join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

QSize MarkLegend::sizeHint() const
{
    const QFontMetrics metrics(font());
    int width = 0;
    for (const align::Mark mark : kMarks) {
        width += kShapeWidth + metrics.horizontalAdvance(markName(mark, m_alignment)) + kSpace3;
    }
    return {width, metrics.height()};
}

void MarkLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QFontMetrics metrics(font());
    int left = 0;
    for (const align::Mark mark : kMarks) {
        const QString name = markName(mark, m_alignment);
        paintMark(painter, mark, QPointF(left + kRadius + 1, height() / 2.0), kRadius);
        painter.setPen(ui::palette().muted);
        const int width = metrics.horizontalAdvance(name);
        painter.drawText(QRect(left + kShapeWidth, 0, width + 1, height()), Qt::AlignLeft | Qt::AlignVCenter, name);
        left += kShapeWidth + width + kSpace3;
    }
}

} // namespace dskd::ui
