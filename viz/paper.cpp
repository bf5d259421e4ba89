#include "viz/paper.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace dskd::viz
{
namespace
{

constexpr double kGap = 6.0;
constexpr double kMark = 18.0;
constexpr double kWidestLabel = 0.48; // of the width

// Where every label stands, relative to the legend's corner, and how high all of them are.
struct Legend {
    std::vector<QRectF> boxes;
    double height = 0.0;
};

Legend layOutLegend(const QStringList& labels, double width, const QFontMetricsF& metrics)
{
    Legend legend;
    double x = 0.0;
    double y = 0.0;
    for (const QString& label : labels) {
        const double own = kMark + kGap + std::min(metrics.horizontalAdvance(label) + 1.0, width * kWidestLabel);
        if (x > 0.0 && x + own > width) {
            x = 0.0;
            y += metrics.height();
        }
        legend.boxes.emplace_back(x, y, own, metrics.height());
        x += own + 2.0 * kGap;
    }
    legend.height = labels.isEmpty() ? 0.0 : y + metrics.height();
    return legend;
}

} // namespace

QRectF paintHead(QPainter& painter, const QRectF& target, const QString& title, const QStringList& notes,
                 const ChartInk& ink, const QFont& font)
{
    painter.fillRect(target, ink.paper);
    QRectF rest = target.adjusted(kGap, kGap, -kGap, -kGap);
    const auto write = [&](const QString& text, const QFont& with, const QColor& color) {
        if (text.isEmpty()) {
            return;
        }
        const QFontMetricsF own(with);
        painter.setFont(with);
        painter.setPen(color);
        painter.drawText(QRectF(rest.left(), rest.top(), rest.width(), own.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         own.elidedText(text, Qt::ElideRight, rest.width()));
        rest.setTop(rest.top() + own.height() + kGap / 2.0);
    };
    QFont bold = font;
    bold.setWeight(QFont::DemiBold);
    write(title, bold, ink.text);
    write(notes.join(QStringLiteral(" \u00b7 ")), font, ink.muted);
    return rest;
}

QRectF paintLegend(QPainter& painter, const QRectF& rest, const QStringList& labels,
                   const std::function<void(qsizetype label, const QRectF& box)>& paintMark, const ChartInk& ink,
                   const QFont& font)
{
    const QFontMetricsF metrics(font);
    const Legend legend = layOutLegend(labels, rest.width(), metrics);
    const double top = rest.bottom() - legend.height;
    painter.setFont(font);
    for (qsizetype i = 0; i < labels.size(); ++i) {
        const QRectF box = legend.boxes[static_cast<std::size_t>(i)].translated(rest.left(), top);
        paintMark(i, QRectF(box.left(), box.top(), kMark, box.height()));
        painter.setPen(ink.text);
        painter.drawText(box.adjusted(kMark + kGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(labels[i], Qt::ElideMiddle, box.width() - kMark - kGap));
    }
    QRectF left = rest;
    left.setBottom(top - (labels.isEmpty() ? 0.0 : kGap));
    return left;
}

QRectF paintYTitle(QPainter& painter, const QRectF& rest, const QString& title, const ChartInk& ink, const QFont& font)
{
    if (title.isEmpty()) {
        return rest;
    }
    const QFontMetricsF metrics(font);
    painter.save();
    painter.translate(rest.left(), rest.bottom());
    painter.rotate(-90.0);
    painter.setFont(font);
    painter.setPen(ink.muted);
    painter.drawText(QRectF(0, 0, rest.height(), metrics.height()), Qt::AlignCenter,
                     metrics.elidedText(title, Qt::ElideRight, rest.height()));
    painter.restore();
    return rest.adjusted(metrics.height(), 0, 0, 0);
}

std::optional<QLineF> inside(const QPointF& a, const QPointF& b, const QRectF& area)
{
    double from = 0.0;
    double to = 1.0;
    const QPointF d = b - a;
    const std::array<std::pair<double, double>, 4> edges{{{-d.x(), a.x() - area.left()},
                                                          {d.x(), area.right() - a.x()},
                                                          {-d.y(), a.y() - area.top()},
                                                          {d.y(), area.bottom() - a.y()}}};
    for (const auto& [p, q] : edges) {
        if (p == 0.0 && q < 0.0) {
            return std::nullopt;
        }
        if (p < 0.0) {
            from = std::max(from, q / p);
        } else if (p > 0.0) {
            to = std::min(to, q / p);
        }
    }
    return from <= to ? std::optional(QLineF(a + from * d, a + to * d)) : std::nullopt;
}

} // namespace dskd::viz
