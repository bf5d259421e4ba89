#pragma once

#include "ui/pages/curves/curves_state.h"

#include <QRect>
#include <vector>

namespace dskd::ui
{

inline constexpr int kCardSpacing = 8; // pixels between cards

// Where cards stand on a page `width` pixels wide: in rows from left to right, about 3:2, as many beside one another as
// stay readable. A large card is as wide as two medium ones, and of small ones about three stand where two medium ones
// do. Cards of one size are spread evenly over their rows: four are 2 x 2 also where three would fit. A row is as high
// as its highest card.
[[nodiscard]] std::vector<QRect> placeCards(const std::vector<CardSize>& cards, int width);

// Their height together.
[[nodiscard]] int heightOf(const std::vector<QRect>& places);

} // namespace dskd::ui
