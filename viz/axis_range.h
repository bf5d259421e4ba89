#pragma once

#include <utility>

namespace dskd::viz
{

// What an axis shows of values from `low` to `high`, both included and finite: a little more at both ends. Of one value
// alone 5 % of it at either side, of 0 alone -1 to 1. With `logY`, 0 < low: by a factor instead, of one value 2.
[[nodiscard]] std::pair<double, double> valueRange(double low, double high, bool logY);

// What an axis of steps (or tokens, or seconds) shows of points from `low` to `high`: just those; of one point alone
// one step at either side, nothing below 0.
[[nodiscard]] std::pair<double, double> stepRange(double low, double high);

} // namespace dskd::viz
