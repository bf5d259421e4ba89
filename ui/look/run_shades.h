#pragma once

#include "ui/look/run_shade.h"

#include <QColor>
#include <array>

namespace dskd::ui
{

// WCAG 2's relative luminance of an sRGB colour, 0 (black) to 1 (white), and the contrast of two: 1 to 21.
[[nodiscard]] double luminance(const QColor& color);
[[nodiscard]] double contrast(const QColor& a, const QColor& b);

// From the darkest to the lightest that reads on a theme's cards and window: 3:1 at least.
struct LuminanceRange {
    double least = 0.0;
    double most = 1.0;
};

// The shades of a hue: the hue itself, then darker and lighter ones, saturated enough that the hue is seen in each.
// Each lies, by contrast and within the range, as far as possible from those before it, because most experiments have
// few seeds.
[[nodiscard]] std::array<QColor, kShades> shadesOf(const QColor& hue, LuminanceRange range);

} // namespace dskd::ui
