#include "viz/box_paint.h"

#include "viz/axis_scale.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QPainter>
#include <algorithm>

namespace dskd::viz
{
namespace
{

constexpr double kPad = 8.0;
constexpr double kPixelsPerTick = 26.0;
constexpr double kWidestBox = 64.0;
constexpr double kOutlierRadius = 2.5;
constexpr qsizetype kLeastLabel = 5; // characters of a label that is cut; fewer distinguish no box from another
constexpr double kMark = 9.0;        // of a box in the legend
constexpr double kHatch = 6.0;       // from line to line

QColor faded(QColor color, float share)
{
    color.setAlphaF(share);
    return color;
}

QColor colorOf(const Box& box, bool onPaper)
{
    return onPaper && box.printColor.isValid() ? box.printColor : box.color;
}

std::vector<Tick> ticksOf(const std::pair<double, double>& range, double height)
{
    return linearTicks(range.first, range.second, std::max(2, static_cast<int>(height / kPixelsPerTick)));
}

void paintAxis(QPainter& painter, const BoxLayout& layout, const ChartInk& ink, const QFont& font)
{
    const QRectF& plot = layout.plot;
    const QFontMetricsF metrics(font);
    for (const Tick& tick : ticksOf(layout.range, plot.height())) {
        const double y = layout.toY(tick.value);
        painter.setPen(QPen(faded(ink.text, 0.12F), 1.0));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(ink.muted);
        const double width = metrics.horizontalAdvance(tick.text) + 1.0;
        painter.drawText(QRectF(plot.left() - kPad - width, y - metrics.height() / 2, width, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, tick.text);
    }
}

// Of a box that is of something else than the plot. Lines and no pattern brush, which vector files do not have.
void hatch(QPainter& painter, const QRectF& area, const QColor& color)
{
    painter.setPen(QPen(color, 1.0));
    const int count = static_cast<int>((area.width() + area.height()) / kHatch) + 1;
    for (int i = 0; i < count; ++i) {
        const double x = area.left() - area.height() + kHatch * (i + 0.5);
        if (const auto line = inside({x, area.bottom()}, {x + area.height(), area.top()}, area)) {
            painter.drawLine(*line);
        }
    }
}

// Filled faintly, or hatched.
void paintBody(QPainter& painter, const Box& box, const QRectF& area, const QColor& color, const QPen& outline)
{
    const bool hatched = !box.instead.isEmpty();
    if (hatched) {
        hatch(painter, area, color);
    }
    painter.setPen(outline);
    painter.setBrush(hatched ? QBrush(Qt::NoBrush) : QBrush(faded(color, 0.25F)));
    painter.drawRect(area);
}

void paintBox(QPainter& painter, const Box& box, const QRectF& column, const BoxLayout& layout, bool marked,
              const ChartInk& ink, bool onPaper)
{
    const double width = std::min(kWidestBox, column.width() * 0.5);
    const double middle = column.center().x();
    if (marked) {
        painter.fillRect(column, faded(ink.text, 0.06F));
    }
    const QColor color = colorOf(box, onPaper);
    const QPen outline(color, box.strong || marked ? 2.5 : 1.5, box.instead.isEmpty() ? Qt::SolidLine : Qt::DashLine);
    painter.setPen(outline);
    for (const auto& [from, to] :
         {std::pair(box.lowerWhisker, box.lowerQuartile), std::pair(box.upperWhisker, box.upperQuartile)}) {
        const double end = layout.toY(from);
        painter.drawLine(QPointF(middle, end), QPointF(middle, layout.toY(to)));
        painter.drawLine(QPointF(middle - width / 4, end), QPointF(middle + width / 4, end));
    }
    const double top = layout.toY(box.upperQuartile);
    const QRectF body(middle - width / 2, top, width, layout.toY(box.lowerQuartile) - top);
    paintBody(painter, box, body, color, outline);
    const double median = layout.toY(box.median);
    painter.setPen(QPen(ink.text, 2.0));
    painter.drawLine(QPointF(middle - width / 2, median), QPointF(middle + width / 2, median));
    painter.setPen(QPen(color, 1.2));
    painter.setBrush(Qt::NoBrush);
    for (const double outlier : box.outliers) {
        painter.drawEllipse(QPointF(middle, layout.toY(outlier)), kOutlierRadius, kOutlierRadius);
    }
}

double labelRoom(const QRectF& column)
{
    return column.width() - 4.0;
}

} // namespace

double BoxLayout::toY(double value) const
{
    return plot.bottom() - (value - range.first) / (range.second - range.first) * plot.height();
}

QRectF BoxLayout::column(std::size_t box) const
{
    const double width = plot.width() / static_cast<double>(std::max<std::size_t>(1, count));
    return {plot.left() + static_cast<double>(box) * width, plot.top(), width, plot.height()};
}

BoxLayout layOutBoxes(std::size_t count, std::pair<double, double> range, const QRectF& outer, const QFont& font)
{
    const QFontMetricsF metrics(font);
    double numbers = 0.0;
    for (const Tick& tick : ticksOf(range, outer.height())) {
        numbers = std::max(numbers, metrics.horizontalAdvance(tick.text));
    }
    const double left = outer.left() + numbers + kPad;
    return {QRectF(left, outer.top(), std::max(1.0, outer.right() - left),
                   std::max(1.0, outer.height() - metrics.height() - kPad / 2)),
            range, count};
}

bool labelsFit(const std::vector<Box>& boxes, const BoxLayout& layout, const QFont& font)
{
    const QFontMetricsF metrics(font);
    const double room = labelRoom(layout.column(0));
    return std::all_of(boxes.begin(), boxes.end(),
                       [&](const Box& box) { return metrics.horizontalAdvance(drawnLabel(box)) <= room; });
}

void paintBoxes(QPainter& painter, const std::vector<Box>& boxes, const BoxLayout& layout, std::optional<int> marked,
                const ChartInk& ink, const QFont& font, bool onPaper)
{
    const QFontMetricsF metrics(font);
    painter.setFont(font);
    paintAxis(painter, layout, ink, font);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const QRectF column = layout.column(i);
        paintBox(painter, boxes[i], column, layout, marked == static_cast<int>(i), ink, onPaper);
        painter.setPen(ink.text);
        const QRectF place(column.left() + 2, column.bottom() + 2, labelRoom(column), metrics.height());
        const QString whole = drawnLabel(boxes[i]);
        const QString label = metrics.elidedText(whole, Qt::ElideMiddle, place.width());
        if (label == whole || label.size() >= kLeastLabel) {
            painter.drawText(place, Qt::AlignCenter, label);
        }
    }
}

void paintBoxes(QPainter& painter, const QRectF& target, const BoxPaper& paper, const ChartInk& ink, const QFont& font)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QRectF rest = paintHead(painter, target, paper.title, paper.notes, ink, font);
    const QFontMetricsF metrics(font);
    const double nameRoom = paper.valueTitle.isEmpty() ? 0.0 : metrics.height();
    const BoxLayout wide = layOutBoxes(paper.boxes.size(), paper.range, rest.adjusted(nameRoom, 0, 0, 0), font);
    if (!labelsFit(paper.boxes, wide, font)) {
        QStringList labels;
        for (const Box& box : paper.boxes) {
            labels.append(drawnLabel(box));
        }
        const auto paintMark = [&](qsizetype label, const QRectF& box) {
            const Box& of = paper.boxes[static_cast<std::size_t>(label)];
            const QColor color = colorOf(of, true);
            const QRectF mark(box.center().x() - kMark / 2, box.center().y() - kMark / 2, kMark, kMark);
            paintBody(painter, of, mark, color, QPen(color, 1.5));
        };
        rest = paintLegend(painter, rest, labels, paintMark, ink, font);
    }
    rest = paintYTitle(painter, rest, paper.valueTitle, ink, font);
    if (!paper.boxes.empty()) {
        paintBoxes(painter, paper.boxes, layOutBoxes(paper.boxes.size(), paper.range, rest, font), std::nullopt, ink,
                   font, true);
    }
    painter.restore();
}

} // namespace dskd::viz
