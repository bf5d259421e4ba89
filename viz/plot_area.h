#pragma once

#include "viz/plot_frame.h"

#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <vector>

namespace dskd::viz
{

// A chart view whose axes are painted here instead of by Qt Charts: round ticks on a log axis too, hairlines, and a
// plot area that does not jump while curves grow. Series must be given in the coordinates of the axes (onAxis). GUI
// thread only.
class PlotArea final : public QChartView
{
public:
    explicit PlotArea(QWidget* parent = nullptr);

    void setRange(const PlotRange& range);
    [[nodiscard]] const PlotRange& range() const { return m_frame.range; }
    void setXTitle(const QString& title);
    void setLeftOut(LeftOut points);
    void setMarks(std::vector<Mark> marks);

    [[nodiscard]] const PlotFrame& frame() const { return m_frame; } // in widget coordinates
    [[nodiscard]] QRectF plot() const { return m_frame.plot; }

    // Ties a series to the hidden axes.
    void adopt(QAbstractSeries* series);

protected:
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void layOut();

    PlotFrame m_frame;
    LeftOut m_leftOut;
    std::vector<Mark> m_marks;
    QString m_xTitle;
};

} // namespace dskd::viz
