#include "core/jobs/point_csv.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"

namespace dskd::jobs
{

std::string pointPrefix(const PointSource& run, std::string_view metric)
{
    return text::csv(run.runId) + "," + text::csv(run.name) + "," + std::to_string(run.seed) + "," + text::csv(metric) +
           ",";
}

std::string pointLine(const std::string& prefix, const store::MetricPoint& point)
{
    return prefix + std::to_string(point.step) + "," + std::to_string(point.tokens) + "," + text::exact(point.time) +
           "," + text::exact(point.value) + "\n";
}

} // namespace dskd::jobs
