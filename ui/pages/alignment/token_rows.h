#pragma once

#include "ui/pages/alignment/row_token.h"
#include "viz/heat_map.h"

#include <QWidget>
#include <optional>
#include <vector>

namespace dskd::ui
{

// Two rows of tokens, one over the other: marked by how they are aligned, and with the strongest links of a map between
// them where there is one. The token under the mouse (or of the cursor cell) shows where its attention goes; the one
// that is clicked shows its partner. Arrows move the selection, Up and Down go to the other row. GUI thread only.
class TokenRows final : public QWidget
{
    Q_OBJECT
public:
    struct Place {
        bool upper = false;
        int token = 0;
        bool operator==(const Place&) const = default;
    };

    explicit TokenRows(QWidget* parent = nullptr);

    // Drops the map. The selection stays where the tokens are the same.
    void setTokens(std::vector<RowToken> upper, std::vector<RowToken> lower, const QString& upperTitle,
                   const QString& lowerTitle);
    // Columns are tokens of the upper row, from number `firstUpper` on, rows are tokens of the lower one. Negative
    // numbers are tokens that are not shown.
    void setMap(viz::HeatMap map, int firstUpper = 0, int firstLower = 0);
    // The map's own tokens, which nothing is known of.
    void setMap(const viz::HeatMap& map, const QString& upperTitle, const QString& lowerTitle);
    void clear();
    void setCursorCell(std::optional<QPoint> cell); // of the map; does not emit

    struct Link {
        int column = 0; // of the map
        int row = 0;
        float value = 0.0F;
    };
    // The strongest links of what is highlighted; of everything, the strongest of each row.
    [[nodiscard]] std::vector<Link> links() const;

    [[nodiscard]] std::optional<Place> selected() const { return m_selected; }
    void select(std::optional<Place> place); // emits when it changes
    [[nodiscard]] const std::vector<RowToken>& tokens(bool upper) const
    {
        return upper ? m_upperTokens : m_lowerTokens;
    }
    // Where a token is drawn, also one that is scrolled away.
    [[nodiscard]] QRectF boxOf(const Place& place) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cursorCellChanged(std::optional<QPoint> cell);
    void selectionChanged();

protected:
    bool event(QEvent* event) override; // tooltips
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    static constexpr int kTextHeight = 22;
    static constexpr int kMarkHeight = 10; // the shape under the text
    static constexpr int kRowHeight = kTextHeight + kMarkHeight;
    static constexpr int kGap = 26; // where the links run
    static constexpr int kTitleWidth = 64;

    struct Box {
        QString text;
        double left = 0.0;
        double width = 0.0;
    };
    void layOut();
    void scrollTo(const Box& box);
    [[nodiscard]] std::optional<Place> placeAt(const QPointF& at) const;
    [[nodiscard]] int tokenAt(const std::vector<Box>& row, double x) const;
    [[nodiscard]] bool isPartnerOfSelected(const Place& place) const;
    void drawRow(QPainter& painter, bool upper) const;
    void drawLinks(QPainter& painter) const;
    void drawPartnerLinks(QPainter& painter) const;
    void drawLink(QPainter& painter, const Box& up, const Box& down, const QColor& color, double width) const;
    [[nodiscard]] std::optional<Link> strongest(int column, int row) const; // -1: over all

    std::vector<RowToken> m_upperTokens;
    std::vector<RowToken> m_lowerTokens;
    viz::HeatMap m_map;
    int m_firstUpper = 0; // token of the map's first column
    int m_firstLower = 0;
    QString m_upperTitle;
    QString m_lowerTitle;
    std::vector<Box> m_upper;
    std::vector<Box> m_lower;
    std::optional<QPoint> m_cell;
    std::optional<Place> m_selected;
    int m_hoveredColumn = -1; // of the map
    int m_hoveredRow = -1;
    double m_offset = 0.0; // scrolled to the right
    double m_contentWidth = 0.0;
};

} // namespace dskd::ui
