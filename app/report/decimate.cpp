#include "app/report/decimate.h"

#include <algorithm>
#include <cmath>

namespace dskd::report
{

std::vector<CurvePoint> decimate(const std::vector<CurvePoint>& points, std::size_t limit)
{
    if (points.size() <= limit || limit < 4) {
        return points;
    }
    const std::size_t buckets = limit / 2 - 1;
    std::vector<std::size_t> kept{0, points.size() - 1};
    for (std::size_t b = 0; b < buckets; ++b) {
        const std::size_t begin = b * points.size() / buckets;
        const std::size_t end = (b + 1) * points.size() / buckets;
        std::size_t least = end;
        std::size_t greatest = end;
        std::size_t broken = end;
        for (std::size_t i = begin; i < end; ++i) {
            if (!std::isfinite(points[i].value)) {
                broken = std::min(broken, i);
                continue;
            }
            least = least == end || points[i].value < points[least].value ? i : least;
            greatest = greatest == end || points[i].value > points[greatest].value ? i : greatest;
        }
        for (const std::size_t index : {least, greatest, broken}) {
            if (index != end) {
                kept.push_back(index);
            }
        }
    }
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    std::vector<CurvePoint> result;
    result.reserve(kept.size());
    for (const std::size_t index : kept) {
        result.push_back(points[index]);
    }
    return result;
}

} // namespace dskd::report
