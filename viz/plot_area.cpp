#include "viz/plot_area.h"

#include <QEvent>
#include <QPainter>
#include <QResizeEvent>
#include <QtCharts/QValueAxis>
#include <utility>

namespace dskd::viz
{

PlotArea::PlotArea(QWidget* parent) : QChartView(new QChart, parent)
{
    chart()->setBackgroundVisible(false);
    chart()->legend()->hide();
    chart()->setMargins({});
    chart()->setAnimationOptions(QChart::NoAnimation);
    for (const Qt::Alignment side : {Qt::AlignBottom, Qt::AlignLeft}) {
        auto* axis = new QValueAxis(chart());
        axis->setVisible(false);
        chart()->addAxis(axis, side);
    }
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setBackgroundBrush(Qt::NoBrush);
    viewport()->setAutoFillBackground(false);
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void PlotArea::setRange(const PlotRange& range)
{
    m_frame.range = range;
    layOut();
}

void PlotArea::setXTitle(const QString& title)
{
    m_xTitle = title;
    viewport()->update();
}

void PlotArea::setLeftOut(LeftOut points)
{
    m_leftOut = std::move(points);
    viewport()->update();
}

void PlotArea::setMarks(std::vector<Mark> marks)
{
    m_marks = std::move(marks);
    viewport()->update();
}

void PlotArea::adopt(QAbstractSeries* series)
{
    for (QAbstractAxis* axis : chart()->axes()) {
        series->attachAxis(axis);
    }
}

void PlotArea::layOut()
{
    m_frame = layOutPlot(m_frame.range, QRectF(0, 0, width(), height()), font());
    if (chart()->plotArea() != m_frame.plot) {
        chart()->setPlotArea(m_frame.plot);
    }
    const PlotRange& range = m_frame.range;
    const auto axes = chart()->axes();
    axes[0]->setRange(onAxis(range.xMin, range.logX), onAxis(range.xMax, range.logX));
    axes[1]->setRange(onAxis(range.yMin, range.logY), onAxis(range.yMax, range.logY));
    viewport()->update();
}

void PlotArea::drawBackground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawBackground(painter, rect);
    const QColor ink = palette().color(QPalette::WindowText);
    paintAxes(*painter, m_frame, m_xTitle, font(), ink);
    paintMarks(*painter, m_frame, m_marks, font(), ink);
}

void PlotArea::drawForeground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawForeground(painter, rect);
    paintLeftOut(*painter, m_frame, m_leftOut, palette().color(QPalette::WindowText));
}

void PlotArea::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    layOut();
}

void PlotArea::changeEvent(QEvent* event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        layOut();
    }
}

} // namespace dskd::viz
