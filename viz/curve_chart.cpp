#include "viz/curve_chart.h"

#include "viz/curve_chart_private.h"
#include "viz/legend_strip.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QTextDocument>
#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

namespace dskd::viz
{

namespace
{
constexpr double kZoomStep = 0.8;
constexpr double kWheelMove = 40.0; // pixels of one step
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

void CurveChart::setYTitle(const QString& title, double factor)
{
    d->yTitle = title;
    d->yFactor = factor;
    d->schedule();
}

void CurveChart::setCurves(std::vector<Curve> curves)
{
    d->setCurves(std::move(curves));
}

void CurveChart::setMarks(std::vector<Mark> marks)
{
    d->marks = std::move(marks);
    d->area->setMarks(d->marks);
}

const std::vector<Mark>& CurveChart::marks() const
{
    return d->marks;
}

void CurveChart::setEmptyText(const QString& text)
{
    d->empty->setText(text);
    d->schedule();
}

void CurveChart::setSmoothing(const Smoothing& smoothing)
{
    d->setSmoothing(smoothing);
}

void CurveChart::setLogX(bool on)
{
    if (d->logX != on) {
        d->logX = on;
        d->part.reset(); // it may begin where a log axis cannot
        d->partY.reset();
        d->schedule();
    }
}

void CurveChart::setLogY(bool on)
{
    if (d->logY != on) {
        d->logY = on;
        d->partY.reset();
        d->schedule();
        Q_EMIT logYChanged(on);
    }
}

bool CurveChart::logY() const
{
    return d->logY;
}

void CurveChart::setLegendShown(bool on)
{
    d->legendShown = on;
    if (!on) {
        d->legend->hide(); // at once; it is shown with the next picture
    }
    d->schedule();
}

void CurveChart::setCrosshair(std::optional<double> x)
{
    d->crosshair = x;
    d->showCrosshair();
}

std::optional<double> CurveChart::crosshair() const
{
    return d->crosshair;
}

void CurveChart::setPart(XPart part)
{
    if (part != d->part) {
        d->part = part;
        d->partY.reset();
        d->schedule();
    }
}

const XPart& CurveChart::part() const
{
    return d->part;
}

std::vector<CurveReading> CurveChart::readings() const
{
    return d->readings();
}

QString CurveChart::textOfX(double x) const
{
    return d->textOfX(x);
}

ChartPicture CurveChart::picture(int columns) const
{
    return d->picture(columns);
}

QString CurveChart::toCsv() const
{
    const auto quoted = [](QString text) { return '"' + text.replace('"', QLatin1String("\"\"")) + '"'; };
    QString csv = QStringLiteral("id,curve,x,y\n");
    for (const DrawnCurve* drawn : d->inOrder()) {
        const QString begin = quoted(drawn->curve().id) + ',' + quoted(drawn->curve().label) + ',';
        for (const QPointF& point : drawn->curve().points) {
            csv += begin + QString::number(point.x(), 'g', QLocale::FloatingPointShortest) + ',' +
                   QString::number(point.y(), 'g', QLocale::FloatingPointShortest) + '\n';
        }
    }
    return csv;
}

QSize CurveChart::minimumSizeHint() const
{
    return {200, 120};
}

QSize CurveChart::sizeHint() const
{
    return {420, 260};
}

bool CurveChart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const QString text = d->markTextAt(d->toArea(help->pos()).x());
        if (!text.isEmpty()) {
            QToolTip::showText(help->globalPos(), Qt::convertFromPlainText(text), this); // a name may look like a tag
            return true;
        }
        QToolTip::hideText();
    }
    return QWidget::event(event);
}

void CurveChart::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF at = d->toArea(event->position());
    if (d->movingFrom) {
        d->moveBy(d->movingFrom->x() - at.x());
        d->movingFrom = at;
    } else if (d->boxFrom) {
        d->drawBox(at);
    }
    d->moveCrosshair(d->area->frame().dataX(at.x()));
}

void CurveChart::mousePressEvent(QMouseEvent* event)
{
    const QPointF at = d->toArea(event->position());
    const bool moves = event->button() == Qt::MiddleButton ||
                       (event->button() == Qt::LeftButton && (event->modifiers() & Qt::ShiftModifier));
    if (moves) {
        d->movingFrom = at;
    } else if (event->button() == Qt::LeftButton && d->area->isVisible() && d->area->plot().contains(at)) {
        d->boxFrom = at;
    }
}

void CurveChart::mouseReleaseEvent(QMouseEvent* event)
{
    if (d->boxFrom) {
        d->zoomToBox(d->toArea(event->position()));
    }
    d->movingFrom.reset();
    d->boxFrom.reset();
}

void CurveChart::mouseDoubleClickEvent(QMouseEvent*)
{
    d->boxFrom.reset();
    d->showAll();
}

void CurveChart::wheelEvent(QWheelEvent* event)
{
    const QPointF at = d->toArea(event->position());
    if (!d->area->isVisible() || !d->area->plot().contains(at)) {
        event->ignore(); // a page of charts scrolls
        return;
    }
    const QPointF steps = QPointF(event->angleDelta()) / 120.0;
    if (event->modifiers() & Qt::ShiftModifier) {
        d->moveBy(-(steps.y() + steps.x()) * kWheelMove);
    } else if (steps.y() != 0.0) {
        d->zoom(std::pow(kZoomStep, steps.y()), d->area->frame().dataX(at.x()));
    } else {
        d->moveBy(-steps.x() * kWheelMove);
    }
    event->accept();
}

void CurveChart::leaveEvent(QEvent*)
{
    d->moveCrosshair(std::nullopt);
}

void CurveChart::keyPressEvent(QKeyEvent* event)
{
    const bool others =
        event->modifiers() & (Qt::ControlModifier | Qt::AltModifier); // what the chart stands in has them
    if (others && !event->matches(QKeySequence::Copy)) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left: d->stepCrosshair(-1); break;
    case Qt::Key_Right: d->stepCrosshair(1); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: d->zoom(kZoomStep, d->crosshair); break;
    case Qt::Key_Minus: d->zoom(1.0 / kZoomStep, d->crosshair); break;
    case Qt::Key_0: d->showAll(); break;
    case Qt::Key_L: setLogY(!d->logY); break;
    case Qt::Key_Escape:
        if (!d->crosshair && !d->boxFrom) {
            QWidget::keyPressEvent(event); // closes what the chart stands in
            break;
        }
        d->drawBox(std::nullopt);
        d->boxFrom.reset();
        d->moveCrosshair(std::nullopt);
        break;
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
    menu->addActions(actions());
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
        d->schedule(); // another width has another number of pixel columns, and room for more or less text
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
