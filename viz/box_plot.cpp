#include "viz/box_plot.h"

#include "viz/axis_range.h"
#include "viz/axis_scale.h"

#include <QClipboard>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

namespace dskd::viz
{
namespace
{

constexpr double kPad = 8.0;
constexpr double kPixelsPerTick = 26.0;
constexpr double kWidestBox = 64.0;
constexpr double kOutlierRadius = 2.5;

QColor faded(const QPalette& palette, float share)
{
    QColor color = palette.color(QPalette::WindowText);
    color.setAlphaF(share);
    return color;
}

QString figure(double value)
{
    return QString::number(value, 'g', 4);
}

std::pair<double, double> valuesOf(const std::vector<Box>& boxes)
{
    double low = boxes.front().lowerWhisker;
    double high = boxes.front().upperWhisker;
    for (const Box& box : boxes) {
        low = std::min(low, box.lowerWhisker);
        high = std::max(high, box.upperWhisker);
        for (const double outlier : box.outliers) {
            low = std::min(low, outlier);
            high = std::max(high, outlier);
        }
    }
    return {low, high};
}

} // namespace

BoxPlot::BoxPlot(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Box plots"));
}

void BoxPlot::setBoxes(std::vector<Box> boxes, bool growing)
{
    const bool hadBoxes = !m_boxes.empty();
    m_boxes = std::move(boxes);
    if (m_marked && *m_marked >= static_cast<int>(m_boxes.size())) {
        m_marked.reset();
    }
    if (!m_boxes.empty()) {
        const auto [low, high] = valuesOf(m_boxes);
        const auto [from, to] = valueRange(low, high, /*logY=*/false);
        // what is never below 0 has no axis below it
        const double least = low >= 0.0 ? std::max(0.0, from) : from;
        m_low = growing && hadBoxes ? std::min(m_low, least) : least;
        m_high = growing && hadBoxes ? std::max(m_high, to) : to;
    }
    setAccessibleDescription(readout());
    update();
}

void BoxPlot::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void BoxPlot::setMarkedBox(std::optional<int> box)
{
    m_marked = box && *box >= 0 && *box < static_cast<int>(m_boxes.size()) ? box : std::nullopt;
    setAccessibleDescription(readout());
    update();
}

QString BoxPlot::readout() const
{
    if (!m_marked) {
        return {};
    }
    const Box& box = m_boxes[static_cast<std::size_t>(*m_marked)];
    QString text = tr("%1: median %2, quartiles %3 to %4, whiskers %5 to %6")
                       .arg(box.label, figure(box.median), figure(box.lowerQuartile), figure(box.upperQuartile),
                            figure(box.lowerWhisker), figure(box.upperWhisker));
    if (!box.outliers.empty()) {
        text += tr(", %1 beyond").arg(box.outliers.size());
    }
    return box.note.isEmpty() ? text : text + QStringLiteral(" \u00b7 ") + box.note;
}

QString BoxPlot::toCsv() const
{
    const auto quoted = [](QString text) { return '"' + text.replace('"', QLatin1String("\"\"")) + '"'; };
    QString csv = QStringLiteral("box,lower whisker,lower quartile,median,upper quartile,upper whisker,outliers\n");
    for (const Box& box : m_boxes) {
        csv += quoted(box.label);
        for (const double value :
             {box.lowerWhisker, box.lowerQuartile, box.median, box.upperQuartile, box.upperWhisker}) {
            csv += ',' + QString::number(value, 'g', QLocale::FloatingPointShortest);
        }
        QStringList outliers;
        for (const double value : box.outliers) {
            outliers.append(QString::number(value, 'g', QLocale::FloatingPointShortest));
        }
        csv += ',' + outliers.join(' ') + '\n';
    }
    return csv;
}

QSize BoxPlot::minimumSizeHint() const
{
    return {200, 140};
}

QSize BoxPlot::sizeHint() const
{
    return {420, 260};
}

double BoxPlot::axisWidth() const
{
    const QFontMetricsF metrics(font());
    double width = 0.0;
    for (const Tick& tick : linearTicks(m_low, m_high, std::max(2, static_cast<int>(height() / kPixelsPerTick)))) {
        width = std::max(width, metrics.horizontalAdvance(tick.text));
    }
    return width;
}

QRectF BoxPlot::plot() const
{
    const QFontMetricsF metrics(font());
    const double left = kPad + axisWidth() + kPad;
    const double below = 2 * metrics.height() + kPad; // labels and readout
    return {left, kPad, std::max(1.0, width() - left - kPad), std::max(1.0, height() - kPad - below)};
}

double BoxPlot::toPixelY(double value) const
{
    const QRectF area = plot();
    return area.bottom() - (value - m_low) / (m_high - m_low) * area.height();
}

QRectF BoxPlot::columnOf(std::size_t box) const
{
    const QRectF area = plot();
    const double width = area.width() / static_cast<double>(m_boxes.size());
    return {area.left() + static_cast<double>(box) * width, area.top(), width, area.height()};
}

void BoxPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2.0));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
    if (m_boxes.empty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    paintAxis(painter);
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        paintBox(painter, i);
    }
    const QFontMetricsF metrics(font());
    painter.setPen(palette().color(QPalette::WindowText));
    const QRectF line(kPad, height() - kPad / 2 - metrics.height(), width() - 2 * kPad, metrics.height());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(readout(), Qt::ElideRight, line.width()));
}

void BoxPlot::paintAxis(QPainter& painter) const
{
    const QRectF area = plot();
    const QFontMetricsF metrics(font());
    const int count = std::max(2, static_cast<int>(area.height() / kPixelsPerTick));
    for (const Tick& tick : linearTicks(m_low, m_high, count)) {
        const double y = toPixelY(tick.value);
        painter.setPen(QPen(faded(palette(), 0.12F), 1.0));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(QRectF(0.0, y - metrics.height() / 2, area.left() - kPad, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, tick.text);
    }
}

void BoxPlot::paintBox(QPainter& painter, std::size_t index) const
{
    const Box& box = m_boxes[index];
    const QRectF column = columnOf(index);
    const double width = std::min(kWidestBox, column.width() * 0.5);
    const double middle = column.center().x();
    const bool marked = m_marked == static_cast<int>(index);
    if (marked) {
        painter.fillRect(column, faded(palette(), 0.06F));
    }
    QColor fill = box.color;
    fill.setAlphaF(0.25F);
    painter.setPen(QPen(box.color, box.strong || marked ? 2.5 : 1.5));
    for (const auto& [from, to] :
         {std::pair(box.lowerWhisker, box.lowerQuartile), std::pair(box.upperWhisker, box.upperQuartile)}) {
        const double end = toPixelY(from);
        painter.drawLine(QPointF(middle, end), QPointF(middle, toPixelY(to)));
        painter.drawLine(QPointF(middle - width / 4, end), QPointF(middle + width / 4, end));
    }
    const double top = toPixelY(box.upperQuartile);
    painter.setBrush(fill);
    painter.drawRect(QRectF(middle - width / 2, top, width, toPixelY(box.lowerQuartile) - top));
    const double median = toPixelY(box.median);
    painter.setPen(QPen(palette().color(QPalette::WindowText), 2.0));
    painter.drawLine(QPointF(middle - width / 2, median), QPointF(middle + width / 2, median));
    painter.setPen(QPen(box.color, 1.2));
    painter.setBrush(Qt::NoBrush);
    for (const double outlier : box.outliers) {
        painter.drawEllipse(QPointF(middle, toPixelY(outlier)), kOutlierRadius, kOutlierRadius);
    }
    const QFontMetricsF metrics(font());
    painter.setPen(palette().color(QPalette::WindowText));
    const QRectF place(column.left() + 2, column.bottom() + 2, column.width() - 4, metrics.height());
    painter.drawText(place, Qt::AlignCenter, metrics.elidedText(box.label, Qt::ElideMiddle, place.width()));
}

void BoxPlot::mouseMoveEvent(QMouseEvent* event)
{
    std::optional<int> at;
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        const QRectF column = columnOf(i);
        if (event->position().x() >= column.left() && event->position().x() < column.right()) {
            at = static_cast<int>(i);
        }
    }
    setMarkedBox(at);
}

void BoxPlot::leaveEvent(QEvent*)
{
    setMarkedBox(std::nullopt);
}

void BoxPlot::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_boxes.size()) - 1;
    if (event->matches(QKeySequence::Copy) && m_marked) {
        QGuiApplication::clipboard()->setText(readout());
    } else if (event->key() == Qt::Key_Right && last >= 0) {
        setMarkedBox(m_marked ? std::min(last, *m_marked + 1) : 0);
    } else if (event->key() == Qt::Key_Left && last >= 0) {
        setMarkedBox(m_marked ? std::max(0, *m_marked - 1) : last);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void BoxPlot::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void BoxPlot::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace dskd::viz
