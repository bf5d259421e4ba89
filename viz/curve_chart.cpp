#include "viz/curve_chart.h"

#include "viz/curve_chart_private.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <cmath>

namespace dskd::viz
{

namespace
{
constexpr double kZoomStep = 0.8;
} // namespace

CurveChart::CurveChart(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(*this))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Chart"));
}

CurveChart::~CurveChart() = default;

void CurveChart::setTitle(const QString& title)
{
    d->title->setText(title);
    setAccessibleName(tr("Chart of %1").arg(title));
}

void CurveChart::setXTitle(const QString& title, XKind kind)
{
    d->setXTitle(title, kind);
}

void CurveChart::setCurves(std::vector<Curve> curves)
{
    d->setCurves(std::move(curves));
}

void CurveChart::setEmptyText(const QString& text)
{
    d->empty->setText(text);
    d->schedule();
}

void CurveChart::setSmoothing(double weight)
{
    d->setSmoothing(weight);
}

void CurveChart::setLogY(bool on)
{
    if (d->logY != on) {
        d->logY = on;
        d->schedule();
        Q_EMIT logYChanged(on);
    }
}

bool CurveChart::logY() const
{
    return d->logY;
}

void CurveChart::setCrosshair(std::optional<double> x)
{
    d->crosshair = x;
    d->showCrosshair();
}

bool CurveChart::savePng(const QString& file, double scale) const
{
    d->refresh();
    QPixmap picture(size() * scale);
    picture.setDevicePixelRatio(scale);
    picture.fill(palette().color(QPalette::Base));
    const_cast<CurveChart*>(this)->render(&picture, {}, {}, QWidget::DrawChildren);
    return picture.save(file, "PNG");
}

bool CurveChart::saveSvg(const QString& file) const
{
    d->refresh();
    return d->saveSvg(file);
}

QString CurveChart::toCsv() const
{
    const auto quoted = [](QString text) { return '"' + text.replace('"', QLatin1String("\"\"")) + '"'; };
    QString csv = QStringLiteral("curve,x,y\n");
    for (const auto& drawn : d->drawn) {
        for (const QPointF& point : drawn->curve().points) {
            csv += quoted(drawn->curve().label) + ',' +
                   QString::number(point.x(), 'g', QLocale::FloatingPointShortest) + ',' +
                   QString::number(point.y(), 'g', QLocale::FloatingPointShortest) + '\n';
        }
    }
    return csv;
}

QSize CurveChart::minimumSizeHint() const
{
    return {260, 170};
}

QSize CurveChart::sizeHint() const
{
    return {420, 260};
}

void CurveChart::mouseMoveEvent(QMouseEvent* event)
{
    if (d->dragX && (event->buttons() & Qt::LeftButton)) {
        const double moved = d->area->toDataX(*d->dragX) - d->area->toDataX(event->position().x());
        d->dragX = event->position().x();
        d->moveBy(moved);
        return;
    }
    d->moveCrosshair(d->area->toDataX(event->position().x() - d->area->x()));
}

void CurveChart::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        d->dragX = event->position().x();
    }
}

void CurveChart::mouseReleaseEvent(QMouseEvent*)
{
    d->dragX.reset();
}

void CurveChart::mouseDoubleClickEvent(QMouseEvent*)
{
    d->showAll();
}

void CurveChart::wheelEvent(QWheelEvent* event)
{
    const double steps = event->angleDelta().y() / 120.0;
    if (steps != 0.0 && (event->modifiers() & Qt::ControlModifier)) {
        d->zoom(std::pow(kZoomStep, steps), d->area->toDataX(event->position().x() - d->area->x()));
        event->accept();
    } else {
        event->ignore(); // a page of charts scrolls
    }
}

void CurveChart::leaveEvent(QEvent*)
{
    d->moveCrosshair(std::nullopt);
}

void CurveChart::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left: d->stepCrosshair(-1); break;
    case Qt::Key_Right: d->stepCrosshair(1); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: d->zoom(kZoomStep, d->crosshair); break;
    case Qt::Key_Minus: d->zoom(1.0 / kZoomStep, d->crosshair); break;
    case Qt::Key_0: d->showAll(); break;
    case Qt::Key_L: setLogY(!d->logY); break;
    case Qt::Key_Escape: d->moveCrosshair(std::nullopt); break;
    default:
        if (event->matches(QKeySequence::Copy)) {
            QApplication::clipboard()->setText(d->crosshairText());
        } else {
            QWidget::keyPressEvent(event);
        }
    }
}

void CurveChart::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy values under the crosshair"), this,
                    [this] { QApplication::clipboard()->setText(d->crosshairText()); });
    menu->addAction(tr("Copy all points as CSV"), this, [this] { QApplication::clipboard()->setText(toCsv()); });
    menu->addSeparator();
    menu->addAction(tr("Save as…"), this, [this] { d->askForFile(); });
    menu->addSeparator();
    QAction* log = menu->addAction(tr("Logarithmic axis\tL"), this, [this] { setLogY(!d->logY); });
    log->setCheckable(true);
    log->setChecked(d->logY);
    menu->addAction(tr("Show everything\t0"), this, [this] { d->showAll(); });
    menu->popup(event->globalPos());
}

void CurveChart::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    d->place();
    d->schedule();
}

bool CurveChart::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize || event->type() == QEvent::Move) {
        d->place();
        d->schedule(); // another width has another number of pixel columns
    }
    return QWidget::eventFilter(watched, event);
}

void CurveChart::paintEvent(QPaintEvent*)
{
    if (hasFocus()) { // a chart stands in a frame of its page; only the focus is painted here
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2.0));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
}

void CurveChart::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void CurveChart::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace dskd::viz
