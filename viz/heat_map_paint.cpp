#include "viz/heat_map_paint.h"

#include "viz/colour_map.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

constexpr double kPad = 10.0;
constexpr double kBarWidth = 10.0;
constexpr double kMostTokenWidth = 90.0;
constexpr float kLogFloor = 1e-4F;
constexpr QRgb kMissing = 0xff808080; // a value that is not there is grey, no colour of the scale

// Tokens are many: a little smaller than other text.
QFont tokenFont(QFont font)
{
    font.setPointSizeF(std::max(7.0, font.pointSizeF() - 1.0));
    return font;
}

double widest(const QStringList& texts, double from, double to, const QFontMetricsF& metrics)
{
    double result = 0.0;
    const auto last = std::min<qsizetype>(texts.size(), static_cast<qsizetype>(std::ceil(to)));
    for (auto i = static_cast<qsizetype>(std::max(0.0, from)); i < last; ++i) {
        result = std::max(result, metrics.horizontalAdvance(visibleToken(texts[i])));
    }
    return std::min(result, kMostTokenWidth);
}

void paintRowTexts(QPainter& painter, const HeatMap& map, const HeatMapLayout& layout, const QFontMetricsF& metrics)
{
    const double height = layout.cells.height() / layout.part.height();
    const int every = std::max(1, static_cast<int>(std::ceil(metrics.height() * 0.85 / height)));
    for (int row = static_cast<int>(layout.part.top()); row < layout.part.bottom() && row < map.rows(); row += every) {
        const QRectF cell = layout.toPixels(0, row);
        const QRectF place(kPad + metrics.height(), cell.center().y() - metrics.height() / 2,
                           layout.cells.left() - 2 * kPad / 2 - kPad - metrics.height(), metrics.height());
        if (place.top() >= layout.cells.top() - 2 && place.bottom() <= layout.cells.bottom() + 2) {
            painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter,
                             metrics.elidedText(visibleToken(map.rowTexts[row]), Qt::ElideRight, place.width()));
        }
    }
}

void paintColumnTexts(QPainter& painter, const HeatMap& map, const HeatMapLayout& layout, const QFontMetricsF& metrics)
{
    const double width = layout.cells.width() / layout.part.width();
    const int every = std::max(1, static_cast<int>(std::ceil(metrics.height() * 0.85 / width)));
    const double room = layout.cells.top() - kPad - metrics.height() - 4.0;
    for (int column = static_cast<int>(layout.part.left()); column < layout.part.right() && column < map.columns();
         column += every) {
        const double x = layout.toPixels(column, 0).center().x();
        if (x < layout.cells.left() || x > layout.cells.right()) {
            continue;
        }
        painter.save();
        painter.translate(x, layout.cells.top() - 4.0);
        painter.rotate(-90);
        painter.drawText(QRectF(0, -metrics.height() / 2, room, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(visibleToken(map.columnTexts[column]), Qt::ElideRight, room));
        painter.restore();
    }
}

void paintBar(QPainter& painter, const HeatMap& map, const HeatMapLayout& layout, const HeatMapLook& look,
              const QFontMetricsF& metrics)
{
    const ColourMap& colours = look.scale == Scale::Sequential ? viridis() : diverging();
    QImage ramp(1, 256, QImage::Format_RGB32);
    for (int i = 0; i < 256; ++i) {
        ramp.setPixel(0, i, colours[static_cast<std::size_t>(255 - i)]);
    }
    painter.drawImage(layout.bar, ramp);
    const auto [low, high] = colourRange(map, look.scale);
    const bool log = look.log && look.scale == Scale::Sequential;
    const QString top = QString::number(high, 'g', 2);
    const QString middle = log ? QStringLiteral("0.01") : QString::number((low + high) / 2, 'g', 2);
    const QString bottom = log ? QStringLiteral("1e-4") : QString::number(low, 'g', 2);
    const double left = layout.bar.right() + 4.0;
    for (const auto& [text, y] : {std::pair(top, layout.bar.top() + metrics.height() / 2),
                                  {middle, layout.bar.center().y()},
                                  {bottom, layout.bar.bottom() - metrics.height() / 2}}) {
        painter.drawText(QRectF(left, y - metrics.height() / 2, 60, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         text);
    }
}

QString readout(const HeatMap& map, const HeatMapLook& look)
{
    if (!look.cursor) {
        return QStringLiteral("%1 × %2").arg(map.rows()).arg(map.columns());
    }
    const QPoint cell = *look.cursor;
    return QStringLiteral("%1 %2  ·  %3 %4  ·  %5")
        .arg(look.rowTitle, visibleToken(map.rowTexts[cell.y()]), look.columnTitle,
             visibleToken(map.columnTexts[cell.x()]), QString::number(map.at(cell.y(), cell.x()), 'g', 4));
}

} // namespace

QPointF HeatMapLayout::toCells(const QPointF& pixel) const
{
    return {part.left() + (pixel.x() - cells.left()) / cells.width() * part.width(),
            part.top() + (pixel.y() - cells.top()) / cells.height() * part.height()};
}

QRectF HeatMapLayout::toPixels(int column, int row) const
{
    const double width = cells.width() / part.width();
    const double height = cells.height() / part.height();
    return {cells.left() + (column - part.left()) * width, cells.top() + (row - part.top()) * height, width, height};
}

QString visibleToken(QString token)
{
    if (token.isEmpty()) {
        return QStringLiteral("∅");
    }
    token.replace(QLatin1Char('\n'), QStringLiteral("⏎")).replace(QLatin1Char('\t'), QStringLiteral("⇥"));
    return token.replace(QLatin1Char(' '), QStringLiteral("·"));
}

std::pair<float, float> colourRange(const HeatMap& map, Scale scale)
{
    if (scale == Scale::Sequential) {
        return {0.0F, 1.0F};
    }
    float most = 0.0F;
    for (const float value : map.values) {
        most = std::isfinite(value) ? std::max(most, std::abs(value)) : most;
    }
    return most > 0.0F ? std::pair(-most, most) : std::pair(-1.0F, 1.0F);
}

QImage heatMapImage(const HeatMap& map, Scale scale, bool log)
{
    if (map.rows() == 0 || map.columns() == 0) {
        return {};
    }
    const ColourMap& colours = scale == Scale::Sequential ? viridis() : diverging();
    const auto [low, high] = colourRange(map, scale);
    const bool byLog = log && scale == Scale::Sequential;
    const float logLow = std::log10(kLogFloor);
    QImage image(map.columns(), map.rows(), QImage::Format_RGB32);
    for (int row = 0; row < map.rows(); ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < map.columns(); ++column) {
            const float value = map.at(row, column);
            if (std::isnan(value)) {
                line[column] = kMissing;
                continue;
            }
            const int index = byLog ? colourIndex(std::log10(std::max(value, kLogFloor)), logLow, 0.0F)
                                    : colourIndex(value, low, high);
            line[column] = colours[static_cast<std::size_t>(index)];
        }
    }
    return image;
}

HeatMapLayout heatMapLayout(const HeatMap& map, const QRectF& part, const QRectF& widget, const QFont& font)
{
    const QFontMetricsF metrics(font);
    const double left = kPad + metrics.height() + widest(map.rowTexts, part.top(), part.bottom(), metrics) + kPad;
    const double top = kPad + metrics.height() + widest(map.columnTexts, part.left(), part.right(), metrics) + 8.0;
    const double right = kPad + kBarWidth + 4.0 + metrics.horizontalAdvance(QStringLiteral("−0.00")) + kPad;
    const double bottom = metrics.height() + 2 * kPad;
    QRectF free(left, top, std::max(20.0, widget.width() - left - right),
                std::max(20.0, widget.height() - top - bottom));
    // square cells where the shape allows it, at most 1 : 2.5
    const double cellWidth = free.width() / std::max(1.0, part.width());
    const double cellHeight = free.height() / std::max(1.0, part.height());
    constexpr double kMostStretch = 2.5;
    if (cellWidth > cellHeight * kMostStretch) {
        free.setWidth(cellHeight * kMostStretch * part.width());
    } else if (cellHeight > cellWidth * kMostStretch) {
        free.setHeight(cellWidth * kMostStretch * part.height());
    }
    HeatMapLayout layout;
    layout.part = part;
    layout.cells = free;
    layout.bar = QRectF(free.right() + kPad, free.top(), kBarWidth, free.height());
    layout.line =
        QRectF(kPad, widget.height() - metrics.height() - kPad * 0.6, widget.width() - 2 * kPad, metrics.height());
    return layout;
}

void paintHeatMap(QPainter& painter, const HeatMap& map, const QImage& image, const HeatMapLayout& layout,
                  const HeatMapLook& look, const QPalette& palette)
{
    const QFontMetricsF metrics(painter.font());
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(layout.cells, image, layout.part);
    painter.setPen(palette.color(QPalette::WindowText));
    const QFont font = painter.font();
    painter.setFont(tokenFont(font));
    paintRowTexts(painter, map, layout, QFontMetricsF(painter.font()));
    paintColumnTexts(painter, map, layout, QFontMetricsF(painter.font()));
    painter.setFont(font);
    paintBar(painter, map, layout, look, metrics);
    if (look.cursor) {
        const QRectF cell = layout.toPixels(look.cursor->x(), look.cursor->y());
        painter.save();
        painter.setClipRect(layout.cells.adjusted(-2, -2, 2, 2));
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(Qt::black, 3));
        painter.drawRect(cell);
        painter.setPen(QPen(Qt::white, 1));
        painter.drawRect(cell);
        painter.restore();
    }
    painter.drawText(layout.line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(readout(map, look), Qt::ElideRight, layout.line.width()));
    painter.setPen(palette.color(QPalette::PlaceholderText));
    painter.drawText(QRectF(layout.cells.left(), kPad * 0.6, layout.cells.width(), metrics.height()), Qt::AlignHCenter,
                     look.columnTitle);
    painter.save();
    painter.translate(kPad * 0.6, layout.cells.center().y());
    painter.rotate(-90);
    painter.drawText(QRectF(-layout.cells.height() / 2, 0, layout.cells.height(), metrics.height()), Qt::AlignCenter,
                     look.rowTitle);
    painter.restore();
}

} // namespace dskd::viz
