#pragma once

#include <QString>
#include <vector>

namespace dskd::viz
{

struct Tick {
    double value = 0.0;
    QString text;
};

// About `count` round values (1, 2, 5 times a power of ten) inside [low, high], with just the digits that tell them
// apart.
[[nodiscard]] std::vector<Tick> linearTicks(double low, double high, int count);

// The same of whole numbers alone: there is no half step.
[[nodiscard]] std::vector<Tick> wholeTicks(double low, double high, int count);

// For a logarithmic axis, 0 < low < high: powers of ten, with 2 and 5 between them where there is room, and linear
// ticks when the range lies within a factor of ten.
[[nodiscard]] std::vector<Tick> logTicks(double low, double high, int count);

// Time axis: seconds as "30 s", "5 m", "2 h".
[[nodiscard]] std::vector<Tick> secondTicks(double low, double high, int count);

} // namespace dskd::viz
