#pragma once

#include <QColor>
#include <QRgb>
#include <array>

namespace dskd::viz
{

using ColourMap = std::array<QRgb, 256>;

// viridis: perceptually even, dark to bright. For values in [0, 1].
[[nodiscard]] const ColourMap& viridis();
// Blue - white - red, symmetric: index 0 is the most negative, 255 the most positive.
[[nodiscard]] const ColourMap& diverging();

// Index for a value between `low` and `high`; values outside are clamped. REQUIRES: not NaN.
[[nodiscard]] int colourIndex(float value, float low, float high);
// Black or white, whichever reads better on `background`.
[[nodiscard]] QColor textOn(QRgb background);

} // namespace dskd::viz
