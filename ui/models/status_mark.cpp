#include "ui/models/status_mark.h"

#include "ui/look/theme.h"

#include <QGuiApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>
#include <QPixmap>

namespace dskd::ui
{

namespace
{

// With every colour replaced by `only` when that is valid.
QPixmap draw(jobs::Status status, const QColor& only)
{
    constexpr int kSize = 12;
    constexpr double kScale = 2.0;
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

} // namespace

QIcon statusMark(jobs::Status status)
{
    QIcon icon(draw(status, {}));
    icon.addPixmap(draw(status, QGuiApplication::palette().color(QPalette::HighlightedText)), QIcon::Selected);
    return icon;
}

} // namespace dskd::ui
