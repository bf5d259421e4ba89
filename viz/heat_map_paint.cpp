#include "viz/heat_map_paint.h"

#include "viz/colour_map.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>

namespace dskd::viz
{

namespace
{

constexpr double kPad = 10.0;
constexpr double kBarWidth = 10.0;
constexpr double kMostTokenWidth = 90.0;
constexpr double kLeastCellOfText = 0.4; // of a line of text: then every second or third token is written
constexpr double kGainBelow = 1.5;       // times the size that cells must have with the bar below them
constexpr double kLeastBar = 3.0;        // lines of text: the height of its three numbers
constexpr float kLogFloor = 1e-4F;
constexpr QRgb kMissing = 0xff808080; // a value that is not there is grey, no colour of the scale

// Tokens are many: a little smaller than other text.
QFont tokenFont(QFont font)
{
    if (font.pixelSize() > 0) { // of a picture for paper
        font.setPixelSize(std::max(8, font.pixelSize() - 1));
    } else {
        font.setPointSizeF(std::max(7.0, font.pointSizeF() - 1.0));
    }
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

void paintBar(QPainter& painter, const HeatMapLayout& layout, const HeatMapLook& look, const QFontMetricsF& metrics)
{
    const ColourMap& colours = look.scale == Scale::Sequential ? viridis() : diverging();
    QImage ramp(layout.barBelow ? 256 : 1, layout.barBelow ? 1 : 256, QImage::Format_RGB32);
    for (int i = 0; i < 256; ++i) {
        layout.barBelow ? ramp.setPixel(i, 0, colours[static_cast<std::size_t>(i)])
                        : ramp.setPixel(0, i, colours[static_cast<std::size_t>(255 - i)]);
    }
    painter.drawImage(layout.bar, ramp);
    const auto [low, high] = look.range;
    const bool log = look.log && look.scale == Scale::Sequential;
    const QString top = QString::number(high, 'g', 2);
    const float centre = log ? std::sqrt(std::max(high, kLogFloor) * kLogFloor) : (low + high) / 2;
    const QString middle = QString::number(centre, 'g', 2);
    const QString bottom = QString::number(log ? kLogFloor : low, 'g', 2);
    if (layout.barBelow) { // too short for the number of its middle
        const QRectF numbers(layout.bar.left(), layout.bar.bottom(), layout.bar.width(), metrics.height());
        painter.drawText(numbers, Qt::AlignLeft | Qt::AlignVCenter, bottom);
        painter.drawText(numbers, Qt::AlignRight | Qt::AlignVCenter, top);
        return;
    }
    const double left = layout.bar.right() + 4.0;
    for (const auto& [text, y] : {std::pair(top, layout.bar.top() + metrics.height() / 2),
                                  {middle, layout.bar.center().y()},
                                  {bottom, layout.bar.bottom() - metrics.height() / 2}}) {
        painter.drawText(QRectF(left, y - metrics.height() / 2, 60, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         text);
    }
}

// From the least to the greatest; [0, 1] where all are equal.
std::pair<float, float> finiteRange(const HeatMap& map)
{
    float low = std::numeric_limits<float>::max();
    float high = std::numeric_limits<float>::lowest();
    for (const float value : map.values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    return low < high ? std::pair(low, high) : std::pair(0.0F, 1.0F);
}

void paintOutlines(QPainter& painter, const HeatMapLayout& layout, const std::vector<QRect>& outlines)
{
    constexpr double kLeastPixels = 3.0; // a smaller one would hide what it surrounds
    painter.save();
    painter.setClipRect(layout.cells);
    painter.setBrush(Qt::NoBrush);
    for (const auto& [colour, width] : {std::pair(QColor(Qt::black), 2.0), {QColor(Qt::white), 0.75}}) {
        painter.setPen(QPen(colour, width));
        for (const QRect& outline : outlines) {
            const QRectF box = layout.toPixels(outline.left(), outline.top())
                                   .united(layout.toPixels(outline.right(), outline.bottom()));
            if (box.width() >= kLeastPixels && box.height() >= kLeastPixels && box.intersects(layout.cells)) {
                painter.drawRect(box);
            }
        }
    }
    painter.restore();
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

std::pair<float, float> colourRange(const HeatMap& map, Scale scale,
                                    const std::optional<std::pair<float, float>>& wanted)
{
    if (scale == Scale::Sequential) {
        return wanted ? *wanted : finiteRange(map);
    }
    float most = 0.0F;
    for (const float value : map.values) {
        most = std::isfinite(value) ? std::max(most, std::abs(value)) : most;
    }
    return most > 0.0F ? std::pair(-most, most) : std::pair(-1.0F, 1.0F);
}

QImage heatMapImage(const HeatMap& map, Scale scale, bool log, const std::optional<std::pair<float, float>>& wanted)
{
    if (map.rows() == 0 || map.columns() == 0) {
        return {};
    }
    const ColourMap& colours = scale == Scale::Sequential ? viridis() : diverging();
    const auto [low, high] = colourRange(map, scale, wanted);
    const bool byLog = log && scale == Scale::Sequential;
    const float logLow = std::log10(kLogFloor);
    const float logHigh = std::log10(std::max(high, kLogFloor));
    QImage image(map.columns(), map.rows(), QImage::Format_RGB32);
    for (int row = 0; row < map.rows(); ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < map.columns(); ++column) {
            const float value = map.at(row, column);
            if (std::isnan(value)) {
                line[column] = kMissing;
                continue;
            }
            const int index = byLog ? colourIndex(std::log10(std::max(value, kLogFloor)), logLow, logHigh)
                                    : colourIndex(value, low, high);
            line[column] = colours[static_cast<std::size_t>(index)];
        }
    }
    return image;
}

QImage visibleCells(const QImage& image, const QRectF& part, const QSize& pixels)
{
    if (image.isNull() || pixels.isEmpty()) {
        return {};
    }
    if (part.width() > pixels.width() || part.height() > pixels.height()) {
        return image.copy(part.toAlignedRect()).scaled(pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    }
    QImage cells(pixels, QImage::Format_RGB32);
    QPainter painter(&cells);
    painter.drawImage(QRectF(QPointF(), QSizeF(pixels)), image, part);
    return cells;
}

HeatMapLayout heatMapLayout(const HeatMap& map, const QRectF& part, const QRectF& widget, const QFont& font)
{
    const QFontMetricsF metrics(font);
    const double beside = kPad + kBarWidth + 4.0 + metrics.horizontalAdvance(QStringLiteral("−0.00")) + kPad;
    const double below = kPad + kBarWidth + metrics.height();
    const double bottom = metrics.height() + 2 * kPad;
    const auto laidOut = [&](double rowTexts, double columnTexts, bool barBelow) {
        const double left = kPad + metrics.height() + rowTexts + kPad;
        const double top = kPad + metrics.height() + columnTexts + 8.0;
        const double width = std::max(20.0, widget.width() - left - (barBelow ? kPad : beside));
        const double height = std::max(20.0, widget.height() - top - bottom - (barBelow ? below : 0.0));
        const double side = std::min(width / std::max(1.0, part.width()), height / std::max(1.0, part.height()));
        return QRectF(left, top, side * part.width(), side * part.height());
    };
    // Long tokens are cut before they push the cells out of a small view.
    const double roomForTexts = std::min(widget.width(), widget.height()) / 4.0;
    double rowTexts = std::min(roomForTexts, widest(map.rowTexts, part.top(), part.bottom(), metrics));
    double columnTexts = std::min(roomForTexts, widest(map.columnTexts, part.left(), part.right(), metrics));
    HeatMapLayout layout;
    layout.part = part;
    layout.cells = laidOut(rowTexts, columnTexts, /*barBelow=*/false);
    // Where most tokens would be left out, none is written and the cells grow.
    layout.labelled = layout.cells.height() >= kLeastCellOfText * metrics.height() * part.height();
    if (!layout.labelled) {
        rowTexts = 0.0;
        columnTexts = 0.0;
        layout.cells = laidOut(rowTexts, columnTexts, /*barBelow=*/false);
    }
    const QRectF aboveTheBar = laidOut(rowTexts, columnTexts, /*barBelow=*/true);
    layout.barBelow = aboveTheBar.width() >= kGainBelow * layout.cells.width();
    if (layout.barBelow) {
        layout.cells = aboveTheBar;
        layout.bar = QRectF(layout.cells.left(), layout.cells.bottom() + kPad, layout.cells.width(), kBarWidth);
    } else {
        layout.bar = QRectF(layout.cells.right() + kPad, layout.cells.top(), kBarWidth,
                            std::max(layout.cells.height(), kLeastBar * metrics.height()));
    }
    layout.line =
        QRectF(kPad, widget.height() - metrics.height() - kPad * 0.6, widget.width() - 2 * kPad, metrics.height());
    return layout;
}

void paintHeatMap(QPainter& painter, const HeatMap& map, const QImage& cells, const HeatMapLayout& layout,
                  const HeatMapLook& look, const QPalette& palette)
{
    const QFontMetricsF metrics(painter.font());
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.drawImage(layout.cells, cells);
    paintOutlines(painter, layout, look.outlines);
    painter.setPen(palette.color(QPalette::WindowText));
    const QFont font = painter.font();
    painter.setFont(tokenFont(font));
    if (layout.labelled) {
        paintRowTexts(painter, map, layout, QFontMetricsF(painter.font()));
        paintColumnTexts(painter, map, layout, QFontMetricsF(painter.font()));
    }
    painter.setFont(font);
    paintBar(painter, layout, look, metrics);
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
    const double across = std::max(layout.cells.width(), metrics.horizontalAdvance(look.columnTitle));
    painter.drawText(QRectF(layout.cells.left(), kPad * 0.6, across, metrics.height()), Qt::AlignHCenter,
                     look.columnTitle);
    painter.save();
    painter.translate(kPad * 0.6, layout.cells.center().y());
    painter.rotate(-90);
    const double along = std::max(layout.cells.height(), metrics.horizontalAdvance(look.rowTitle));
    painter.drawText(QRectF(-along / 2, 0, along, metrics.height()), Qt::AlignCenter, look.rowTitle);
    painter.restore();
}

} // namespace dskd::viz
