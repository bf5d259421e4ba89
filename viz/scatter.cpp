#include "viz/scatter.h"

#include "viz/axis_scale.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace dskd::viz
{
namespace
{

constexpr double kPad = 8.0;
constexpr double kRadius = 3.0;
constexpr double kReach = 14.0; // pixels from the pointer to the point that it means
constexpr double kRoom = 0.06;  // of the points' extent, around them
constexpr double kPixelsPerTick = 70.0;

QColor faded(const QPalette& palette, float share)
{
    QColor color = palette.color(QPalette::WindowText);
    color.setAlphaF(share);
    return color;
}

bool isDrawn(const ScatterPoint& point)
{
    return std::isfinite(point.place.x()) && std::isfinite(point.place.y());
}

// Around all points, with room; a unit square around a single one.
QRectF extentOf(const std::vector<ScatterPoint>& points)
{
    double left = std::numeric_limits<double>::infinity();
    double top = left;
    double right = -left;
    double bottom = -left;
    for (const ScatterPoint& point : points) {
        if (isDrawn(point)) {
            left = std::min(left, point.place.x());
            right = std::max(right, point.place.x());
            top = std::min(top, point.place.y());
            bottom = std::max(bottom, point.place.y());
        }
    }
    if (left > right) {
        return {};
    }
    const double size = std::max(right - left, bottom - top);
    const double room = size > 0.0 ? size * kRoom : 0.5;
    return {left - room, top - room, right - left + 2 * room, bottom - top + 2 * room};
}

} // namespace

class ScatterView::Private
{
public:
    explicit Private(ScatterView& owner) : view(owner) {}

    [[nodiscard]] QRectF plot() const
    {
        const double line = QFontMetricsF(view.font()).height();
        return {kPad, kPad + line, std::max(1.0, view.width() - 2 * kPad),
                std::max(1.0, view.height() - 2 * kPad - 3 * line)};
    }
    // Pixels of one data unit, on both axes.
    [[nodiscard]] double unit() const
    {
        const QRectF area = plot();
        return std::min(area.width() / part.width(), area.height() / part.height());
    }
    [[nodiscard]] QPointF toPixel(const QPointF& place) const
    {
        const QPointF from = place - part.center();
        return plot().center() + QPointF(from.x(), -from.y()) * unit(); // y upwards
    }
    [[nodiscard]] QPointF toData(const QPointF& pixel) const
    {
        const QPointF from = (pixel - plot().center()) / unit();
        return part.center() + QPointF(from.x(), -from.y());
    }
    [[nodiscard]] std::optional<int> nearest(const QPointF& pixel) const
    {
        std::optional<int> best;
        double least = kReach;
        for (std::size_t i = 0; i < picture.points.size(); ++i) {
            if (isDrawn(picture.points[i])) {
                const QPointF apart = toPixel(picture.points[i].place) - pixel;
                const double distance = std::hypot(apart.x(), apart.y());
                if (distance < least) {
                    least = distance;
                    best = static_cast<int>(i);
                }
            }
        }
        return best;
    }
    void mark(std::optional<int> point)
    {
        if (point != marked) {
            marked = point;
            view.setAccessibleDescription(view.readout());
            view.update();
            Q_EMIT view.markedChanged(point);
        }
    }
    // To the next point that is drawn, in the order of the picture.
    void walk(int by)
    {
        const int count = static_cast<int>(picture.points.size());
        int at = marked.value_or(by > 0 ? -1 : count);
        for (int tried = 0; tried < count; ++tried) {
            at = (at + by + count) % count;
            if (isDrawn(picture.points[static_cast<std::size_t>(at)])) {
                mark(at);
                return;
            }
        }
    }
    void zoom(double factor, const QPointF& around)
    {
        part = QRectF(around + (part.topLeft() - around) * factor, part.size() * factor);
        view.update();
    }
    void showAll()
    {
        part = extentOf(picture.points);
        zoomed = false;
        view.update();
    }

    void paintAxes(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;
    void paintPoints(QPainter& painter) const;

    ScatterView& view;
    ScatterPicture picture;
    QString why;
    QRectF part; // in data units; empty: nothing to show
    bool zoomed = false;
    bool connected = true;
    std::optional<int> marked;
    std::optional<QPointF> drag;
};

void ScatterView::Private::paintAxes(QPainter& painter) const
{
    const QRectF area = plot();
    const QFontMetricsF metrics(view.font());
    const QPointF low = toData(area.bottomLeft());
    const QPointF high = toData(area.topRight());
    painter.setPen(QPen(faded(view.palette(), 0.10F), 1.0));
    for (const Tick& tick :
         linearTicks(low.x(), high.x(), std::max(2, static_cast<int>(area.width() / kPixelsPerTick)))) {
        const double x = toPixel({tick.value, 0.0}).x();
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    for (const Tick& tick :
         linearTicks(low.y(), high.y(), std::max(2, static_cast<int>(area.height() / kPixelsPerTick)))) {
        const double y = toPixel({0.0, tick.value}).y();
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    }
    painter.setPen(view.palette().color(QPalette::PlaceholderText));
    const QString titles =
        picture.xTitle + (picture.yTitle.isEmpty() ? QString() : QStringLiteral(" \u00b7 ")) + picture.yTitle;
    const QRectF line(area.left(), area.bottom(), area.width(), metrics.height());
    painter.drawText(line, Qt::AlignCenter, metrics.elidedText(titles, Qt::ElideRight, line.width()));
}

void ScatterView::Private::paintLegend(QPainter& painter) const
{
    const QFontMetricsF metrics(view.font());
    double x = kPad;
    for (const ScatterSeries& series : picture.series) {
        painter.setPen(QPen(series.color, 1.5));
        painter.setBrush(series.hollow ? QBrush(Qt::NoBrush) : QBrush(series.color));
        painter.drawEllipse(QPointF(x + kRadius, kPad / 2 + metrics.height() / 2), kRadius, kRadius);
        x += 3 * kRadius;
        painter.setPen(view.palette().color(QPalette::WindowText));
        const double width = metrics.horizontalAdvance(series.label);
        painter.drawText(QRectF(x, kPad / 2, width + 1, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         series.label);
        x += width + 2 * kPad;
    }
}

void ScatterView::Private::paintPoints(QPainter& painter) const
{
    painter.setClipRect(plot());
    const std::vector<ScatterPoint>& points = picture.points;
    const auto partnerOf = [&](std::size_t index) -> const ScatterPoint* {
        const int partner = points[index].partner;
        const bool known = partner >= 0 && partner < static_cast<int>(points.size());
        const ScatterPoint* other = known ? &points[static_cast<std::size_t>(partner)] : nullptr;
        return other != nullptr && isDrawn(*other) && isDrawn(points[index]) ? other : nullptr;
    };
    if (connected) {
        painter.setPen(QPen(faded(view.palette(), 0.16F), 1.0));
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (const ScatterPoint* other = partnerOf(i); other != nullptr && points[i].partner > static_cast<int>(i)) {
                painter.drawLine(toPixel(points[i].place), toPixel(other->place));
            }
        }
    }
    for (const ScatterPoint& point : points) {
        if (!isDrawn(point)) {
            continue;
        }
        const ScatterSeries& series = picture.series[static_cast<std::size_t>(point.series)];
        QColor fill = series.color;
        fill.setAlphaF(0.75F);
        painter.setPen(QPen(series.color, 1.3));
        painter.setBrush(series.hollow ? QBrush(Qt::NoBrush) : QBrush(fill));
        painter.drawEllipse(toPixel(point.place), kRadius, kRadius);
    }
    if (marked) {
        const auto index = static_cast<std::size_t>(*marked);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(view.palette().color(QPalette::WindowText), 2.0));
        painter.drawEllipse(toPixel(points[index].place), 2 * kRadius, 2 * kRadius);
        if (const ScatterPoint* other = partnerOf(index)) {
            painter.drawLine(toPixel(points[index].place), toPixel(other->place));
        }
    }
    painter.setClipping(false);
}

ScatterView::ScatterView(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(*this))
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Points of a space"));
}

ScatterView::~ScatterView() = default;

void ScatterView::setPicture(ScatterPicture picture, bool sameAxes)
{
    const bool stays = sameAxes && !d->part.isEmpty();
    d->picture = std::move(picture);
    d->why.clear();
    if (d->marked && *d->marked >= static_cast<int>(d->picture.points.size())) {
        d->marked.reset();
    }
    const QRectF extent = extentOf(d->picture.points);
    d->zoomed = stays && d->zoomed;
    if (!stays) {
        d->part = extent;
    } else if (!d->zoomed) {
        d->part = d->part.united(extent);
    }
    setAccessibleDescription(readout());
    update();
}

void ScatterView::clear(const QString& why)
{
    d->picture = {};
    d->part = {};
    d->zoomed = false;
    d->marked.reset();
    d->why = why;
    update();
}

void ScatterView::setConnected(bool on)
{
    d->connected = on;
    update();
}

void ScatterView::setMarked(std::optional<int> point)
{
    const int count = static_cast<int>(d->picture.points.size());
    d->marked = point && *point >= 0 && *point < count ? point : std::nullopt;
    setAccessibleDescription(readout());
    update();
}

std::optional<int> ScatterView::marked() const
{
    return d->marked;
}

QString ScatterView::readout() const
{
    if (!d->marked) {
        return {};
    }
    const ScatterPoint& point = d->picture.points[static_cast<std::size_t>(*d->marked)];
    return tr("%1 \u00b7 %2 \u00b7 (%3, %4)")
        .arg(d->picture.series[static_cast<std::size_t>(point.series)].label, point.text,
             QString::number(point.place.x(), 'g', 3), QString::number(point.place.y(), 'g', 3));
}

QRectF ScatterView::visiblePart() const
{
    return d->part;
}

QPointF ScatterView::toPixel(const QPointF& place) const
{
    return d->toPixel(place);
}

QSize ScatterView::minimumSizeHint() const
{
    return {220, 200};
}

QSize ScatterView::sizeHint() const
{
    return {420, 380};
}

void ScatterView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(palette().color(QPalette::Base));
    painter.setPen(QPen(palette().color(hasFocus() ? QPalette::Highlight : QPalette::Mid), hasFocus() ? 2.0 : 1.0));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    if (d->part.isEmpty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, d->why);
        return;
    }
    d->paintAxes(painter);
    d->paintLegend(painter);
    d->paintPoints(painter);
    const QFontMetricsF metrics(font());
    painter.setPen(palette().color(QPalette::WindowText));
    const QRectF line(kPad, height() - kPad / 2 - metrics.height(), width() - 2 * kPad, metrics.height());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(readout(), Qt::ElideRight, line.width()));
}

void ScatterView::mouseMoveEvent(QMouseEvent* event)
{
    if (d->part.isEmpty()) {
        return;
    }
    if (d->drag && (event->buttons() & Qt::LeftButton)) {
        d->part.translate(d->toData(*d->drag) - d->toData(event->position()));
        d->drag = event->position();
        d->zoomed = true;
        update();
        return;
    }
    d->mark(d->nearest(event->position()));
}

void ScatterView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        d->drag = event->position();
    }
}

void ScatterView::mouseReleaseEvent(QMouseEvent*)
{
    d->drag.reset();
}

void ScatterView::mouseDoubleClickEvent(QMouseEvent*)
{
    d->showAll();
}

void ScatterView::wheelEvent(QWheelEvent* event)
{
    if (!d->part.isEmpty() && event->angleDelta().y() != 0) {
        d->zoomed = true;
        d->zoom(std::pow(0.85, event->angleDelta().y() / 120.0), d->toData(event->position()));
        event->accept();
    }
}

void ScatterView::leaveEvent(QEvent*)
{
    d->mark(std::nullopt);
}

void ScatterView::keyPressEvent(QKeyEvent* event)
{
    const auto zoom = [this](double factor) {
        d->zoomed = true;
        d->zoom(factor, d->marked ? d->picture.points[static_cast<std::size_t>(*d->marked)].place : d->part.center());
    };
    if (d->part.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up: d->walk(-1); break;
    case Qt::Key_Right:
    case Qt::Key_Down: d->walk(1); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoom(0.8); break;
    case Qt::Key_Minus: zoom(1.25); break;
    case Qt::Key_0: d->showAll(); break;
    default: QWidget::keyPressEvent(event);
    }
}

void ScatterView::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void ScatterView::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace dskd::viz
