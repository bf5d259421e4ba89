#include "ui/pages/alignment/token_rows.h"

#include "ui/look/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace dskd::ui
{
namespace
{

constexpr int kRowHeight = 24;
constexpr int kGap = 34; // where the links run
constexpr int kTitleWidth = 64;
constexpr std::size_t kMostLinks = 5;
constexpr float kWeakest = 0.02F; // weaker links are noise at this size

// Blanks and line breaks are tokens too and have to be seen.
QString visibleText(QString text)
{
    text.replace(QLatin1Char('\n'), QStringLiteral("\u23ce"));
    text.replace(QLatin1Char('\t'), QStringLiteral("\u21e5"));
    text.replace(QLatin1Char(' '), QStringLiteral("\u00b7"));
    return text.isEmpty() ? QStringLiteral("\u2205") : text;
}

} // namespace

TokenRows::TokenRows(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setToolTip(tr("Point at a token to see its strongest links; the wheel scrolls a long text"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TokenRows::setMap(const viz::HeatMap& map, const QString& upperTitle, const QString& lowerTitle)
{
    const bool sameTokens = map.columnTexts == m_map.columnTexts && map.rowTexts == m_map.rowTexts;
    m_map = map;
    m_upperTitle = upperTitle;
    m_lowerTitle = lowerTitle;
    if (!sameTokens) {
        m_offset = 0.0;
        m_hoveredColumn = m_hoveredRow = -1;
    }
    layOut();
    update();
}

void TokenRows::clear()
{
    setMap({}, {}, {});
}

void TokenRows::setCursorCell(std::optional<QPoint> cell)
{
    m_cell = cell;
    if (cell && m_hoveredColumn < 0 && m_hoveredRow < 0 && cell->y() >= 0 && cell->y() < m_map.rows()) {
        const Token& token = m_lower[static_cast<std::size_t>(cell->y())];
        const double visible = width() - kTitleWidth;
        if (token.left < m_offset || token.left + token.width > m_offset + visible) {
            m_offset = token.left + token.width / 2 - visible / 2;
            layOut(); // clamps
        }
    }
    update();
}

void TokenRows::layOut()
{
    const QFontMetricsF metrics(monospaceFont());
    const auto widths = [&](const QStringList& texts, std::vector<Token>& row) {
        row.clear();
        double left = 0.0;
        for (const QString& text : texts) {
            Token token{visibleText(text), left, 0.0};
            token.width = metrics.horizontalAdvance(token.text) + 2 * kSpace1;
            left += token.width + 2;
            row.push_back(std::move(token));
        }
        return left;
    };
    const double upper = widths(m_map.columnTexts, m_upper);
    const double lower = widths(m_map.rowTexts, m_lower);
    m_contentWidth = std::max(upper, lower);
    // The shorter row is spread, so that links run about straight down.
    const auto spread = [&](std::vector<Token>& row, double own) {
        if (row.size() > 1) {
            const double extra = (m_contentWidth - own) / static_cast<double>(row.size() - 1);
            for (std::size_t i = 0; i < row.size(); ++i) {
                row[i].left += extra * static_cast<double>(i);
            }
        }
    };
    spread(m_upper, upper);
    spread(m_lower, lower);
    m_offset = std::clamp(m_offset, 0.0, std::max(0.0, m_contentWidth - (width() - kTitleWidth)));
}

std::optional<TokenRows::Link> TokenRows::strongest(int column, int row) const
{
    std::optional<Link> best;
    for (int r = row < 0 ? 0 : row; r < (row < 0 ? m_map.rows() : row + 1); ++r) {
        for (int c = column < 0 ? 0 : column; c < (column < 0 ? m_map.columns() : column + 1); ++c) {
            if (const float value = m_map.at(r, c); std::isfinite(value) && (!best || value > best->value)) {
                best = Link{c, r, value};
            }
        }
    }
    return best;
}

std::vector<TokenRows::Link> TokenRows::links() const
{
    std::vector<Link> links;
    int row = m_hoveredRow;
    const int column = m_hoveredColumn;
    if (row < 0 && column < 0 && m_cell && m_cell->y() >= 0 && m_cell->y() < m_map.rows()) {
        row = m_cell->y();
    }
    if (row < 0 && column < 0) {
        for (int r = 0; r < m_map.rows(); ++r) {
            if (const auto link = strongest(-1, r); link && link->value >= kWeakest) {
                links.push_back(*link);
            }
        }
        return links;
    }
    const int count = row >= 0 ? m_map.columns() : m_map.rows();
    for (int i = 0; i < count; ++i) {
        const Link link{row >= 0 ? i : column, row >= 0 ? row : i, row >= 0 ? m_map.at(row, i) : m_map.at(i, column)};
        if (link.value >= kWeakest) {
            links.push_back(link);
        }
    }
    std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.value > b.value; });
    links.resize(std::min(links.size(), kMostLinks));
    return links;
}

int TokenRows::tokenAt(const std::vector<Token>& row, double x) const
{
    const double at = x - kTitleWidth + m_offset;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (at >= row[i].left && at < row[i].left + row[i].width) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void TokenRows::drawRow(QPainter& painter, const std::vector<Token>& row, int top, bool upper) const
{
    const Palette& colors = ui::palette();
    const std::vector<Link> linked = links();
    const bool focused = m_hoveredColumn >= 0 || m_hoveredRow >= 0 || m_cell.has_value();
    for (std::size_t i = 0; i < row.size(); ++i) {
        const QRectF box(kTitleWidth + row[i].left - m_offset, top, row[i].width, kRowHeight);
        const int index = static_cast<int>(i);
        const bool touched = std::any_of(linked.begin(), linked.end(),
                                         [&](const Link& link) { return (upper ? link.column : link.row) == index; });
        painter.setPen(focused && touched ? colors.accent : colors.line);
        painter.setBrush(colors.sunken);
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
        painter.setPen(!focused || touched ? colors.text : colors.muted);
        painter.drawText(box, Qt::AlignCenter, row[i].text);
    }
}

void TokenRows::drawLinks(QPainter& painter) const
{
    for (const Link& link : links()) {
        const Token& up = m_upper[static_cast<std::size_t>(link.column)];
        const Token& down = m_lower[static_cast<std::size_t>(link.row)];
        const QPointF from(kTitleWidth + up.left + up.width / 2 - m_offset, kRowHeight);
        const QPointF to(kTitleWidth + down.left + down.width / 2 - m_offset, kRowHeight + kGap);
        QColor color = ui::palette().accent;
        color.setAlphaF(std::clamp(0.15F + 0.85F * link.value, 0.0F, 1.0F));
        painter.setPen(QPen(color, 1.0 + 2.5 * std::clamp(link.value, 0.0F, 1.0F)));
        painter.setBrush(Qt::NoBrush);
        QPainterPath path(from);
        path.cubicTo(from + QPointF(0, kGap / 2.0), to - QPointF(0, kGap / 2.0), to);
        painter.drawPath(path);
    }
}

void TokenRows::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_upper.empty() || m_lower.empty()) {
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(ui::palette().muted);
    painter.drawText(QRect(0, 0, kTitleWidth - kSpace2, kRowHeight), Qt::AlignLeft | Qt::AlignVCenter, m_upperTitle);
    painter.drawText(QRect(0, kRowHeight + kGap, kTitleWidth - kSpace2, kRowHeight), Qt::AlignLeft | Qt::AlignVCenter,
                     m_lowerTitle);
    painter.setClipRect(QRect(kTitleWidth, 0, width() - kTitleWidth, height()));
    painter.setFont(monospaceFont());
    drawLinks(painter);
    drawRow(painter, m_upper, 0, true);
    drawRow(painter, m_lower, kRowHeight + kGap, false);
}

void TokenRows::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void TokenRows::mouseMoveEvent(QMouseEvent* event)
{
    const double y = event->position().y();
    const int column = y < kRowHeight ? tokenAt(m_upper, event->position().x()) : -1;
    const int row = y >= kRowHeight + kGap ? tokenAt(m_lower, event->position().x()) : -1;
    if (column == m_hoveredColumn && row == m_hoveredRow) {
        return;
    }
    m_hoveredColumn = column;
    m_hoveredRow = row;
    if (const auto best = column >= 0 || row >= 0 ? strongest(column, row) : std::nullopt) {
        m_cell = QPoint(best->column, best->row);
        Q_EMIT cursorCellChanged(m_cell);
    }
    update();
}

void TokenRows::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    m_hoveredColumn = m_hoveredRow = -1;
    update();
}

void TokenRows::wheelEvent(QWheelEvent* event)
{
    const QPoint by = event->angleDelta();
    m_offset -= by.x() != 0 ? by.x() : by.y();
    layOut(); // clamps
    update();
    event->accept();
}

QSize TokenRows::sizeHint() const
{
    return {400, 2 * kRowHeight + kGap};
}

QSize TokenRows::minimumSizeHint() const
{
    return {100, 2 * kRowHeight + kGap};
}

} // namespace dskd::ui
