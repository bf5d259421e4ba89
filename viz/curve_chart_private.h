#pragma once

// What CurveChart consists of. Included by its sources only.

#include "viz/curve_chart.h"
#include "viz/drawn_curve.h"
#include "viz/plot_area.h"
#include "viz/readout.h"

#include <QTimer>

class QLabel;

namespace dskd::viz
{

class LegendStrip;

class CurveChart::Private
{
public:
    explicit Private(CurveChart& chart);

    void setCurves(std::vector<Curve> curves);
    void setSmoothing(const Smoothing& smoothing);
    void setXTitle(const QString& text, XKind kind);

    void place(); // what lies over the plot
    void schedule() { refreshSoon.start(); }
    void refresh(); // chooses the points and hands them to the chart

    // By the person: these emit partChanged.
    void zoom(double factor, std::optional<double> around);
    void moveBy(double pixels);
    void showAll();
    void drawBox(std::optional<QPointF> to); // from boxFrom; none: takes it away
    void zoomToBox(const QPointF& to);

    void moveCrosshair(std::optional<double> x); // by the person: emits crosshairMoved
    void stepCrosshair(int direction);           // to the next recorded point
    void showCrosshair();
    void showLegend(const std::vector<CurveReading>& read);
    [[nodiscard]] std::vector<CurveReading> readings() const;
    [[nodiscard]] QString crosshairText() const;
    [[nodiscard]] QString textOfX(double x) const;
    [[nodiscard]] QString shownY(double y) const; // times yFactor
    [[nodiscard]] QString markTextAt(double pixel) const;
    [[nodiscard]] ChartPicture picture(int columns);
    [[nodiscard]] std::vector<const DrawnCurve*> inOrder() const; // as they were given

    [[nodiscard]] QPointF toArea(const QPointF& inChart) const;

    CurveChart& chart;
    QLabel* title = nullptr;
    QLabel* badge = nullptr;
    QLabel* empty = nullptr;
    PlotArea* area = nullptr;
    Readout* readout = nullptr;
    LegendStrip* legend = nullptr;
    bool legendShown = true;
    QTimer refreshSoon;
    std::vector<std::unique_ptr<DrawnCurve>> drawn; // strong ones last, as they are painted
    std::vector<QString> order;                     // ids, as they were given
    std::vector<Mark> marks;
    Smoothing smoothing;
    bool logX = false;
    bool logY = false;
    XPart part;
    std::optional<std::pair<double, double>> partY; // of a box; none: what the visible curves need
    std::optional<double> crosshair;
    std::optional<QPointF> boxFrom;    // where the mouse was pressed to draw a box
    std::optional<QPointF> movingFrom; // where it was last while it moves the curves
    QString xTitle;
    QString yTitle;
    double yFactor = 1.0;
    [[nodiscard]] QString ySuffix() const { return yFactor == 1.0 ? QString() : yTitle; }
    XKind xKind = XKind::Number;

private:
    [[nodiscard]] std::pair<double, double> wholeX() const;
    [[nodiscard]] PlotRange rangeOfX() const; // without its y
    void setPart(XPart fresh);
    [[nodiscard]] CurveReading readingOf(const DrawnCurve& curve, double tolerance) const;
    [[nodiscard]] QString noteOf(const DrawnCurve& curve) const;
    [[nodiscard]] QString notFiniteText() const; // of all curves
    [[nodiscard]] QStringList leftOutByLog(std::size_t notPositive) const;
    // `symbols`: of the triangles in the plot (LeftOut::symbols).
    void setBadge(std::size_t drawnPoints, std::size_t visible, std::size_t notPositive, const QString& symbols);
    [[nodiscard]] std::size_t notOnAxis() const; // points at x <= 0 on a log axis
};

} // namespace dskd::viz
