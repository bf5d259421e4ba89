// Where the cards of the grid stand: in rows, one of them large, those without a curve folded.

#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/curves/card_layout.h"
#include "ui/pages/curves/chart_card.h"
#include "ui/pages/curves/chart_grid.h"
#include "ui/pages/shared/muted_label.h"
#include "viz/legend_strip.h"

#include <QAbstractScrollArea>
#include <QScrollArea>
#include <QScrollBar>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kLeastLargeHeight = 320;

} // namespace

int ChartGrid::cardAt(const QPoint& globalPosition) const
{
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        if (!m_cards[i]->isHidden() && m_cards[i]->rect().contains(m_cards[i]->mapFromGlobal(globalPosition))) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void ChartGrid::drop(int from, const QPoint& globalPosition)
{
    const int to = cardAt(globalPosition);
    for (ChartCard* card : m_cards) {
        card->setDropTarget(false);
    }
    if (to >= 0) {
        moveChart(from, to);
    }
}

void ChartGrid::moveChart(int from, int to)
{
    const int last = static_cast<int>(m_cards.size()) - 1;
    if (from < 0 || from > last || to < 0 || to > last || from == to) {
        return;
    }
    const auto move = [&](auto& list) {
        auto item = std::move(list[static_cast<std::size_t>(from)]);
        list.erase(list.begin() + from);
        list.insert(list.begin() + to, std::move(item));
    };
    move(m_arrangement.charts);
    move(m_cards); // the cards keep their curves and zoom
    place();
    Q_EMIT arrangementChanged();
}

void ChartGrid::openLarge(int chart)
{
    ChartCard* card =
        chart >= 0 && chart < static_cast<int>(m_cards.size()) ? m_cards[static_cast<std::size_t>(chart)] : nullptr;
    if (card == m_large) {
        return;
    }
    ChartCard* before = std::exchange(m_large, card);
    place();
    showLegend();
    ChartCard* focused = card != nullptr ? card : before;
    focused->chart().setFocus(Qt::OtherFocusReason); // so that Escape and Return go on from there
}

void ChartGrid::reveal(int chart)
{
    if (chart < 0 || chart >= static_cast<int>(m_cards.size())) {
        return;
    }
    ChartCard* card = m_cards[static_cast<std::size_t>(chart)];
    if (m_large != nullptr && m_large != card) {
        openLarge(-1);
    }
    card->chart().setFocus(Qt::OtherFocusReason);
    QTimer::singleShot(0, card, [card] { // a new card has its place only then
        for (QWidget* widget = card->parentWidget(); widget != nullptr; widget = widget->parentWidget()) {
            if (auto* area = qobject_cast<QScrollArea*>(widget)) {
                area->ensureWidgetVisible(card);
                return;
            }
        }
    });
}

// What the cards have when the page's scroll bar is there, so that it cannot come and go with their height.
int ChartGrid::layoutWidth() const
{
    for (QWidget* widget = parentWidget(); widget != nullptr; widget = widget->parentWidget()) {
        if (const auto* area = qobject_cast<QAbstractScrollArea*>(widget)) {
            const QScrollBar* bar = area->verticalScrollBar();
            return m_canvas->width() - (bar->isVisible() ? 0 : bar->sizeHint().width());
        }
    }
    return m_canvas->width();
}

// What is seen of the page without scrolling, where the cards are all that scrolls; 0: other things stand there too.
int ChartGrid::layoutHeight() const
{
    const auto* viewport = parentWidget();
    const auto* area = viewport != nullptr ? qobject_cast<QScrollArea*>(viewport->parentWidget()) : nullptr;
    if (area == nullptr || area->widget() != this) {
        return 0;
    }
    const int foldedHeight = m_folded->isHidden() ? 0 : m_folded->heightForWidth(width()) + kSpace2;
    return viewport->height() - foldedHeight;
}

void ChartGrid::place()
{
    const bool someDrawn =
        std::any_of(m_cards.begin(), m_cards.end(), [](ChartCard* card) { return !card->curves().empty(); });
    std::vector<ChartCard*> shown;
    std::vector<ChartCard*> folded;
    std::vector<CardSize> sizes;
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        ChartCard* card = m_cards[i];
        const auto empty = m_empty.find(card);
        const bool noCurve = card->curves().empty();
        const bool settled = empty != m_empty.end() && !empty->second.isReading;
        if (noCurve && card->curves().chart().onlyWhenRecorded) {
            card->hide();
        } else if (noCurve && settled && someDrawn) {
            folded.push_back(card);
            card->hide();
        } else if (m_large != nullptr && card != m_large) {
            card->hide();
        } else {
            shown.push_back(card);
            sizes.push_back(m_arrangement.charts[i].size);
        }
    }
    if (m_large != nullptr && m_large->curves().empty()) { // its runs were hidden
        m_large = nullptr;
        place();
        return;
    }
    showFolded(folded);
    std::vector<QRect> places = placeCards(sizes, layoutWidth(), layoutHeight());
    if (!places.empty()) { // of a large one its least height: the legend takes from what it has
        m_legend->setMostLinesIn(m_large != nullptr ? kLeastLargeHeight : places.front().height());
    }
    m_canvas->setMinimumHeight(m_large != nullptr ? kLeastLargeHeight : heightOf(places));
    for (std::size_t i = 0; i < shown.size(); ++i) {
        shown[i]->setGeometry(m_large != nullptr ? m_canvas->rect() : places[i]);
        shown[i]->show();
    }
    for (std::size_t i = 1; i < shown.size(); ++i) { // Tab goes as they stand
        setTabOrder(&shown[i - 1]->chart(), &shown[i]->chart());
    }
}

void ChartGrid::showFolded(const std::vector<ChartCard*>& folded)
{
    QStringList links;
    QStringList reasons;
    for (ChartCard* card : folded) {
        links.append(QStringLiteral("<a href=\"%1\">%2</a>").arg(indexOf(card)).arg(card->title().toHtmlEscaped()));
        reasons.append(m_empty.at(card).why);
    }
    m_folded->setVisible(!folded.empty() && m_large == nullptr);
    m_folded->setText(tr("Nothing to draw: %1").arg(links.join(QStringLiteral(", "))));
    m_folded->setToolTip(plainHint(reasons.join('\n')));
    m_folded->setAccessibleDescription(reasons.join('\n'));
}

} // namespace dskd::ui
