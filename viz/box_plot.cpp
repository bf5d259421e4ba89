#include "viz/box_plot.h"

#include "viz/axis_range.h"
#include "viz/box_paint.h"

#include <QClipboard>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <utility>

namespace dskd::viz
{
namespace
{

constexpr double kPad = 8.0;

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

QString drawnLabel(const Box& box)
{
    return box.instead.isEmpty() ? box.label : QStringLiteral("%1, %2").arg(box.label, box.instead);
}

BoxPlot::BoxPlot(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setContextMenuPolicy(Qt::ActionsContextMenu);
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

BoxPaper BoxPlot::onPaper() const
{
    return {{}, {}, {}, m_boxes, range()};
}

QSize BoxPlot::minimumSizeHint() const
{
    return {200, 140};
}

QSize BoxPlot::sizeHint() const
{
    return {420, 260};
}

BoxLayout BoxPlot::layout() const
{
    const double readoutRoom = QFontMetricsF(font()).height() + kPad / 2;
    return layOutBoxes(m_boxes.size(), range(), QRectF(rect()).adjusted(kPad, kPad, -kPad, -readoutRoom), font());
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
    const ChartInk ink{palette().color(QPalette::Base), palette().color(QPalette::WindowText),
                       palette().color(QPalette::PlaceholderText)};
    paintBoxes(painter, m_boxes, layout(), m_marked, ink, font(), false);
    const QFontMetricsF metrics(font());
    const bool asks = !m_marked && !labelsFit(m_boxes, layout(), font());
    const QString said = asks ? tr("Point at a box to read its name and figures.") : readout();
    painter.setPen(palette().color(asks ? QPalette::PlaceholderText : QPalette::WindowText));
    const QRectF line(kPad, height() - kPad / 2 - metrics.height(), width() - 2 * kPad, metrics.height());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(said, Qt::ElideRight, line.width()));
}

void BoxPlot::mouseMoveEvent(QMouseEvent* event)
{
    std::optional<int> at;
    const BoxLayout places = layout();
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        const QRectF column = places.column(i);
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
