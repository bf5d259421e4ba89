// What a chart gives in words and on paper: values at the crosshair, what was left out, its picture.

#include "viz/curve_chart_private.h"
#include "viz/legend_strip.h"
#include "viz/value_at.h"

#include <QLabel>
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

constexpr double kHalfPixel = 0.5;
constexpr double kNearMark = 4.0; // pixels

QString number(double value)
{
    return std::isnan(value)   ? QStringLiteral("NaN")
           : std::isinf(value) ? (value > 0 ? QStringLiteral("+∞") : QStringLiteral("−∞"))
                               : QString::number(value, 'g', 5);
}

} // namespace

QString CurveChart::Private::textOfX(double x) const
{
    const QLocale english(QLocale::English);
    switch (xKind) {
    case XKind::Seconds: {
        const auto whole = static_cast<qlonglong>(std::abs(x));
        return x < 60.0     ? CurveChart::tr("%1 s").arg(x, 0, 'g', 3)
               : x < 3600.0 ? CurveChart::tr("%1 m %2 s").arg(whole / 60).arg(whole % 60)
                            : CurveChart::tr("%1 h %2 m").arg(whole / 3600).arg(whole / 60 % 60);
    }
    case XKind::Fraction: return QStringLiteral("%1 %2").arg(xTitle, english.toString(x, 'g', 4));
    case XKind::Number: break;
    }
    return QStringLiteral("%1 %2").arg(xTitle.isEmpty() ? QStringLiteral("x") : xTitle,
                                       english.toString(std::round(x), 'f', 0));
}

QString CurveChart::Private::shownY(double y) const
{
    return number(y * yFactor);
}

QString CurveChart::Private::noteOf(const DrawnCurve& curve) const
{
    return curve.notFinite() == 0 ? QString()
                                  : CurveChart::tr("%1 not finite, first at %2")
                                        .arg(curve.notFinite())
                                        .arg(textOfX(*curve.firstNotFinite()));
}

CurveReading CurveChart::Private::readingOf(const DrawnCurve& drawnCurve, double tolerance) const
{
    const Curve& curve = drawnCurve.curve();
    CurveReading reading{curve.id, curve.label, curve.color, curve.dashed, {}, {}, noteOf(drawnCurve)};
    if (!crosshair || drawnCurve.line().size() != curve.points.size()) {
        return reading;
    }
    const std::optional<ValueAt> value = valueAt(drawnCurve.line(), *crosshair, tolerance, logX, logY);
    if (!value) {
        return reading;
    }
    if (!value->drawn) {
        reading.value = shownY(curve.points[value->before].y());
        return reading;
    }
    double shown = value->at.y();
    if (curve.floors.size() == curve.points.size()) { // the height of the layer
        const double from = curve.points[value->before].x();
        const double width = curve.points[value->after].x() - from;
        const double share = width > 0.0 ? (value->at.x() - from) / width : 0.0;
        shown -= curve.floors[value->before] + share * (curve.floors[value->after] - curve.floors[value->before]);
    }
    reading.y = value->at.y();
    reading.value = value->recorded() ? shownY(shown) : QStringLiteral("\u2248") + shownY(shown);
    if (value->recorded() && drawnCurve.smoothed()) {
        reading.value += CurveChart::tr(" (raw %1)").arg(shownY(curve.points[value->before].y()));
    }
    if (value->recorded() && curve.deviations.size() == curve.points.size()) {
        reading.value +=
            QStringLiteral(" \u00b1 ") + QString::number(curve.deviations[value->before] * yFactor, 'g', 2);
    }
    if (const QString suffix = ySuffix(); !suffix.isEmpty()) {
        reading.value += QLatin1Char(' ') + suffix;
    }
    if (curve.counts.size() == curve.points.size()) {
        reading.value += CurveChart::tr(" (n %1)").arg(curve.counts[value->before]);
    }
    return reading;
}

std::vector<CurveReading> CurveChart::Private::readings() const
{
    double tolerance = 0.0;
    if (crosshair && area->plot().width() > 0.0 && (!logX || *crosshair > 0.0)) {
        const PlotFrame& frame = area->frame();
        tolerance = std::abs(frame.dataX(frame.toX(*crosshair) + kHalfPixel) - *crosshair);
    }
    std::vector<CurveReading> result;
    for (const DrawnCurve* curve : inOrder()) {
        result.push_back(readingOf(*curve, tolerance));
    }
    return result;
}

void CurveChart::Private::moveCrosshair(std::optional<double> x)
{
    if (x) {
        const auto [low, high] = part.value_or(wholeX());
        x = std::clamp(*x, low, high);
    }
    if (x != crosshair) {
        crosshair = x;
        showCrosshair();
        Q_EMIT chart.crosshairMoved(x);
    }
}

void CurveChart::Private::stepCrosshair(int direction)
{
    const auto [low, high] = part.value_or(wholeX());
    const double from = crosshair.value_or(direction > 0 ? low - 1.0 : high + 1.0);
    std::optional<double> next;
    for (const auto& curve : drawn) {
        const auto& points = curve->curve().points;
        const auto byX = [](const QPointF& point, double x) { return point.x() < x; };
        const auto* at = std::lower_bound(points.begin(), points.end(), from, byX);
        if (direction > 0) {
            at = std::find_if(at, points.end(), [&](const QPointF& point) { return point.x() > from; });
        } else if (at != points.begin()) {
            --at;
        } else {
            at = points.end();
        }
        const bool inside = at != points.end() && at->x() >= low && at->x() <= high;
        if (inside && (!next || (direction > 0 ? at->x() < *next : at->x() > *next))) {
            next = at->x();
        }
    }
    if (next) {
        moveCrosshair(next);
    }
}

void CurveChart::Private::showCrosshair()
{
    const PlotFrame& frame = area->frame();
    const std::vector<CurveReading> all = readings();
    showLegend(all);
    if (!crosshair || (logX && *crosshair <= 0.0)) {
        readout->show(std::nullopt, frame.plot, {});
        return;
    }
    std::vector<Readout::Dot> dots;
    for (const CurveReading& reading : all) {
        if (reading.y && (!logY || *reading.y > 0.0)) {
            const double y = frame.toY(*reading.y);
            if (y >= frame.plot.top() - 1.0 && y <= frame.plot.bottom() + 1.0) { // a box may leave it out
                dots.push_back({y, reading.color});
            }
        }
    }
    readout->show(frame.toX(*crosshair), frame.plot, std::move(dots));
}

void CurveChart::Private::showLegend(const std::vector<CurveReading>& read)
{
    if (!legendShown) {
        return;
    }
    std::vector<LegendEntry> entries;
    for (const CurveReading& reading : read) {
        entries.push_back(
            {reading.label, reading.value.isEmpty() ? reading.note : reading.value, reading.color, reading.dashed});
    }
    legend->show(crosshair ? textOfX(*crosshair) : QString(), std::move(entries));
}

QString CurveChart::Private::crosshairText() const
{
    QString text;
    if (!crosshair) {
        return text;
    }
    for (const DrawnCurve* curve : inOrder()) {
        const auto& points = curve->curve().points;
        const auto value = valueAt(points, *crosshair, 0.0, logX, logY);
        if (value) {
            text += curve->curve().label + '\t' + QString::number(value->at.x(), 'g', QLocale::FloatingPointShortest) +
                    '\t' + QString::number(value->at.y(), 'g', QLocale::FloatingPointShortest) + '\n';
        }
    }
    return text;
}

QString CurveChart::Private::markTextAt(double pixel) const
{
    QStringList texts;
    const PlotFrame& frame = area->frame();
    for (const Mark& mark : marks) {
        if (logX && mark.from <= 0.0) {
            continue;
        }
        if (pixel >= frame.toX(mark.from) - kNearMark && pixel <= frame.toX(mark.to) + kNearMark) {
            texts.append(mark.text);
        }
    }
    return texts.join('\n');
}

QString CurveChart::Private::notFiniteText() const
{
    std::size_t count = 0;
    std::optional<double> first;
    for (const auto& curve : drawn) {
        count += curve->notFinite();
        if (const auto x = curve->firstNotFinite()) {
            first = std::min(first.value_or(*x), *x);
        }
    }
    return count == 0 ? QString() : CurveChart::tr("%1 not finite, first at %2").arg(count).arg(textOfX(*first));
}

QStringList CurveChart::Private::leftOutByLog(std::size_t notPositive) const
{
    QStringList texts;
    if (notPositive > 0) {
        texts += CurveChart::tr("%1 not above 0 left out").arg(notPositive);
    }
    if (const std::size_t count = notOnAxis(); count > 0) {
        texts += CurveChart::tr("%1 at %2 0 left out").arg(count).arg(xTitle.isEmpty() ? QStringLiteral("x") : xTitle);
    }
    return texts;
}

void CurveChart::Private::setBadge(std::size_t drawnPoints, std::size_t visible, std::size_t notPositive,
                                   const QString& symbols)
{
    const QLocale english(QLocale::English);
    QStringList truths = leftOutByLog(notPositive);
    if (const QString text = notFiniteText(); !text.isEmpty()) {
        truths.prepend(text);
    }
    if (!truths.isEmpty() && !symbols.isEmpty()) {
        truths.front().prepend(symbols + QLatin1Char(' ')); // as they are marked
    }
    const bool all =
        std::all_of(drawn.begin(), drawn.end(), [](const auto& curve) { return curve->curve().recorded == 0; });
    if (drawnPoints < visible && all) { // of what was not handed over nothing is known here
        truths += CurveChart::tr("%1 of %2 drawn; extremes kept")
                      .arg(english.toString(static_cast<qulonglong>(drawnPoints)),
                           english.toString(static_cast<qulonglong>(visible)));
    }
    if (part || partY) {
        truths += CurveChart::tr("a part; 0 shows all");
    }
    const QString text = truths.join(QStringLiteral(" · "));
    badge->setText(badge->fontMetrics().elidedText(text, Qt::ElideRight, badge->width())); // its beginning counts most
    badge->setToolTip(text);
}

ChartPicture CurveChart::Private::picture(int columns)
{
    refresh();
    ChartPicture picture;
    picture.title = title->text();
    picture.xTitle = xTitle;
    picture.yTitle = ySuffix().isEmpty() ? yTitle : QString(); // else it stands behind each number
    picture.range = area->range();
    picture.marks = marks;
    std::size_t notPositive = 0;
    for (const auto& drawnCurve : drawn) {
        const Curve& curve = drawnCurve->curve();
        const QColor color = curve.printColor.isValid() ? curve.printColor : curve.color;
        const QString note = noteOf(*drawnCurve);
        VisibleCurve seen = drawnCurve->visible(picture.range, columns);
        notPositive += seen.notPositive;
        for (const QPointF& point : seen.skippedAt) {
            picture.leftOut.add(point, color);
        }
        picture.lines.push_back({note.isEmpty() ? curve.label : QStringLiteral("%1 (%2)").arg(curve.label, note), color,
                                 linePen(curve, color), areaColor(curve, color), std::move(seen)});
    }
    if (const QString text = textOf(smoothing); !text.isEmpty()) {
        picture.notes += text;
    }
    picture.notes += leftOutByLog(notPositive);
    return picture;
}

} // namespace dskd::viz
