#pragma once

#include <QColor>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

namespace dskd::viz
{

// Points of one kind: their colour and shape.
struct ScatterSeries {
    QString label; // in the legend: "student"
    QColor color;
    bool hollow = false;    // rings in place of discs, to be told apart without colour
    QColor printColor = {}; // on white paper; invalid: `color`
};

struct ScatterPoint {
    QPointF place; // in data units; points that are not finite are left out
    int series = 0;
    int partner = -1; // index of the point that it belongs to; -1: none
    QString text;     // in the readout: a token
};

struct ScatterPicture {
    std::vector<ScatterSeries> series;
    std::vector<ScatterPoint> points;
    QString xTitle; // "first axis, 41 % of the variance"
    QString yTitle;
};

// What is visible of a picture as it goes to paper.
struct ScatterPaper {
    QString title;
    QStringList notes; // below it: "step 50"
    ScatterPicture picture;
    QRectF part; // in data units; empty: nothing is shown
    bool connected = true;
};

// Points in a plane whose axes have one scale, so that distances can be seen, with a legend above and, below, the text
// of the point under the mouse or the keyboard's cursor. What is visible does not change while the picture is replaced
// by another on the same axes, so that it shows what moves. Wheel zooms at the pointer, drag moves, double click or 0
// shows everything again; arrows walk through the points, + and - zoom. Its actions are its context menu. Text and
// lines take their colours from the widget's palette. GUI thread only.
class ScatterView final : public QWidget
{
    Q_OBJECT
public:
    explicit ScatterView(QWidget* parent = nullptr);
    ~ScatterView() override;

    // `sameAxes`: the picture lies on the axes of the one before. The visible part stays then, and grows only where
    // points lie beyond it; else it is that of all points.
    void setPicture(ScatterPicture picture, bool sameAxes);
    void clear(const QString& why); // the sentence shown instead
    void setConnected(bool on);     // lines between points that belong together

    void setMarked(std::optional<int> point); // the point that the readout is of; does not emit
    [[nodiscard]] std::optional<int> marked() const;
    [[nodiscard]] QString readout() const;    // "student \u00b7 word \u00b7 (1.2, -0.4)"
    [[nodiscard]] QRectF visiblePart() const; // in data units, as wide and high as the view
    [[nodiscard]] QPointF toPixel(const QPointF& place) const;
    [[nodiscard]] ScatterPaper onPaper() const; // without title and notes

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void markedChanged(std::optional<int> point);

protected:
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
