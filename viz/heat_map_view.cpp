#include "viz/heat_map_view.h"

#include "viz/heat_map_paint.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace dskd::viz
{

class HeatMapView::Private
{
public:
    explicit Private(HeatMapView& owner) : view(owner) {}

    [[nodiscard]] QRectF shownPart() const { return part.isEmpty() ? QRectF(0, 0, map.columns(), map.rows()) : part; }
    // Measures the tokens, so it is kept until something changes.
    [[nodiscard]] const HeatMapLayout& layout()
    {
        if (!known || knownFor != std::pair(shownPart(), view.size())) {
            known = heatMapLayout(map, shownPart(), view.rect(), view.font());
            cells = {};
            knownFor = {shownPart(), view.size()};
        }
        return *known;
    }
    // The visible cells as they are on the screen, kept until something else is visible.
    [[nodiscard]] const QImage& visible()
    {
        const HeatMapLayout& at = layout();
        const QSize pixels = (at.cells.size() * view.devicePixelRatioF()).toSize();
        if (cells.size() != pixels) {
            cells = visibleCells(image, at.part, pixels);
        }
        return cells;
    }
    void colour()
    {
        spanned = colourRange(map, scale, range);
        image = heatMapImage(map, scale, log, range);
        cells = {};
        view.update();
    }
    [[nodiscard]] bool inside(const QPoint& cell) const
    {
        return cell.x() >= 0 && cell.y() >= 0 && cell.x() < map.columns() && cell.y() < map.rows();
    }
    void moveCursor(std::optional<QPoint> cell)
    {
        if (cell && !inside(*cell)) {
            cell.reset();
        }
        if (cell != cursor) {
            cursor = cell;
            view.update();
            Q_EMIT view.cursorCellChanged(cell);
        }
    }
    // `wanted` made to lie inside the map; empty when it is all of it.
    [[nodiscard]] QRectF fitting(QRectF wanted) const
    {
        const QRectF whole(0, 0, map.columns(), map.rows());
        if (wanted.isEmpty() || (wanted.width() >= whole.width() && wanted.height() >= whole.height())) {
            return {};
        }
        wanted.setSize(wanted.size().boundedTo(whole.size()));
        wanted.moveLeft(std::clamp(wanted.left(), 0.0, whole.width() - wanted.width()));
        wanted.moveTop(std::clamp(wanted.top(), 0.0, whole.height() - wanted.height()));
        return wanted;
    }
    // So that the keyboard's cursor never leaves what is visible.
    void follow(const QPoint& cell)
    {
        QRectF wanted = shownPart();
        wanted.moveLeft(std::clamp(wanted.left(), cell.x() + 1.0 - wanted.width(), static_cast<double>(cell.x())));
        wanted.moveTop(std::clamp(wanted.top(), cell.y() + 1.0 - wanted.height(), static_cast<double>(cell.y())));
        show(wanted);
    }
    void show(QRectF wanted)
    {
        wanted = fitting(wanted);
        if (wanted != part) {
            part = wanted;
            view.update();
            Q_EMIT view.visiblePartChanged(part);
        }
    }
    void zoom(double factor, const QPointF& around)
    {
        const QRectF now = shownPart();
        const QSizeF size(std::max(4.0, now.width() * factor), std::max(4.0, now.height() * factor));
        const double fx = (around.x() - now.left()) / now.width();
        const double fy = (around.y() - now.top()) / now.height();
        show({around.x() - fx * size.width(), around.y() - fy * size.height(), size.width(), size.height()});
    }

    HeatMapView& view;
    HeatMap map;
    Scale scale = Scale::Sequential;
    bool log = false;
    std::optional<std::pair<float, float>> range; // wanted for the colours
    std::pair<float, float> spanned{0.0F, 1.0F};  // colourRange
    QImage image;                                 // one pixel a cell
    QImage cells;                                 // visible()
    std::vector<QRect> outlines;
    Qt::WindowFlags flagsInWindow; // while it fills the screen: those that it has without
    QString why;                   // shown instead of a map
    QString rowTitle = QStringLiteral("student");
    QString columnTitle = QStringLiteral("teacher");
    std::optional<QPoint> cursor;
    QRectF part; // in cells; empty: everything
    std::optional<QPointF> drag;
    std::optional<HeatMapLayout> known;
    std::pair<QRectF, QSize> knownFor;
};

HeatMapView::HeatMapView(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(*this))
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Heat map"));
    setAccessibleDescription(tr("Arrows move over the cells, plus and minus zoom, 0 shows everything. F11 fills the "
                                "screen, Escape goes back."));
}

HeatMapView::~HeatMapView() = default;

void HeatMapView::setMap(HeatMap map, Scale scale)
{
    const bool sameShape = map.rowTexts == d->map.rowTexts && map.columnTexts == d->map.columnTexts;
    d->map = std::move(map);
    d->scale = scale;
    d->why.clear();
    if (!sameShape) {
        d->part = {};
        d->cursor.reset();
    }
    d->known.reset();
    d->colour();
}

void HeatMapView::clear(const QString& why)
{
    d->map = {};
    d->image = {};
    d->cells = {};
    d->outlines.clear();
    d->why = why;
    d->cursor.reset();
    d->part = {};
    update();
}

void HeatMapView::setAxisTitles(const QString& rows, const QString& columns)
{
    d->rowTitle = rows;
    d->columnTitle = columns;
    update();
}

void HeatMapView::setLogScale(bool on)
{
    if (d->log != on) {
        d->log = on;
        d->colour();
    }
}

void HeatMapView::setColourRange(std::optional<std::pair<float, float>> range)
{
    if (d->range != range) {
        d->range = range;
        d->colour();
    }
}

void HeatMapView::setOutlines(std::vector<QRect> cells)
{
    d->outlines = std::move(cells);
    update();
}

const std::vector<QRect>& HeatMapView::outlines() const
{
    return d->outlines;
}

void HeatMapView::setFullScreen(bool on)
{
    if (on == isFullScreen()) {
        return;
    }
    if (on) {
        d->flagsInWindow = windowFlags() & (Qt::Window | Qt::SubWindow);
        setWindowFlags((windowFlags() | Qt::Window) & ~Qt::SubWindow); // its layout lets go of a window
        showFullScreen();
    } else {
        setWindowFlags((windowFlags() & ~(Qt::Window | Qt::SubWindow)) | d->flagsInWindow);
        showNormal();
        updateGeometry();
    }
    setFocus();
}

void HeatMapView::setCursorCell(std::optional<QPoint> cell)
{
    d->cursor = cell && d->inside(*cell) ? cell : std::nullopt;
    update();
}

void HeatMapView::setVisiblePart(const QRectF& part)
{
    d->part = d->fitting(part);
    update();
}

HeatMapView::Picture HeatMapView::picture() const
{
    if (d->image.isNull()) {
        return {};
    }
    const HeatMapLook look{d->scale, d->log, d->spanned, d->rowTitle, d->columnTitle, std::nullopt, d->outlines};
    return [map = d->map, image = d->image, part = d->shownPart(), look](QPainter& painter, const QRectF& target,
                                                                         const QPalette& palette, const QFont& font) {
        constexpr double kPixelsPerUnit = 3.0; // sharp cells at 300 dpi
        const HeatMapLayout layout = heatMapLayout(map, part, QRectF(QPointF(), target.size()), font);
        painter.save();
        painter.translate(target.topLeft());
        painter.setFont(font);
        paintHeatMap(painter, map, visibleCells(image, part, (layout.cells.size() * kPixelsPerUnit).toSize()), layout,
                     look, palette);
        painter.restore();
    };
}

QSize HeatMapView::minimumSizeHint() const
{
    return {140, 140};
}

QSize HeatMapView::sizeHint() const
{
    return {520, 420};
}

bool HeatMapView::event(QEvent* event)
{
    // F11 is the main window's shortcut too: here it is the map's.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_F11) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void HeatMapView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(palette().color(QPalette::Base));
    painter.setPen(QPen(palette().color(hasFocus() ? QPalette::Highlight : QPalette::Mid), hasFocus() ? 2.0 : 1.0));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    if (d->image.isNull()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, d->why);
        return;
    }
    const HeatMapLook look{d->scale, d->log, d->spanned, d->rowTitle, d->columnTitle, d->cursor, d->outlines};
    paintHeatMap(painter, d->map, d->visible(), d->layout(), look, palette());
}

void HeatMapView::mouseMoveEvent(QMouseEvent* event)
{
    const HeatMapLayout& layout = d->layout();
    if (d->drag && (event->buttons() & Qt::LeftButton)) {
        const QPointF moved = layout.toCells(*d->drag) - layout.toCells(event->position());
        d->drag = event->position();
        d->show(d->shownPart().translated(moved));
        return;
    }
    const QPointF cell = layout.toCells(event->position());
    d->moveCursor(
        layout.cells.contains(event->position())
            ? std::optional(QPoint(static_cast<int>(std::floor(cell.x())), static_cast<int>(std::floor(cell.y()))))
            : std::nullopt);
}

void HeatMapView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        d->drag = event->position();
    }
}

void HeatMapView::mouseReleaseEvent(QMouseEvent*)
{
    d->drag.reset();
}

void HeatMapView::mouseDoubleClickEvent(QMouseEvent* event)
{
    d->drag.reset();
    setFullScreen(!isFullScreen());
    event->accept();
}

void HeatMapView::wheelEvent(QWheelEvent* event)
{
    if (!d->image.isNull() && event->angleDelta().y() != 0) {
        d->zoom(std::pow(0.85, event->angleDelta().y() / 120.0), d->layout().toCells(event->position()));
        event->accept();
    }
}

void HeatMapView::leaveEvent(QEvent*)
{
    d->moveCursor(std::nullopt);
}

void HeatMapView::keyPressEvent(QKeyEvent* event)
{
    const QPoint from = d->cursor.value_or(QPoint(0, 0));
    const QPoint last(d->map.columns() - 1, d->map.rows() - 1);
    const auto go = [&](int x, int y) {
        if (d->image.isNull()) {
            return;
        }
        const QPoint to(std::clamp(x, 0, last.x()), std::clamp(y, 0, last.y()));
        d->moveCursor(to);
        d->follow(to);
    };
    switch (event->key()) {
    case Qt::Key_Left: go(from.x() - 1, from.y()); break;
    case Qt::Key_Right: go(from.x() + (d->cursor ? 1 : 0), from.y()); break;
    case Qt::Key_Up: go(from.x(), from.y() - 1); break;
    case Qt::Key_Down: go(from.x(), from.y() + (d->cursor ? 1 : 0)); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: d->zoom(0.8, QPointF(from) + QPointF(0.5, 0.5)); break;
    case Qt::Key_Minus: d->zoom(1.25, QPointF(from) + QPointF(0.5, 0.5)); break;
    case Qt::Key_0: d->show({}); break;
    case Qt::Key_F11: setFullScreen(!isFullScreen()); break;
    case Qt::Key_Escape:
        if (isFullScreen()) {
            setFullScreen(false);
        } else {
            QWidget::keyPressEvent(event);
        }
        break;
    default: QWidget::keyPressEvent(event);
    }
}

void HeatMapView::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void HeatMapView::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace dskd::viz
