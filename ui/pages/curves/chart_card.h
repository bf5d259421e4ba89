#pragma once

#include "ui/pages/curves/curve_set.h"

#include <QFrame>

class QLabel;
class QToolButton;

namespace dskd::viz
{
class CurveChart;
}

namespace dskd::ui
{

class MutedLabel;

// One chart of the grid: title and notes above, the menu that moves or removes it. GUI thread only.
class ChartCard final : public QFrame
{
    Q_OBJECT
public:
    ChartCard(const ChartSpec& chart, bool editable, QWidget* parent);

    [[nodiscard]] viz::CurveChart& chart() { return *m_chart; }
    [[nodiscard]] CurveSet& curves() { return m_curves; }
    // What was done to the numbers on their way to the screen: "EMA 0.60", "mean of 3 seeds".
    void setNotes(const QStringList& notes);
    void setDropTarget(bool on);

Q_SIGNALS:
    void moveRequested(int by);
    void removeRequested();
    void editRequested();
    void dragged(const QPoint& globalPosition); // the title is held and moved
    void dropped(const QPoint& globalPosition);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeMenu();
    void save(bool vector);

    CurveSet m_curves;
    QLabel* m_title;
    MutedLabel* m_notes;
    QToolButton* m_menu;
    viz::CurveChart* m_chart;
    QPoint m_pressed;
    bool m_dragging = false;
};

} // namespace dskd::ui
