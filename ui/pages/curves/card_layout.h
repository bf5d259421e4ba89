#pragma once

#include "ui/pages/curves/curves_state.h"

#include <QRect>
#include <vector>

namespace dskd::ui
{

inline constexpr int kCardSpacing = 8;   // pixels between cards
inline constexpr int kWidestCard = 1100; // wider, and the eye loses the line; on a large screen more stand in a row
inline constexpr int kWidestLargeCard = 1600; // of CardSize::Large

// Where cards stand on a page `width` pixels wide: in rows from left to right, about 3:2, as many beside one another as
// stay readable. A large card is as wide as two medium ones, and of small ones about three stand where two medium ones
// do. Cards of one size are spread evenly over their rows: four are 2 x 2 also where three would fit; where all of them
// fit into `height` (0: not known), they are as large as they can be there. A row is as high as its highest card.
[[nodiscard]] std::vector<QRect> placeCards(const std::vector<CardSize>& cards, int width, int height = 0);

// Their height together.
[[nodiscard]] int heightOf(const std::vector<QRect>& places);

} // namespace dskd::ui
