#pragma once

// A curve for tests that need many points.

#include <QPointF>
#include <cmath>
#include <vector>

namespace dskd::viz
{

inline std::vector<QPointF> wave(int count)
{
    std::vector<QPointF> points;
    for (int i = 0; i < count; ++i) {
        points.emplace_back(i, std::sin(i * 0.001));
    }
    return points;
}

} // namespace dskd::viz
