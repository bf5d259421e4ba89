#include "ui/pages/curves/card_layout.h"

#include <algorithm>
#include <functional>

namespace dskd::ui
{
namespace
{

constexpr int kLeastWidth[] = {220, 290, 600}; // by size: less, and the numbers of the axes eat the curve
constexpr int kLeastHeight = 190;
constexpr double kHeightPerWidth = 2.0 / 3.0;

// How many of a size stand side by side.
int columnsOf(CardSize size, int width, int count)
{
    const int least = kLeastWidth[static_cast<int>(size)];
    const int most = std::clamp((width + kCardSpacing) / (least + kCardSpacing), 1, std::max(1, count));
    const int rows = (count + most - 1) / most;
    return std::max(1, (count + rows - 1) / std::max(1, rows));
}

} // namespace

std::vector<QRect> placeCards(const std::vector<CardSize>& cards, int width)
{
    const bool oneSize = std::adjacent_find(cards.begin(), cards.end(), std::not_equal_to<>()) == cards.end();
    const auto widthOf = [&](CardSize size) {
        const int columns = columnsOf(size, width, oneSize ? static_cast<int>(cards.size()) : width);
        return (width - (columns - 1) * kCardSpacing) / columns;
    };
    std::vector<QRect> places;
    int x = 0;
    int y = 0;
    int height = 0;           // of the row
    std::size_t rowBegin = 0; // its first card
    const auto endRow = [&] {
        for (std::size_t i = rowBegin; i < places.size(); ++i) {
            places[i].setHeight(height);
        }
        rowBegin = places.size();
        x = 0;
        y += height + kCardSpacing;
        height = 0;
    };
    for (const CardSize size : cards) {
        const int own = widthOf(size);
        if (x > 0 && x + own > width) {
            endRow();
        }
        places.emplace_back(x, y, own, 0);
        height = std::max({height, kLeastHeight, static_cast<int>(own * kHeightPerWidth)});
        x += own + kCardSpacing;
    }
    endRow();
    return places;
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
