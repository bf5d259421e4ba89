#pragma once

#include "ui/pages/curves/curve_set.h"

#include <QFrame>

class QLabel;
class QMenu;
class QToolButton;

namespace dskd::viz
{
class CurveChart;
}

namespace dskd::ui
{

class MutedLabel;

// One chart of the grid: title and notes above, the menu that sizes, moves, exports or removes it. A double click on
// the title, or Return in the chart, asks for it to be opened large; Escape for the others to come back; Ctrl+Shift
// with an arrow key for another place. GUI thread only.
class ChartCard final : public QFrame
{
    Q_OBJECT
public:
    ChartCard(const ChartSpec& chart, bool editable, QWidget* parent);

    [[nodiscard]] viz::CurveChart& chart() { return *m_chart; }
    [[nodiscard]] CurveSet& curves() { return m_curves; }
    [[nodiscard]] QString title() const;
    [[nodiscard]] QMenu* menu() const;
    // What was done to the numbers on their way to the screen: "EMA 0.6", "mean of 3 seeds".
    void setNotes(const QStringList& notes);
    [[nodiscard]] const QStringList& notes() const { return m_noteList; }
    void setSize(CardSize size); // ticked in the menu
    void setDropTarget(bool on);

Q_SIGNALS:
    void moveRequested(int by);
    void removeRequested();
    void editRequested();
    void sizeRequested(dskd::ui::CardSize size);
    void largeRequested(bool on);
    void exportRequested();                     // as picture or numbers, by a dialog
    void copyRequested();                       // every recorded point, as CSV to the clipboard
    void dragged(const QPoint& globalPosition); // the title is held and moved
    void dropped(const QPoint& globalPosition);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void makeMenu(bool editable);
    void makeSizeMenu(QMenu& menu);

    CurveSet m_curves;
    QLabel* m_title;
    MutedLabel* m_notes;
    QStringList m_noteList;
    QToolButton* m_menu;
    viz::CurveChart* m_chart;
    std::vector<QAction*> m_sizes; // in the order of CardSize
    QPoint m_pressed;
    bool m_dragging = false;
};

} // namespace dskd::ui
