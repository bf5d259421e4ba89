#pragma once

#include "viz/curve.h"

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

namespace dskd::viz
{

// Line curves over a shared x axis, drawn with Qt Charts. Of a long curve at most two points per pixel column are drawn
// (the least and the greatest, so no spike disappears) and a badge says so. Points that are not finite are marked by a
// triangle at the edge, values <= 0 on a log axis by one at the bottom. Smoothed curves keep the raw line as a ghost
// behind them. Ctrl+wheel zooms in x at the cursor, drag moves, double click shows everything again; hovering shows a
// crosshair with the values of all curves. Keyboard: arrows move the crosshair, +/- zoom, 0 shows everything, L toggles
// the log axis, Ctrl+C copies the values under the crosshair. GUI thread only.
class CurveChart final : public QWidget
{
    Q_OBJECT
public:
    explicit CurveChart(QWidget* parent = nullptr);
    ~CurveChart() override;

    void setTitle(const QString& title);
    void setXTitle(const QString& title, XKind kind = XKind::Number); // "step", "tokens", "seconds since the start"
    // Replaces all curves; zoom and crosshair stay. Cheap enough to call ten times a second.
    void setCurves(std::vector<Curve> curves);
    // What is shown instead while there is no point: why, and what to do next.
    void setEmptyText(const QString& text);

    // Exponential moving average weighted by distance in x; 0 is off, towards 1 is smoother.
    void setSmoothing(double weight);
    void setLogY(bool on);
    [[nodiscard]] bool logY() const;

    // The crosshair's x, shared between charts: setCrosshair does not emit.
    void setCrosshair(std::optional<double> x);

    // Every recorded point, not the drawn ones: "curve,x,y" lines.
    [[nodiscard]] QString toCsv() const;
    bool savePng(const QString& file, double scale = 2.0) const;
    bool saveSvg(const QString& file) const;

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void crosshairMoved(std::optional<double> x);
    void logYChanged(bool on);

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; // of the plot
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace dskd::viz
