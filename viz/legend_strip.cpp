#include "viz/legend_strip.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextDocument>
#include <algorithm>
#include <utility>

namespace dskd::viz
{

namespace
{

constexpr int kPad = 4;
constexpr int kSwatch = 14; // a piece of line, so that dashes can be seen
constexpr int kGap = 12;    // between entries
constexpr double kWidestLabel = 260.0;
constexpr std::size_t kMostInToolTip = 60; // more is higher than a screen

// Room for a value of any length that occurs; a longer one is cut.
QString widestValue()
{
    return QStringLiteral("\u2248-0.00000 (raw -0.0000)");
}

} // namespace

LegendStrip::LegendStrip(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Legend"));
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void LegendStrip::setMostLines(int lines)
{
    if (lines != m_mostLines) {
        m_mostLines = lines;
        updateGeometry();
        update();
    }
}

void LegendStrip::show(const QString& title, std::vector<LegendEntry> entries)
{
    if (title == m_title && entries == m_entries) {
        return;
    }
    const auto sameLabels = [&] {
        return std::equal(entries.begin(), entries.end(), m_entries.begin(), m_entries.end(),
                          [](const LegendEntry& a, const LegendEntry& b) { return a.label == b.label; });
    };
    const bool sameSize = sameLabels();
    m_title = title;
    m_entries = std::move(entries);
    QStringList lines{m_title};
    const std::size_t told = std::min(m_entries.size(), kMostInToolTip);
    for (std::size_t i = 0; i < told; ++i) {
        const LegendEntry& entry = m_entries[i];
        lines.append(entry.value.isEmpty() ? entry.label : entry.label + QStringLiteral(": ") + entry.value);
    }
    if (told < m_entries.size()) {
        lines.append(tr("%1 more").arg(m_entries.size() - told));
    }
    const QString text = lines.join('\n');
    setToolTip(Qt::convertFromPlainText(text)); // a name may look like a tag
    setAccessibleDescription(text);
    if (!sameSize) {
        updateGeometry();
    }
    update();
}

LegendStrip::Places LegendStrip::places(int width) const
{
    Places places;
    const QFontMetricsF metrics(font());
    double label = 0.0;
    for (const LegendEntry& entry : m_entries) {
        label = std::max(label, metrics.horizontalAdvance(entry.label));
    }
    places.width = kSwatch + kPad + std::min(label, kWidestLabel) + kPad + metrics.horizontalAdvance(widestValue());
    places.columns = std::max(1, static_cast<int>((width + kGap) / (places.width + kGap)));
    const int count = static_cast<int>(m_entries.size());
    places.lines = std::clamp((count + places.columns - 1) / places.columns, 1, m_mostLines);
    const int cells = places.columns * places.lines;
    places.shown = count <= cells ? count : cells - 1; // the last cell says how many are left
    return places;
}

int LegendStrip::hiddenEntries() const
{
    return static_cast<int>(m_entries.size()) - places(width()).shown;
}

int LegendStrip::heightForWidth(int width) const
{
    return (1 + places(width).lines) * QFontMetrics(font()).height() + 2 * kPad;
}

QSize LegendStrip::sizeHint() const
{
    return {400, heightForWidth(std::max(width(), 400))};
}

QSize LegendStrip::minimumSizeHint() const
{
    return {100, 2 * QFontMetrics(font()).height() + 2 * kPad};
}

void LegendStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QFontMetricsF metrics(font());
    const Places at = places(width());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(QRectF(0, kPad, width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(m_title, Qt::ElideRight, width()));
    const auto cell = [&](int i) {
        return QRectF((i % at.columns) * (at.width + kGap), kPad + (1 + i / at.columns) * metrics.height(), at.width,
                      metrics.height());
    };
    for (int i = 0; i < at.shown; ++i) {
        const LegendEntry& entry = m_entries[static_cast<std::size_t>(i)];
        const QRectF box = cell(i);
        painter.setPen(QPen(entry.color, 3.0, entry.dashed ? Qt::DotLine : Qt::SolidLine));
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.left() + kSwatch, box.center().y()));
        painter.setPen(palette().color(QPalette::WindowText));
        const QRectF text = box.adjusted(kSwatch + kPad, 0, 0, 0);
        const double value = metrics.horizontalAdvance(entry.value);
        const QString label =
            metrics.elidedText(entry.label, Qt::ElideMiddle, std::max(0.0, text.width() - value - kPad));
        painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, label);
        const QRectF behind = text.adjusted(metrics.horizontalAdvance(label) + 2 * kPad, 0, 0, 0);
        painter.drawText(behind, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(entry.value, Qt::ElideRight, std::max(0.0, behind.width())));
    }
    if (const int hidden = static_cast<int>(m_entries.size()) - at.shown; hidden > 0) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(cell(at.shown), Qt::AlignLeft | Qt::AlignVCenter, tr("%1 more").arg(hidden));
    }
}

} // namespace dskd::viz
