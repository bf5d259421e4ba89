#pragma once

// The colour of a run as one number, which is what is stored with it and handed through the window: a hue, that of its
// experiment, and a shade of it, so that the seeds of one experiment can be told apart.

namespace dskd::ui
{

inline constexpr int kHues = 100000; // far more than the cycle of colours has; they repeat
inline constexpr int kShades = 5;    // that eyes can tell apart; they repeat too

[[nodiscard]] constexpr int colorIndex(int hue, int shade)
{
    return hue % kHues + kHues * (shade % kShades);
}
[[nodiscard]] constexpr int hueOf(int index)
{
    return index % kHues;
}
[[nodiscard]] constexpr int shadeOf(int index)
{
    return index / kHues;
}

} // namespace dskd::ui
