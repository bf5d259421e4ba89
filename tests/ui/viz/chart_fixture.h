#pragma once

// A chart without a legend, the mouse over it, and curves to draw.

#include "viz/curve_chart.h"
#include "viz/readout.h"

#include <QApplication>
#include <QLabel>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace dskd::viz
{

class Chart : public testing::Test
{
protected:
    // From 5 down by 0.001 a step; `nanAt`: where it is no number.
    static Curve curve(const QString& id, int count, double nanAt = -1)
    {
        Curve result;
        result.id = id;
        result.label = id;
        result.color = Qt::darkBlue;
        std::vector<QPointF> points;
        for (int i = 0; i < count; ++i) {
            points.emplace_back(i, i == nanAt ? std::numeric_limits<double>::quiet_NaN() : 5.0 - 0.001 * i);
        }
        result.points = std::move(points);
        return result;
    }

    void SetUp() override
    {
        chart.resize(600, 300);
        chart.setXTitle("step");
        chart.setLegendShown(false);
        chart.show();
    }
    // The texts of the visible labels.
    [[nodiscard]] std::vector<std::string> labels() const
    {
        std::vector<std::string> result;
        for (const auto* label : chart.findChildren<QLabel*>()) {
            if (label->isVisibleTo(&chart)) {
                result.push_back(label->text().toStdString());
            }
        }
        return result;
    }
    void settle() { QTest::qWait(20); }
    [[nodiscard]] QWidget& plot() const { return *chart.findChild<QWidget*>("plot"); }
    [[nodiscard]] const Readout& readout() const
    {
        return *static_cast<Readout*>(chart.findChild<QWidget*>("readout"));
    }
    // A point of the plot in the chart's coordinates: shares of its width and height.
    [[nodiscard]] QPoint inPlot(double x, double y) const
    {
        const QRect area = plot().geometry();
        const int axis = 40; // what the numbers beside and below it take at most
        return {area.left() + axis + static_cast<int>(x * (area.width() - axis - 8)),
                area.top() + 8 + static_cast<int>(y * (area.height() - axis))};
    }
    void drag(const QPoint& from, const QPoint& to)
    {
        QTest::mousePress(&chart, Qt::LeftButton, {}, from);
        QTest::mouseMove(&chart, (from + to) / 2);
        QTest::mouseMove(&chart, to);
        QTest::mouseRelease(&chart, Qt::LeftButton, {}, to);
    }
    void wheel(const QPoint& at, int steps, Qt::KeyboardModifiers keys = Qt::NoModifier)
    {
        QWheelEvent event(QPointF(at), chart.mapToGlobal(QPointF(at)), {}, {0, 120 * steps}, Qt::NoButton, keys,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(&chart, &event);
    }

    CurveChart chart;
};

} // namespace dskd::viz
