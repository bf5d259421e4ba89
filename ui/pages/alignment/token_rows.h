#pragma once

#include "viz/heat_map.h"

#include <QWidget>
#include <optional>
#include <vector>

namespace dskd::ui
{

// Two rows of tokens, the map's columns over its rows, with the strongest links between them: the token under the mouse
// (or of the cursor cell) shows where its attention goes. GUI thread only.
class TokenRows final : public QWidget
{
    Q_OBJECT
public:
    explicit TokenRows(QWidget* parent = nullptr);

    void setMap(const viz::HeatMap& map, const QString& upperTitle, const QString& lowerTitle);
    void clear();
    void setCursorCell(std::optional<QPoint> cell); // does not emit

    struct Link {
        int column = 0;
        int row = 0;
        float value = 0.0F;
    };
    // The strongest links of what is highlighted; of everything, the strongest of each row.
    [[nodiscard]] std::vector<Link> links() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cursorCellChanged(std::optional<QPoint> cell);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    struct Token {
        QString text;
        double left = 0.0;
        double width = 0.0;
    };
    void layOut();
    [[nodiscard]] int tokenAt(const std::vector<Token>& row, double x) const;
    void drawRow(QPainter& painter, const std::vector<Token>& row, int top, bool upper) const;
    void drawLinks(QPainter& painter) const;
    [[nodiscard]] std::optional<Link> strongest(int column, int row) const; // -1: over all

    viz::HeatMap m_map;
    QString m_upperTitle;
    QString m_lowerTitle;
    std::vector<Token> m_upper;
    std::vector<Token> m_lower;
    std::optional<QPoint> m_cell;
    int m_hoveredColumn = -1;
    int m_hoveredRow = -1;
    double m_offset = 0.0; // scrolled to the right
    double m_contentWidth = 0.0;
};

} // namespace dskd::ui
