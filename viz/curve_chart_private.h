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

class CurveChart::Private
{
public:
    explicit Private(CurveChart& chart);

    void setCurves(std::vector<Curve> curves);
    void setSmoothing(double weight);
    void setXTitle(const QString& text, XKind kind);

    void place(); // what lies over the plot
    void schedule() { refreshSoon.start(); }
    void refresh(); // chooses the points and hands them to the chart

    void zoom(double factor, std::optional<double> around);
    void moveBy(double x);
    void showAll();

    void moveCrosshair(std::optional<double> x); // by the person: emits crosshairMoved
    void stepCrosshair(int direction);           // to the next recorded point
    void showCrosshair();
    [[nodiscard]] QString crosshairText() const;

    void askForFile();
    [[nodiscard]] bool save(const QString& file) const; // by the ending of its name
    [[nodiscard]] bool saveSvg(const QString& file) const;

    CurveChart& chart;
    QLabel* title = nullptr;
    QLabel* badge = nullptr;
    QLabel* empty = nullptr;
    PlotArea* area = nullptr;
    Readout* readout = nullptr;
    QTimer refreshSoon;
    std::vector<std::unique_ptr<DrawnCurve>> drawn;
    double smoothing = 0.0;
    bool logY = false;
    std::optional<std::pair<double, double>> part; // of x; none: everything
    std::optional<double> crosshair;
    std::optional<double> dragX;
    QString xTitle;
    XKind xKind = XKind::Number;

private:
    struct Reading {
        const DrawnCurve* curve = nullptr;
        QPointF point;    // as drawn
        double raw = 0.0; // as recorded
        bool finite = true;
    };
    [[nodiscard]] std::vector<Reading> readings() const; // at the crosshair, greatest value first
    [[nodiscard]] std::pair<double, double> wholeX() const;
    void setBadge(std::size_t drawnPoints, std::size_t visible, std::size_t skipped);
};

} // namespace dskd::viz
