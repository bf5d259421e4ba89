#pragma once

#include "viz/axis_scale.h"
#include "viz/curve.h"

#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <vector>

namespace dskd::viz
{

// The visible part of a chart, in data coordinates; y as recorded, also on a log axis.
struct PlotRange {
    double xMin = 0.0;
    double xMax = 1.0;
    double yMin = 0.0;
    double yMax = 1.0;
    bool logY = false;
    XKind xKind = XKind::Number;
};

// A chart view whose axes are painted here instead of by Qt Charts: round ticks on a log axis too, hairlines, and a
// plot area that does not jump while curves grow. Series must be given in mapped coordinates (mapY). GUI thread only.
class PlotArea final : public QChartView
{
public:
    explicit PlotArea(QWidget* parent = nullptr);

    void setRange(const PlotRange& range);
    [[nodiscard]] const PlotRange& range() const { return m_range; }
    void setXTitle(const QString& title);
    // Points that cannot be drawn, marked by triangles: x in data coordinates.
    void setMarks(std::vector<double> atBottom, std::vector<double> atTop);

    [[nodiscard]] static double mapY(double y, bool logY);
    [[nodiscard]] QRectF plot() const; // in widget coordinates
    [[nodiscard]] double toPixelX(double x) const;
    [[nodiscard]] double toPixelY(double y) const;
    [[nodiscard]] double toDataX(double pixel) const;

    // Ties a series to the hidden axes.
    void adopt(QAbstractSeries* series);

protected:
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void layOut();

    PlotRange m_range;
    std::vector<Tick> m_xTicks;
    std::vector<Tick> m_yTicks;
    std::vector<double> m_bottomMarks;
    std::vector<double> m_topMarks;
    QString m_xTitle;
};

} // namespace dskd::viz
