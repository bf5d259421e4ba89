// The table joined from its parts. What is asked of its rows by name is in find_metric.cpp.

#include "core/metrics/metric_rows.h"

namespace dskd::metrics
{

std::span<const Metric> allMetrics()
{
    static const std::vector<Metric> all = [] {
        std::vector<Metric> rows;
        for (const std::span<const Metric> part : {lossMetrics(), spaceMetrics(), trainingMetrics()}) {
            rows.insert(rows.end(), part.begin(), part.end());
        }
        return rows;
    }();
    return all;
}

} // namespace dskd::metrics
