#pragma once

#include <QColor>
#include <QRectF>
#include <QWidget>
#include <optional>
#include <vector>

namespace dskd::viz
{

// The transparent sheet over a plot: crosshair, dots on the curves, and the box that is drawn to zoom. Repainting it
// leaves the chart below as it is. What the curves are worth there stands elsewhere (LegendStrip), so that nothing
// hides them. GUI thread only.
class Readout final : public QWidget
{
public:
    struct Dot {
        double y = 0.0; // pixel
        QColor color;
    };

    explicit Readout(QWidget* parent);

    // `x`: pixel of the crosshair. Hidden without x.
    void show(std::optional<double> x, const QRectF& plot, std::vector<Dot> dots);
    void setBox(std::optional<QRectF> box);
    [[nodiscard]] const std::vector<Dot>& dots() const { return m_dots; }
    [[nodiscard]] std::optional<double> crosshair() const { return m_x; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::optional<double> m_x;
    QRectF m_plot;
    std::vector<Dot> m_dots;
    std::optional<QRectF> m_box;
};

} // namespace dskd::viz
