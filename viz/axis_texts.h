#pragma once

#include <QString>
#include <optional>
#include <vector>

namespace dskd::viz
{

// A number below an axis: its middle before it is placed, its left edge afterwards. In pixels.
struct AxisText {
    double x = 0.0;
    double width = 0.0;
    QString text;
};

struct AxisTexts {
    std::vector<AxisText> numbers;
    std::optional<double> titleRight; // where the title ends; none: it has no room
};

// Which numbers stand below an axis from `left` to `right`, and where. The title (with the room around it, 0: none)
// stands at the right end, and numbers that it or their neighbours leave no room for are left out. Of an axis of few
// steps these are all of them, since they stand at its ends; there the numbers go first and the title stands beside.
[[nodiscard]] AxisTexts placeTexts(const std::vector<AxisText>& numbers, double left, double right, double titleWidth,
                                   double gap);

} // namespace dskd::viz
