#pragma once

#include "viz/chart_picture.h"
#include "viz/curve.h"
#include "viz/smoothing.h"

#include <QWidget>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::viz
{

using XPart = std::optional<std::pair<double, double>>; // of the x axis; none: everything

// A curve where the crosshair stands, or, without one, the curve alone.
struct CurveReading {
    QString id; // Curve::id
    QString label;
    QColor color;
    bool dashed = false;
    QString value;           // "2.713"; "≈2.713" between two points; empty: the curve has none there
    std::optional<double> y; // of the dot, on the line that is drawn
    QString note;            // "2 not finite, first at step 412"
};

// Line curves over a shared x axis, drawn with Qt Charts. Of a long curve at most two points per pixel column are drawn
// (the least and the greatest, so no spike disappears) and a badge says so. Points that are not finite are marked by a
// triangle at the edge and counted; what a log axis cannot show is marked and counted likewise. Smoothed curves keep
// the recorded points behind them.
// Mouse: a crosshair with dots on the curves; drag draws the box to zoom into, the wheel zooms at the pointer, Shift
// with a drag or the wheel moves, a double click shows everything again. Keyboard: arrows move the crosshair, +/- zoom,
// 0 shows everything, L toggles the log axis, Ctrl+C copies the values under the crosshair. GUI thread only.
class CurveChart final : public QWidget
{
    Q_OBJECT
public:
    explicit CurveChart(QWidget* parent = nullptr);
    ~CurveChart() override;

    void setTitle(const QString& title);
    void setXTitle(const QString& title, XKind kind = XKind::Number); // "step", "tokens", "seconds since the start"
    // On paper: "nats". The numbers that are shown, on the axis and at the crosshair, are the values times `factor`,
    // with this unit behind each where that is not 1.
    void setYTitle(const QString& title, double factor = 1.0);
    // Replaces all curves; zoom and crosshair stay. Cheap enough to call ten times a second.
    void setCurves(std::vector<Curve> curves);
    // Points and spans of x with a few words each, in rising order; replaces all. Their text is shown on hover too.
    void setMarks(std::vector<Mark> marks);
    [[nodiscard]] const std::vector<Mark>& marks() const;
    // What is shown instead while there is no point: why, and what to do next.
    void setEmptyText(const QString& text);

    void setSmoothing(const Smoothing& smoothing);
    void setLogX(bool on);
    void setLogY(bool on);
    [[nodiscard]] bool logY() const;

    // Whether the chart has a legend of its own, with the values at the crosshair, above its plot. On; a page that has
    // one for all its charts turns it off.
    void setLegendShown(bool on);

    // Shared between charts, so these do not emit. A crosshair outside the visible part is not drawn.
    void setCrosshair(std::optional<double> x);
    void setPart(XPart part);
    [[nodiscard]] const XPart& part() const;
    [[nodiscard]] std::optional<double> crosshair() const;

    // Of every curve, in the order that they were given in, at the crosshair if there is one.
    [[nodiscard]] std::vector<CurveReading> readings() const;
    [[nodiscard]] QString textOfX(double x) const; // "step 412", "6 m 52 s"

    // Every recorded point, not the drawn ones: "id,curve,x,y" lines.
    [[nodiscard]] QString toCsv() const;
    // What is visible, for a line of `columns` pixel columns, in the colours for paper (Curve::printColor).
    [[nodiscard]] ChartPicture picture(int columns) const;

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void crosshairMoved(std::optional<double> x);
    void partChanged(dskd::viz::XPart part); // by the person
    void logYChanged(bool on);

protected:
    bool event(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override; // with the actions of the widget
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
