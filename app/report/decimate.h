#pragma once

// Fewer points without losing a spike.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dskd::report
{

struct CurvePoint {
    std::int64_t step = 0;
    double value = 0.0;     // NaN and infinities are allowed
    double deviation = 0.0; // over seeds; 0 when there is one
};

// At most about `limit` of `points` (ordered by step): of each bucket of equal size the least and the greatest finite
// value and the first value that is not finite, in order, and always the first and the last point. Everything when
// there are no more than `limit`.
[[nodiscard]] std::vector<CurvePoint> decimate(const std::vector<CurvePoint>& points, std::size_t limit);

} // namespace dskd::report
