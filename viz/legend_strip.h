#pragma once

#include <QColor>
#include <QString>
#include <QWidget>
#include <vector>

class QToolButton;

namespace dskd::viz
{

// A curve in a legend, with its value where the crosshair stands.
struct LegendEntry {
    QString label;
    QString value; // empty: none there
    QColor color;
    bool dashed = false;
    friend bool operator==(const LegendEntry&, const LegendEntry&) = default;
};

// The legend of a page of charts: one strip beside them instead of a box over each, as many entries beside one another
// as its width has room for. Its height depends on the labels alone, so nothing moves while the crosshair does. What
// does not fit is counted by a button ("5 more") that lists all entries. GUI thread only.
class LegendStrip final : public QWidget
{
    Q_OBJECT
public:
    explicit LegendStrip(QWidget* parent = nullptr);

    void setMostLines(int lines); // of entries, at least 1; 3 to begin with
    // The lines that take no more than a third of `height`, with the title's.
    void setMostLinesIn(int height);
    // `title`: of what chart, where: "loss, step 60".
    void show(const QString& title, std::vector<LegendEntry> entries);
    [[nodiscard]] const QString& title() const { return m_title; }
    [[nodiscard]] const std::vector<LegendEntry>& entries() const { return m_entries; }
    [[nodiscard]] int hiddenEntries() const; // of them, those that do not fit; the button lists them

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; // of the list

private:
    struct Places {
        int columns = 1;
        int lines = 1; // of entries, below the title's
        double width = 0.0;
        int shown = 0;
    };
    [[nodiscard]] Places places(int width) const;
    [[nodiscard]] int columnsIn(int width, double widestLabel) const;
    [[nodiscard]] QRectF cell(const Places& at, int entry) const;
    void placeMore();
    void listAll();

    QToolButton* m_more; // "5 more"
    int m_mostLines = 3;
    QString m_title;
    std::vector<LegendEntry> m_entries;
};

} // namespace dskd::viz
