#include "ui/pages/curves/card_layout.h"

#include <algorithm>
#include <array>
#include <functional>

namespace dskd::ui
{
namespace
{

constexpr std::size_t kNumSizes = 3;
// By size: less, and the numbers of the axes eat the curve.
constexpr std::array<int, kNumSizes> kLeastWidth{220, 290, 600};
constexpr int kLeastHeight = 190;
constexpr double kHeightPerWidth = 2.0 / 3.0;

int widestOf(CardSize size)
{
    return size == CardSize::Large ? kWidestLargeCard : kWidestCard;
}

int cardWidth(CardSize size, int columns, int width)
{
    return std::min((width - (columns - 1) * kCardSpacing) / columns, widestOf(size));
}

int cardHeight(int width)
{
    return std::max(kLeastHeight, static_cast<int>(width * kHeightPerWidth));
}

int rowsOf(int count, int columns)
{
    return (count + columns - 1) / columns;
}

// How many of a size stand side by side, none narrower than `least`.
int columnsOf(int least, int width, int count)
{
    const int most = std::clamp((width + kCardSpacing) / (least + kCardSpacing), 1, std::max(1, count));
    const int rows = rowsOf(count, most);
    return std::max(1, (count + rows - 1) / std::max(1, rows));
}

// In rows from left to right. `columns`: of each size, by its number.
std::vector<QRect> inRows(const std::vector<CardSize>& cards, int width, const std::array<int, kNumSizes>& columns)
{
    std::vector<QRect> places;
    int x = 0;
    int y = 0;
    int rowHeight = 0;
    std::size_t rowBegin = 0; // its first card
    const auto endRow = [&] {
        for (std::size_t i = rowBegin; i < places.size(); ++i) {
            places[i].setHeight(rowHeight);
        }
        rowBegin = places.size();
        x = 0;
        y += rowHeight + kCardSpacing;
        rowHeight = 0;
    };
    for (const CardSize size : cards) {
        const int own = cardWidth(size, columns[static_cast<std::size_t>(size)], width);
        if (x > 0 && x + own > width) {
            endRow();
        }
        places.emplace_back(x, y, own, 0);
        rowHeight = std::max(rowHeight, cardHeight(own));
        x += own + kCardSpacing;
    }
    endRow();
    return places;
}

// Cards of one size: as few side by side as let all fit into the height, and no wider than they may be.
std::array<int, kNumSizes> columnsOfOneSize(CardSize size, int count, int width, int height)
{
    std::array<int, kNumSizes> columns{};
    int& chosen = columns[static_cast<std::size_t>(size)];
    chosen = columnsOf(kLeastWidth[static_cast<std::size_t>(size)], width, count);
    for (int fewer = 1; fewer < chosen; ++fewer) {
        const int own = (width - (fewer - 1) * kCardSpacing) / fewer;
        const int rows = rowsOf(count, fewer);
        if (own <= widestOf(size) && rows * cardHeight(own) + (rows - 1) * kCardSpacing <= height) {
            chosen = fewer;
        }
    }
    return columns;
}

std::array<int, kNumSizes> columnsOfSizes(int width, double scale)
{
    std::array<int, kNumSizes> columns{};
    for (std::size_t size = 0; size < columns.size(); ++size) {
        columns[size] = columnsOf(static_cast<int>(kLeastWidth[size] * scale), width, width);
    }
    return columns;
}

} // namespace

std::vector<QRect> placeCards(const std::vector<CardSize>& cards, int width, int height)
{
    const bool oneSize = std::adjacent_find(cards.begin(), cards.end(), std::not_equal_to<>()) == cards.end();
    if (oneSize) {
        const CardSize size = cards.empty() ? CardSize::Medium : cards.front();
        return inRows(cards, width, columnsOfOneSize(size, static_cast<int>(cards.size()), width, height));
    }
    constexpr double kLargestScale = 3.0;
    constexpr double kStep = 0.25;
    for (double scale = kLargestScale; scale > 1.0; scale -= kStep) {
        std::vector<QRect> places = inRows(cards, width, columnsOfSizes(width, scale));
        if (heightOf(places) <= height) {
            return places;
        }
    }
    return inRows(cards, width, columnsOfSizes(width, 1.0));
}

int heightOf(const std::vector<QRect>& places)
{
    int bottom = 0;
    for (const QRect& place : places) {
        bottom = std::max(bottom, place.y() + place.height());
    }
    return bottom;
}

} // namespace dskd::ui
