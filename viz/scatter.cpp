#include "viz/scatter.h"

#include "viz/scatter_paint.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

namespace dskd::viz
{
namespace
{

constexpr double kPad = 8.0;
constexpr double kReach = 14.0; // pixels from the pointer to the point that it means

} // namespace

class ScatterView::Private
{
public:
    explicit Private(ScatterView& owner) : view(owner) {}

    [[nodiscard]] ScatterLayout layout() const
    {
        const double line = QFontMetricsF(view.font()).height();
        return {QRectF(kPad, kPad + line, std::max(1.0, view.width() - 2 * kPad),
                       std::max(1.0, view.height() - 2 * kPad - 3 * line)),
                part};
    }
    [[nodiscard]] QPointF toPixel(const QPointF& place) const { return layout().toPixel(place); }
    [[nodiscard]] QPointF toData(const QPointF& pixel) const { return layout().toData(pixel); }
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

    void paintTitles(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;

    ScatterView& view;
    ScatterPicture picture;
    QString why;
    QRectF part; // in data units; empty: nothing to show
    bool zoomed = false;
    bool connected = true;
    std::optional<int> marked;
    std::optional<QPointF> drag;
};

// Of both axes, in one line below the points.
void ScatterView::Private::paintTitles(QPainter& painter) const
{
    const QRectF area = layout().plot;
    const QFontMetricsF metrics(view.font());
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
        paintScatterMark(painter, series, QPointF(x + kScatterRadius, kPad / 2 + metrics.height() / 2), false);
        x += 3 * kScatterRadius;
        painter.setPen(view.palette().color(QPalette::WindowText));
        const double width = metrics.horizontalAdvance(series.label);
        painter.drawText(QRectF(x, kPad / 2, width + 1, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         series.label);
        x += width + 2 * kPad;
    }
}

ScatterView::ScatterView(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(*this))
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setContextMenuPolicy(Qt::ActionsContextMenu);
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

ScatterPaper ScatterView::onPaper() const
{
    return {{}, {}, d->picture, d->part, d->connected};
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
    const QColor ink = palette().color(QPalette::WindowText);
    paintScatterGrid(painter, d->layout(), ink);
    d->paintTitles(painter);
    d->paintLegend(painter);
    paintScatterPoints(painter, d->picture, d->layout(), d->connected, d->marked, ink, false);
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
