#include "ui/models/status_mark.h"

#include "ui/look/theme.h"

#include <QCoreApplication>
#include <QGuiApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>
#include <QPixmap>
#include <QStringList>
#include <algorithm>
#include <utility>

namespace dskd::ui
{

namespace
{

constexpr double kScale = 2.0; // pictures are sharp on a screen of twice the resolution

// With every colour replaced by `only` when that is valid.
QPixmap draw(jobs::Status status, const QColor& only)
{
    constexpr int kSize = 12;
    QPixmap picture(QSize(kSize, kSize) * kScale);
    picture.setDevicePixelRatio(kScale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    const Palette& colours = palette();
    const auto chosen = [&](const QColor& colour) { return only.isValid() ? only : colour; };
    const auto stroke = [&](const QColor& colour) {
        painter.setPen(QPen(chosen(colour), 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
    };
    const auto fill = [&](const QColor& colour) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(chosen(colour));
    };
    switch (status) {
    case jobs::Status::Created:
    case jobs::Status::Queued:
        stroke(colours.muted);
        painter.drawEllipse(QRectF(2, 2, 8, 8));
        break;
    case jobs::Status::Starting:
    case jobs::Status::Running:
        fill(colours.accent);
        painter.drawEllipse(QRectF(1.5, 1.5, 9, 9));
        break;
    case jobs::Status::Stalled: {
        fill(colours.warn);
        QPainterPath triangle(QPointF(6, 1));
        triangle.lineTo(11, 11);
        triangle.lineTo(1, 11);
        triangle.closeSubpath();
        painter.drawPath(triangle);
        break;
    }
    case jobs::Status::Done:
        stroke(colours.good);
        painter.drawPolyline(QList<QPointF>{{1.5, 6.5}, {4.5, 9.5}, {10.5, 2.5}});
        break;
    case jobs::Status::Stopped:
        fill(colours.warn);
        painter.drawRect(QRectF(2, 2, 8, 8));
        break;
    case jobs::Status::Failed:
    case jobs::Status::Crashed:
    case jobs::Status::OutOfMemory:
        stroke(colours.bad);
        painter.drawLine(QPointF(2, 2), QPointF(10, 10));
        painter.drawLine(QPointF(10, 2), QPointF(2, 10));
        break;
    }
    return picture;
}

QColor onSelection()
{
    return QGuiApplication::palette().color(QPalette::HighlightedText);
}

QPixmap drawSwatch(const QColor& colour, const QColor& frame)
{
    constexpr int kSize = 12;
    constexpr int kFrame = 2;
    QPixmap picture(QSize(kSize, kSize) * kScale);
    picture.setDevicePixelRatio(kScale);
    picture.fill(frame.isValid() ? frame : colour);
    if (frame.isValid()) {
        QPainter painter(&picture);
        painter.fillRect(QRect(kFrame, kFrame, kSize - 2 * kFrame, kSize - 2 * kFrame), colour);
    }
    return picture;
}

QPixmap drawBar(const StateCounts& counts, const QColor& frame)
{
    constexpr int kWidth = 32;
    constexpr int kHeight = 8;
    QPixmap picture(QSize(kWidth, kHeight) * kScale);
    picture.setDevicePixelRatio(kScale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    const Palette& colours = palette();
    const std::pair<std::size_t, QColor> shares[] = {{counts.done, colours.good},
                                                     {counts.going, colours.accent},
                                                     {counts.stopped, colours.warn},
                                                     {counts.failed, colours.bad}};
    const double width = kWidth / static_cast<double>(std::max<std::size_t>(counts.total(), 1));
    painter.fillRect(QRectF(0, 0, kWidth, kHeight), colours.raised);
    double left = 0.0;
    for (const auto& [count, colour] : shares) {
        painter.fillRect(QRectF(left, 0, width * static_cast<double>(count), kHeight), colour);
        left += width * static_cast<double>(count);
    }
    painter.setPen(QPen(frame, 1));
    painter.drawRect(QRectF(0.5, 0.5, kWidth - 1, kHeight - 1));
    return picture;
}

} // namespace

QIcon statusMark(jobs::Status status)
{
    QIcon icon(draw(status, {}));
    icon.addPixmap(draw(status, onSelection()), QIcon::Selected);
    return icon;
}

QIcon runSwatch(int color)
{
    QIcon icon(drawSwatch(runColor(color), {}));
    icon.addPixmap(drawSwatch(runColor(color), onSelection()), QIcon::Selected);
    return icon;
}

QString stateText(const StateCounts& counts)
{
    const auto words = [](const char* text) { return QCoreApplication::translate("StateCounts", text); };
    const std::pair<std::size_t, QString> states[] = {
        {counts.done, words("%1 done")},       {counts.going, words("%1 running")},
        {counts.stopped, words("%1 stopped")}, {counts.failed, words("%1 failed")},
        {counts.waiting, words("%1 waiting")}, {counts.missing, words("%1 missing")}};
    QStringList parts;
    for (const auto& [count, text] : states) {
        if (count > 0) {
            parts += text.arg(count);
        }
    }
    return parts.join(QStringLiteral(" · "));
}

QIcon stateBar(const StateCounts& counts)
{
    QIcon icon(drawBar(counts, palette().muted));
    icon.addPixmap(drawBar(counts, onSelection()), QIcon::Selected);
    return icon;
}

} // namespace dskd::ui
