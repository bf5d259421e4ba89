// How the two rows of tokens are painted. Their data and events are in token_rows.cpp.

#include "ui/look/theme.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/alignment/token_rows.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace dskd::ui
{

void TokenRows::drawRow(QPainter& painter, bool upper) const
{
    const Palette& colors = ui::palette();
    const std::vector<Link> linked = links();
    const std::vector<Box>& row = upper ? m_upper : m_lower;
    const bool focused = m_hoveredColumn >= 0 || m_hoveredRow >= 0 || m_cell.has_value();
    for (std::size_t i = 0; i < row.size(); ++i) {
        const Place place{upper, static_cast<int>(i)};
        const QRectF box = boxOf(place);
        const int inMap = place.token - (upper ? m_firstUpper : m_firstLower);
        const bool touched = std::any_of(linked.begin(), linked.end(),
                                         [&](const Link& link) { return (upper ? link.column : link.row) == inMap; });
        const bool chosen = m_selected == place || isPartnerOfSelected(place);
        painter.setPen(QPen((focused && touched) || chosen ? colors.accent : colors.line, chosen ? 2.0 : 1.0));
        painter.setBrush(chosen ? colors.raised : colors.sunken);
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
        painter.setPen(!focused || touched || chosen ? colors.text : colors.muted);
        const auto& mark = tokens(upper)[i].mark;
        painter.drawText(mark ? box.adjusted(0, 0, 0, -kMarkHeight) : box, Qt::AlignCenter, row[i].text);
        if (mark) {
            paintMark(painter, *mark, {box.center().x(), box.bottom() - kMarkHeight / 2.0 - 1}, 3.5);
        }
    }
}

void TokenRows::drawLink(QPainter& painter, const Box& up, const Box& down, const QColor& color, double width) const
{
    const QPointF from(kTitleWidth + up.left + up.width / 2 - m_offset, kRowHeight);
    const QPointF to(kTitleWidth + down.left + down.width / 2 - m_offset, kRowHeight + kGap);
    painter.setPen(QPen(color, width));
    painter.setBrush(Qt::NoBrush);
    QPainterPath path(from);
    path.cubicTo(from + QPointF(0, kGap / 2.0), to - QPointF(0, kGap / 2.0), to);
    painter.drawPath(path);
}

void TokenRows::drawLinks(QPainter& painter) const
{
    for (const Link& link : links()) {
        const int up = link.column + m_firstUpper;
        const int down = link.row + m_firstLower;
        if (up < 0 || down < 0 || up >= static_cast<int>(m_upper.size()) || down >= static_cast<int>(m_lower.size())) {
            continue;
        }
        QColor color = ui::palette().accent;
        color.setAlphaF(std::clamp(0.15F + 0.85F * link.value, 0.0F, 1.0F));
        drawLink(painter, m_upper[static_cast<std::size_t>(up)], m_lower[static_cast<std::size_t>(down)], color,
                 1.0 + 2.5 * std::clamp(link.value, 0.0F, 1.0F));
    }
}

// Without a map: which token belongs to which.
void TokenRows::drawPartnerLinks(QPainter& painter) const
{
    for (std::size_t i = 0; i < m_lowerTokens.size(); ++i) {
        const RowToken& token = m_lowerTokens[i];
        if (!token.mark) {
            continue;
        }
        const int end = std::min(token.partnerEnd, static_cast<int>(m_upper.size()));
        for (int partner = std::max(0, token.partnerBegin); partner < end; ++partner) {
            drawLink(painter, m_upper[static_cast<std::size_t>(partner)], m_lower[i], markColor(*token.mark), 1.0);
        }
    }
}

void TokenRows::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_upper.empty() && m_lower.empty()) {
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasFocus()) {
        painter.setPen(QPen(ui::palette().accent, 1.0));
        painter.drawLine(QPointF(0, height() - 0.5), QPointF(width(), height() - 0.5));
    }
    painter.setPen(ui::palette().muted);
    painter.drawText(QRect(0, 0, kTitleWidth - kSpace2, kRowHeight), Qt::AlignLeft | Qt::AlignVCenter, m_upperTitle);
    painter.drawText(QRect(0, kRowHeight + kGap, kTitleWidth - kSpace2, kRowHeight), Qt::AlignLeft | Qt::AlignVCenter,
                     m_lowerTitle);
    painter.setClipRect(QRect(kTitleWidth, 0, width() - kTitleWidth, height()));
    painter.setFont(monospaceFont());
    m_map.values.empty() ? drawPartnerLinks(painter) : drawLinks(painter);
    drawRow(painter, true);
    drawRow(painter, false);
}

} // namespace dskd::ui
