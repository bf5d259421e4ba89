#include "ui/pages/alignment/token_rows.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr std::size_t kMostLinks = 5;
constexpr float kWeakest = 0.02F; // weaker links are noise at this size

bool sameTexts(const std::vector<RowToken>& a, const std::vector<RowToken>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const RowToken& left, const RowToken& right) { return left.text == right.text; });
}

std::vector<RowToken> plain(const QStringList& texts)
{
    std::vector<RowToken> tokens;
    for (const QString& text : texts) {
        tokens.push_back({text});
    }
    return tokens;
}

} // namespace

TokenRows::TokenRows(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Tokens of teacher and student"));
    setAccessibleDescription(tr("Arrows select a token, up and down go to the other row."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TokenRows::setTokens(std::vector<RowToken> upper, std::vector<RowToken> lower, const QString& upperTitle,
                          const QString& lowerTitle)
{
    const bool same = sameTexts(upper, m_upperTokens) && sameTexts(lower, m_lowerTokens);
    m_upperTokens = std::move(upper);
    m_lowerTokens = std::move(lower);
    m_upperTitle = upperTitle;
    m_lowerTitle = lowerTitle;
    m_map = {};
    m_firstUpper = m_firstLower = 0;
    if (!same) {
        m_offset = 0.0;
        m_hoveredColumn = m_hoveredRow = -1;
        select(std::nullopt);
    }
    layOut();
    update();
}

void TokenRows::setMap(viz::HeatMap map, int firstUpper, int firstLower)
{
    m_map = std::move(map);
    m_firstUpper = firstUpper;
    m_firstLower = firstLower;
    m_hoveredColumn = m_hoveredColumn < m_map.columns() ? m_hoveredColumn : -1;
    m_hoveredRow = m_hoveredRow < m_map.rows() ? m_hoveredRow : -1;
    update();
}

void TokenRows::setMap(const viz::HeatMap& map, const QString& upperTitle, const QString& lowerTitle)
{
    setTokens(plain(map.columnTexts), plain(map.rowTexts), upperTitle, lowerTitle);
    setMap(map);
}

void TokenRows::clear()
{
    setTokens({}, {}, {}, {});
}

void TokenRows::setCursorCell(std::optional<QPoint> cell)
{
    m_cell = cell;
    const int token = cell ? cell->y() + m_firstLower : -1;
    if (m_hoveredColumn < 0 && m_hoveredRow < 0 && token >= 0 && token < static_cast<int>(m_lower.size())) {
        scrollTo(m_lower[static_cast<std::size_t>(token)]);
    }
    update();
}

void TokenRows::select(std::optional<Place> place)
{
    if (place == m_selected) {
        return;
    }
    m_selected = place;
    if (place) {
        scrollTo((place->upper ? m_upper : m_lower)[static_cast<std::size_t>(place->token)]);
    }
    update();
    Q_EMIT selectionChanged();
}

void TokenRows::scrollTo(const Box& box)
{
    const double visible = width() - kTitleWidth;
    if (box.left < m_offset || box.left + box.width > m_offset + visible) {
        m_offset = box.left + box.width / 2 - visible / 2;
        layOut(); // clamps
    }
}

void TokenRows::layOut()
{
    const QFontMetricsF metrics(monospaceFont());
    const auto widths = [&](const std::vector<RowToken>& tokens, std::vector<Box>& row) {
        row.clear();
        double left = 0.0;
        for (const RowToken& token : tokens) {
            Box box{viz::visibleToken(token.text), left, 0.0};
            box.width = metrics.horizontalAdvance(box.text) + 2 * kSpace1;
            left += box.width + 2;
            row.push_back(std::move(box));
        }
        return left;
    };
    const double upper = widths(m_upperTokens, m_upper);
    const double lower = widths(m_lowerTokens, m_lower);
    m_contentWidth = std::max(upper, lower);
    // The shorter row is spread, so that links run about straight down.
    const auto spread = [&](std::vector<Box>& row, double own) {
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

int TokenRows::tokenAt(const std::vector<Box>& row, double x) const
{
    const double at = x - kTitleWidth + m_offset;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (at >= row[i].left && at < row[i].left + row[i].width) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

std::optional<TokenRows::Place> TokenRows::placeAt(const QPointF& at) const
{
    const bool upper = at.y() < kRowHeight;
    if ((!upper && at.y() < kRowHeight + kGap) || at.x() < kTitleWidth) {
        return std::nullopt;
    }
    const int token = tokenAt(upper ? m_upper : m_lower, at.x());
    return token < 0 ? std::nullopt : std::optional(Place{upper, token});
}

QRectF TokenRows::boxOf(const Place& place) const
{
    const Box& box = (place.upper ? m_upper : m_lower)[static_cast<std::size_t>(place.token)];
    return {kTitleWidth + box.left - m_offset, place.upper ? 0.0 : static_cast<double>(kRowHeight + kGap), box.width,
            static_cast<double>(kRowHeight)};
}

bool TokenRows::isPartnerOfSelected(const Place& place) const
{
    if (!m_selected || m_selected->upper == place.upper) {
        return false;
    }
    const RowToken& token = tokens(m_selected->upper)[static_cast<std::size_t>(m_selected->token)];
    return place.token >= token.partnerBegin && place.token < token.partnerEnd;
}

bool TokenRows::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto place = placeAt(help->pos());
        QToolTip::showText(help->globalPos(),
                           place ? plainHint(tokens(place->upper)[static_cast<std::size_t>(place->token)].hint)
                                 : tr("Click a token to see its partner; the wheel scrolls a long text"),
                           this);
        return true;
    }
    return QWidget::event(event);
}

void TokenRows::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void TokenRows::mouseMoveEvent(QMouseEvent* event)
{
    const auto place = placeAt(event->position());
    const int first = place && place->upper ? m_firstUpper : m_firstLower;
    const int inMap = place ? place->token - first : -1;
    const int most = place && place->upper ? m_map.columns() : m_map.rows();
    const int known = inMap >= 0 && inMap < most ? inMap : -1;
    const int column = place && place->upper ? known : -1;
    const int row = place && !place->upper ? known : -1;
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

void TokenRows::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        select(placeAt(event->position()));
    }
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

void TokenRows::keyPressEvent(QKeyEvent* event)
{
    const auto go = [&](bool upper, int token) {
        const auto count = static_cast<int>(tokens(upper).size());
        if (count > 0) {
            select(Place{upper, std::clamp(token, 0, count - 1)});
        }
    };
    const Place from = m_selected.value_or(Place{false, -1});
    // To its partner in the other row, where it has one.
    const auto across = [&](bool upper) {
        const bool knows = m_selected && from.upper != upper;
        const RowToken* token = knows ? &tokens(from.upper)[static_cast<std::size_t>(from.token)] : nullptr;
        go(upper, token && token->partnerEnd > token->partnerBegin ? token->partnerBegin : std::max(0, from.token));
    };
    switch (event->key()) {
    case Qt::Key_Left: go(from.upper, from.token - 1); break;
    case Qt::Key_Right: go(from.upper, from.token + 1); break;
    case Qt::Key_Up: across(true); break;
    case Qt::Key_Down: across(false); break;
    case Qt::Key_Home: go(from.upper, 0); break;
    case Qt::Key_End: go(from.upper, static_cast<int>(tokens(from.upper).size()) - 1); break;
    default: QWidget::keyPressEvent(event);
    }
}

QSize TokenRows::sizeHint() const
{
    return {400, 2 * kRowHeight + kGap + 2};
}

QSize TokenRows::minimumSizeHint() const
{
    return {100, 2 * kRowHeight + kGap + 2};
}

} // namespace dskd::ui
