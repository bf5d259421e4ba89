#pragma once

#include "viz/heat_map.h"

#include <QPoint>
#include <QRect>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::viz
{

enum class Scale {
    Sequential, // viridis, over the values or a range that is wanted
    Diverging,  // blue - white - red, symmetric around 0, for differences
};

// A heat map with the tokens of both sides, a colour bar with numbers, and the value under the mouse or the keyboard's
// cell cursor. Wheel zooms, drag moves, double click shows everything; token texts appear where they fit. Up to 1024 x
// 1024 cells stay smooth. The colours of the data do not change with the theme. GUI thread only.
class HeatMapView final : public QWidget
{
    Q_OBJECT
public:
    explicit HeatMapView(QWidget* parent = nullptr);
    ~HeatMapView() override;

    void setMap(HeatMap map, Scale scale = Scale::Sequential);
    void clear(const QString& why);                                  // the sentence shown instead
    void setAxisTitles(const QString& rows, const QString& columns); // "student", "teacher"
    void setLogScale(bool on);                                       // colours by log10(value), from 1e-4
    // Of the colours, except of differences; none: the least to the greatest value.
    void setColourRange(std::optional<std::pair<float, float>> range);
    void setOutlines(std::vector<QRect> cells); // drawn over the cells; what lies outside of the map is cut off
    [[nodiscard]] const std::vector<QRect>& outlines() const;

    void setFullScreen(bool on);

    // Cursor cell (x column, y row) and visible part, shared between views side by side: the setters do not emit.
    void setCursorCell(std::optional<QPoint> cell);
    void setVisiblePart(const QRectF& part); // in cells; empty: everything

    // Paints what is visible now, without the cursor, whatever becomes of the view: with any painter, into the target.
    // A font with a pixel size looks the same on every device. Empty while there is no map.
    using Picture = std::function<void(QPainter& painter, const QRectF& target, const QPalette&, const QFont&)>;
    [[nodiscard]] Picture picture() const;

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void cursorCellChanged(std::optional<QPoint> cell);
    void visiblePartChanged(const QRectF& part);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace dskd::viz
