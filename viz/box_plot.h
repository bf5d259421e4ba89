#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <QWidget>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::viz
{

struct BoxLayout;

// One box: its figures in data units. lowerWhisker <= lowerQuartile <= median <= upperQuartile <= upperWhisker, finite.
struct Box {
    QString label; // below it: "dual"
    QString note;  // after its figures in the readout: "24 values of 3 seeds"
    QColor color;
    double lowerWhisker = 0.0;
    double lowerQuartile = 0.0;
    double median = 0.0;
    double upperQuartile = 0.0;
    double upperWhisker = 0.0;
    std::vector<double> outliers; // values beyond the whiskers, drawn as rings
    bool strong = false;          // a thicker outline: what is selected
    QColor printColor = {};       // on white paper; invalid: `color`
    // "step 20": the box is of that and not of what the plot is of. It is hatched, and its label says so. Empty: it is.
    QString instead = {};
};
[[nodiscard]] QString drawnLabel(const Box& box); // "dual, step 20"

// Box plots as they go to paper.
struct BoxPaper {
    QString title;
    QStringList notes;  // below it: "step 100"
    QString valueTitle; // of the axis
    std::vector<Box> boxes;
    std::pair<double, double> range{0.0, 1.0};
};

// Box plots side by side over one axis of values, with a line of figures for the box under the mouse or the keyboard's
// cursor. Arrows move the cursor, Ctrl+C copies the figures; its actions are its context menu. The axis can be kept
// from going back and forth while the boxes change (setBoxes). Text and lines take their colours from the widget's
// palette. GUI thread only.
class BoxPlot final : public QWidget
{
    Q_OBJECT
public:
    explicit BoxPlot(QWidget* parent = nullptr);

    // `growing`: the axis shows what it showed before, too; else it fits these boxes.
    void setBoxes(std::vector<Box> boxes, bool growing = false);
    [[nodiscard]] const std::vector<Box>& boxes() const { return m_boxes; }
    void setEmptyText(const QString& text); // shown while there is no box

    // The box that the readout is of.
    void setMarkedBox(std::optional<int> box);
    [[nodiscard]] std::optional<int> markedBox() const { return m_marked; }
    // "dual: median 0.21, quartiles 0.19 to 0.24, whiskers 0.17 to 0.3, 2 beyond \u00b7 24 values of 3 seeds"
    [[nodiscard]] QString readout() const;
    // What the axis shows, low to high.
    [[nodiscard]] std::pair<double, double> range() const { return {m_low, m_high}; }

    [[nodiscard]] BoxPaper onPaper() const; // without title, notes and the axis' name

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    [[nodiscard]] BoxLayout layout() const; // in widget coordinates

    std::vector<Box> m_boxes;
    QString m_emptyText;
    std::optional<int> m_marked;
    double m_low = 0.0;
    double m_high = 1.0;
};

} // namespace dskd::viz
