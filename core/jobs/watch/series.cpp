#include "core/jobs/watch/series.h"

#include "core/jobs/watch/thresholds.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

namespace dskd::jobs
{
namespace
{

using store::MetricPoint;

Window windowOf(std::span<const MetricPoint> points)
{
    const auto count = static_cast<double>(points.size());
    Window window{points.back().step, 0.0, 0.0};
    for (const MetricPoint& point : points) {
        window.mean += point.value / count;
    }
    for (const MetricPoint& point : points) {
        window.deviation += (point.value - window.mean) * (point.value - window.mean) / count;
    }
    window.deviation = std::sqrt(window.deviation);
    return window;
}

} // namespace

const std::vector<MetricPoint>* seriesOf(const RunEvidence& evidence, std::string_view name)
{
    const auto found = evidence.series.find(std::string(name));
    return found == evidence.series.end() || found->second.empty() ? nullptr : &found->second;
}

std::vector<MetricPoint> finite(const std::vector<MetricPoint>& points)
{
    std::vector<MetricPoint> kept;
    std::copy_if(points.begin(), points.end(), std::back_inserter(kept),
                 [](const MetricPoint& point) { return std::isfinite(point.value); });
    return kept;
}

std::size_t windowSize(std::size_t points)
{
    return std::max(kLeastWindow, points / 25);
}

std::vector<Window> windows(const std::vector<MetricPoint>& points)
{
    const std::size_t size = windowSize(points.size());
    std::vector<Window> all;
    for (std::size_t begin = points.size() % size; begin + size <= points.size(); begin += size) {
        all.push_back(windowOf(std::span(points).subspan(begin, size)));
    }
    return all;
}

double meanOf(const std::vector<MetricPoint>& points)
{
    return windowOf(points).mean;
}

std::string atStep(std::int64_t step)
{
    return "step " + std::to_string(step);
}

} // namespace dskd::jobs
