#include "viz/axis_texts.h"

#include <algorithm>
#include <limits>

namespace dskd::viz
{

AxisTexts placeTexts(const std::vector<AxisText>& numbers, double left, double right, double titleWidth, double gap)
{
    constexpr std::size_t kFewest = 2; // one number gives no scale
    AxisTexts texts{{}, right};
    const auto place = [&](double leastLeft, double end) {
        texts.numbers.clear();
        double free = left; // where the next number may begin
        for (const AxisText& number : numbers) {
            const double at = std::max(leastLeft, std::min(number.x - number.width / 2, right - number.width));
            if (at >= free && at + number.width <= end) {
                texts.numbers.push_back({at, number.width, number.text});
                free = at + number.width + gap;
            }
        }
    };
    place(std::numeric_limits<double>::lowest(), right - titleWidth);
    if (texts.numbers.size() >= std::min(kFewest, numbers.size())) {
        return texts;
    }
    place(left, right);
    double before = left; // the end of the numbers to the left of the title
    for (const AxisText& number : texts.numbers) {
        if (number.x + number.width > right - titleWidth) {
            texts.titleRight = number.x - gap;
            break;
        }
        before = number.x + number.width + gap;
    }
    if (*texts.titleRight - titleWidth < before) {
        texts.titleRight.reset();
    }
    return texts;
}

} // namespace dskd::viz
