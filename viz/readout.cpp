#include "viz/readout.h"

#include <QPainter>
#include <utility>

namespace dskd::viz
{

Readout::Readout(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
}

void Readout::show(std::optional<double> x, const QRectF& plot, std::vector<Dot> dots)
{
    m_x = x;
    m_plot = plot;
    m_dots = std::move(dots);
    update();
}

void Readout::setBox(std::optional<QRectF> box)
{
    m_box = box;
    update();
}

void Readout::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_box) {
        QColor fill = palette().color(QPalette::Highlight);
        painter.setPen(fill);
        fill.setAlphaF(0.15F);
        painter.fillRect(*m_box, fill);
        painter.drawRect(*m_box);
    }
    if (!m_x || *m_x < m_plot.left() - 0.5 || *m_x > m_plot.right() + 0.5) {
        return;
    }
    QColor line = palette().color(QPalette::WindowText);
    line.setAlphaF(0.45F);
    painter.setPen(line);
    painter.drawLine(QPointF(*m_x, m_plot.top()), QPointF(*m_x, m_plot.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Base), 1.5));
    for (const Dot& dot : m_dots) {
        painter.setBrush(dot.color);
        painter.drawEllipse(QPointF(*m_x, dot.y), 3.5, 3.5);
    }
}

} // namespace dskd::viz
