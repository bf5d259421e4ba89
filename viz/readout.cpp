#include "viz/readout.h"

#include <QPainter>
#include <algorithm>

namespace dskd::viz
{

namespace
{
constexpr int kPad = 6;
constexpr int kSwatch = 8;
constexpr int kMostRows = 14;
} // namespace

Readout::Readout(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
}

void Readout::show(std::optional<double> x, const QRectF& plot, QString title, std::vector<Row> rows)
{
    m_x = x;
    m_plot = plot;
    m_title = std::move(title);
    m_rows = std::move(rows);
    update();
}

void Readout::paintEvent(QPaintEvent*)
{
    if (!m_x || *m_x < m_plot.left() - 0.5 || *m_x > m_plot.right() + 0.5) {
        return;
    }
    QPainter painter(this);
    QColor line = palette().color(QPalette::WindowText);
    line.setAlphaF(0.45F);
    painter.setPen(line);
    painter.drawLine(QPointF(*m_x, m_plot.top()), QPointF(*m_x, m_plot.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Base), 1.5));
    for (const Row& row : m_rows) {
        if (row.y) {
            painter.setBrush(row.color);
            painter.drawEllipse(QPointF(*m_x, *row.y), 3.5, 3.5);
        }
    }

    const QFontMetricsF metrics(font());
    const auto shown = std::min<std::size_t>(m_rows.size(), kMostRows);
    const QString more = m_rows.size() > shown ? QStringLiteral("%1 more").arg(m_rows.size() - shown) : QString();
    double labels = metrics.horizontalAdvance(m_title) - metrics.horizontalAdvance(QStringLiteral("0.0000"));
    double values = 0;
    for (std::size_t i = 0; i < shown; ++i) {
        labels = std::max(labels, metrics.horizontalAdvance(m_rows[i].label));
        values = std::max(values, metrics.horizontalAdvance(m_rows[i].value));
    }
    labels = std::min(labels, m_plot.width() * 0.5);
    const double lines = 1.0 + static_cast<double>(shown) + (more.isEmpty() ? 0.0 : 1.0);
    const QSizeF size(kPad * 2 + kSwatch + kPad + labels + kPad * 2 + values, kPad * 2 + lines * metrics.height());
    double left = *m_x + 10;
    if (left + size.width() > m_plot.right()) {
        left = *m_x - 10 - size.width();
    }
    const QRectF box(QPointF(std::max(0.0, left), m_plot.top() + 4), size);
    painter.setPen(palette().color(QPalette::Mid));
    painter.setBrush(palette().color(QPalette::ToolTipBase));
    painter.drawRoundedRect(box, 4, 4);

    const QColor text = palette().color(QPalette::ToolTipText);
    double y = box.top() + kPad;
    painter.setPen(text);
    painter.drawText(QRectF(box.left() + kPad, y, box.width() - 2 * kPad, metrics.height()), Qt::AlignLeft, m_title);
    for (std::size_t i = 0; i < shown; ++i) {
        y += metrics.height();
        const Row& row = m_rows[i];
        painter.setPen(Qt::NoPen);
        painter.setBrush(row.color);
        painter.drawRect(QRectF(box.left() + kPad, y + (metrics.height() - kSwatch) / 2, kSwatch, kSwatch));
        painter.setPen(text);
        painter.drawText(QRectF(box.left() + 2 * kPad + kSwatch, y, labels, metrics.height()), Qt::AlignLeft,
                         metrics.elidedText(row.label, Qt::ElideRight, labels));
        painter.drawText(QRectF(box.left(), y, box.width() - kPad, metrics.height()), Qt::AlignRight, row.value);
    }
    if (!more.isEmpty()) {
        y += metrics.height();
        painter.drawText(QRectF(box.left() + kPad, y, box.width() - 2 * kPad, metrics.height()), Qt::AlignLeft, more);
    }
}

} // namespace dskd::viz
