#include "viz/curve_chart_private.h"

#include "viz/axis_range.h"
#include "viz/legend_strip.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace dskd::viz
{

namespace
{

constexpr int kMargin = 8;
constexpr double kLeastBox = 6.0;   // pixels: less is a click
constexpr double kLeastHeight = 14; // of a box: less zooms in x alone

} // namespace

CurveChart::Private::Private(CurveChart& owner) : chart(owner)
{
    title = new QLabel(&chart);
    QFont strong = title->font();
    strong.setWeight(QFont::DemiBold);
    title->setFont(strong);
    title->setTextFormat(Qt::PlainText);
    badge = new QLabel(&chart);
    badge->setTextFormat(Qt::PlainText);
    badge->setForegroundRole(QPalette::PlaceholderText);
    badge->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // or a long one widens the chart
    badge->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addWidget(badge, 1);
    area = new PlotArea(&chart);
    auto* layout = new QVBoxLayout(&chart);
    layout->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
    layout->setSpacing(2);
    layout->addLayout(head);
    legend = new LegendStrip(&chart);
    layout->addWidget(legend);
    layout->addWidget(area, 1);
    readout = new Readout(&chart);
    readout->setObjectName("readout");
    area->setObjectName("plot");
    empty = new QLabel(&chart);
    empty->setTextFormat(Qt::PlainText);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    empty->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget* child : {title, empty}) { // the badge has a tool tip
        child->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    for (QWidget* child : {static_cast<QWidget*>(area), static_cast<QWidget*>(badge)}) {
        child->installEventFilter(&chart); // the width of the badge, which cuts its text, changes with the title too
    }
    refreshSoon.setSingleShot(true);
    refreshSoon.setInterval(0); // however often it is asked for, once per turn of the event loop
    QObject::connect(&refreshSoon, &QTimer::timeout, &chart, [this] { refresh(); });
}

void CurveChart::Private::setCurves(std::vector<Curve> curves)
{
    order.clear();
    for (const Curve& curve : curves) {
        order.push_back(curve.id);
    }
    // Strong curves last, so that they are painted above the others.
    std::stable_sort(curves.begin(), curves.end(), [](const Curve& a, const Curve& b) { return a.strong < b.strong; });
    const bool sameOrder = drawn.size() == curves.size() &&
                           std::equal(drawn.begin(), drawn.end(), curves.begin(),
                                      [](const auto& old, const Curve& fresh) { return old->curve().id == fresh.id; });
    if (!sameOrder) { // those that stay keep what was computed for them
        std::map<QString, std::unique_ptr<DrawnCurve>> before;
        for (auto& curve : drawn) {
            const QString id = curve->curve().id;
            before[id] = std::move(curve);
        }
        drawn.clear();
        for (const Curve& curve : curves) {
            auto known = before.find(curve.id);
            if (known != before.end() && known->second) {
                drawn.push_back(std::move(known->second));
                drawn.back()->raise();
            } else {
                drawn.push_back(std::make_unique<DrawnCurve>(*area));
            }
        }
    }
    for (std::size_t i = 0; i < curves.size(); ++i) {
        drawn[i]->take(std::move(curves[i]), smoothing);
    }
    schedule();
}

std::vector<const DrawnCurve*> CurveChart::Private::inOrder() const
{
    std::map<QString, const DrawnCurve*> byId;
    for (const auto& curve : drawn) {
        byId[curve->curve().id] = curve.get();
    }
    std::vector<const DrawnCurve*> curves;
    for (const QString& id : order) {
        curves.push_back(byId.at(id));
    }
    return curves;
}

void CurveChart::Private::setSmoothing(const Smoothing& fresh)
{
    if (fresh == smoothing) {
        return;
    }
    smoothing = fresh;
    for (const auto& curve : drawn) {
        curve->setSmoothing(smoothing);
    }
    schedule();
}

void CurveChart::Private::setXTitle(const QString& text, XKind kind)
{
    if (xTitle != text || xKind != kind) {
        xTitle = text;
        xKind = kind;
        part.reset(); // a part of another axis
        partY.reset();
        area->setXTitle(text);
        schedule();
    }
}

std::pair<double, double> CurveChart::Private::wholeX() const
{
    bool any = false;
    double low = logX ? 1.0 : 0.0;
    double high = logX ? 10.0 : 1.0;
    for (const auto& curve : drawn) {
        const auto& points = curve->curve().points;
        const auto* first = logX ? std::upper_bound(points.begin(), points.end(), 0.0,
                                                    [](double x, const QPointF& point) { return x < point.x(); })
                                 : points.begin();
        if (first != points.end()) {
            low = any ? std::min(low, first->x()) : first->x();
            high = any ? std::max(high, points.back().x()) : points.back().x();
            any = true;
        }
    }
    return logX ? (high > low ? std::pair(low, high) : std::pair(low / 2.0, low * 2.0)) : stepRange(low, high);
}

std::size_t CurveChart::Private::notOnAxis() const
{
    std::size_t count = 0;
    for (const auto& curve : drawn) {
        const auto& points = curve->curve().points;
        count += !logX ? 0
                       : static_cast<std::size_t>(
                             std::upper_bound(points.begin(), points.end(), 0.0,
                                              [](double x, const QPointF& point) { return x < point.x(); }) -
                             points.begin());
    }
    return count;
}

PlotRange CurveChart::Private::rangeOfX() const
{
    const auto [low, high] = part.value_or(wholeX());
    PlotRange range;
    range.xMin = low;
    range.xMax = high;
    range.xKind = xKind;
    range.logX = logX;
    range.logY = logY;
    range.yFactor = yFactor;
    range.ySuffix = ySuffix();
    return range;
}

void CurveChart::Private::refresh()
{
    refreshSoon.stop();
    PlotRange range = rangeOfX();
    const int columns = std::max(50, static_cast<int>(area->plot().width()));
    bool any = false;
    bool recorded = false;
    double yMin = 0.0;
    double yMax = 0.0;
    std::size_t visible = 0;
    std::size_t drawnPoints = 0;
    std::size_t notPositive = 0;
    LeftOut leftOut;
    for (const auto& curve : drawn) {
        const VisibleCurve& seen = curve->select(range, columns);
        recorded = recorded || !curve->curve().points.empty();
        if (seen.any) {
            yMin = any ? std::min(yMin, seen.yMin) : seen.yMin;
            yMax = any ? std::max(yMax, seen.yMax) : seen.yMax;
            any = true;
        }
        visible += seen.visible;
        drawnPoints += seen.drawn;
        notPositive += seen.notPositive;
        for (const QPointF& point : seen.skippedAt) {
            leftOut.add(point, curve->curve().color);
        }
    }
    std::tie(range.yMin, range.yMax) = partY ? *partY
                                       : any ? valueRange(yMin, yMax, logY)
                                             : std::pair(logY ? 0.1 : 0.0, 1.0);
    area->setRange(range);
    for (const auto& curve : drawn) {
        curve->draw(range);
    }
    setBadge(drawnPoints, visible, notPositive, leftOut.symbols());
    area->setLeftOut(std::move(leftOut));
    area->setVisible(recorded);
    readout->setVisible(recorded);
    legend->setVisible(recorded && legendShown);
    legend->setMostLinesIn(chart.height());
    empty->setVisible(!recorded);
    place();
    showCrosshair();
}

// The plot takes its place only when it is shown; what lies over it follows.
void CurveChart::Private::place()
{
    readout->setGeometry(area->geometry());
    empty->setGeometry(chart.contentsRect().marginsRemoved({12, 24, 12, 8}));
}

QPointF CurveChart::Private::toArea(const QPointF& inChart) const
{
    return inChart - QPointF(area->pos());
}

void CurveChart::Private::setPart(XPart fresh)
{
    const bool other = fresh != part;
    part = fresh;
    schedule();
    if (other) {
        Q_EMIT chart.partChanged(part);
    }
}

// In the coordinates of the axis, so that on a log axis both sides of the pointer shrink alike.
void CurveChart::Private::zoom(double factor, std::optional<double> around)
{
    const auto mapped = [&](double x) { return onAxis(x, logX); };
    const auto back = [&](double at) { return logX ? std::pow(10.0, at) : at; };
    const auto whole = wholeX();
    const auto [low, high] = part.value_or(whole);
    const double from = mapped(low);
    const double to = mapped(high);
    const double middle = std::clamp(around ? mapped(*around) : (from + to) / 2, from, to);
    const double left = std::max(mapped(whole.first), middle - (middle - from) * factor);
    const double right = std::min(mapped(whole.second), middle + (to - middle) * factor);
    partY.reset();
    if (left <= mapped(whole.first) && right >= mapped(whole.second)) {
        setPart(std::nullopt);
    } else if (right - left > 1e-9 * (mapped(whole.second) - mapped(whole.first))) {
        setPart(std::pair(back(left), back(right)));
    }
}

void CurveChart::Private::moveBy(double pixels)
{
    if (!part) {
        return;
    }
    const auto whole = wholeX();
    const auto mapped = [&](double x) { return onAxis(x, logX); };
    const auto back = [&](double at) { return logX ? std::pow(10.0, at) : at; };
    const double from = mapped(part->first);
    const double to = mapped(part->second);
    const double least = mapped(whole.first) - from;
    const double most = mapped(whole.second) - to;
    if (least > most) {
        return; // a part of another chart, wider than this one's curves
    }
    const double moved = std::clamp(pixels / std::max(1.0, area->plot().width()) * (to - from), least, most);
    setPart(std::pair(back(from + moved), back(to + moved)));
}

void CurveChart::Private::showAll()
{
    drawBox(std::nullopt);
    partY.reset();
    setPart(std::nullopt);
}

void CurveChart::Private::drawBox(std::optional<QPointF> to)
{
    if (!to || !boxFrom || std::abs(to->x() - boxFrom->x()) < kLeastBox) {
        readout->setBox(std::nullopt);
        return;
    }
    const QRectF plot = area->plot();
    QRectF box = QRectF(*boxFrom, *to).normalized();
    if (box.height() < kLeastHeight) {
        box.setTop(plot.top());
        box.setBottom(plot.bottom());
    }
    readout->setBox(box.intersected(plot));
}

void CurveChart::Private::zoomToBox(const QPointF& to)
{
    readout->setBox(std::nullopt);
    if (!boxFrom || std::abs(to.x() - boxFrom->x()) < kLeastBox) {
        return;
    }
    const PlotFrame& frame = area->frame();
    const QRectF box = QRectF(*boxFrom, to).normalized().intersected(frame.plot);
    partY.reset();
    if (box.height() >= kLeastHeight) {
        partY = std::pair(frame.dataY(box.bottom()), frame.dataY(box.top()));
    }
    setPart(std::pair(frame.dataX(box.left()), frame.dataX(box.right())));
}

} // namespace dskd::viz
