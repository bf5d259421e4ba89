#include "ui/pages/spaces/space_store.h"

#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"

#include <cmath>

namespace dskd::ui
{

std::set<std::int64_t> SpaceReading::steps() const
{
    std::set<std::int64_t> all = pointSteps;
    for (const auto& [metric, bySteps] : samples) {
        for (const auto& [step, values] : bySteps) {
            all.insert(step);
        }
    }
    return all;
}

Result<SpaceReading> readSpaces(const std::filesystem::path& runFolder)
{
    auto reader = store::RunReader::open({runFolder});
    if (!reader) {
        return reader.failure();
    }
    const store::RunReader::Snapshot snapshot(*reader);
    SpaceReading reading;
    for (const metrics::Metric& metric : metrics::allMetrics()) {
        if (metric.group != metrics::Group::Structure) {
            continue;
        }
        const std::string name(metric.name);
        for (const store::MetricPoint& point : reader->series(name)) {
            if (std::isfinite(point.value)) {
                reading.metrics[name][point.step] = point.value;
            }
        }
    }
    for (const store::StructureRow& row : reader->structure()) {
        for (const auto& [metric, value] : {std::pair(metrics::kStructureCosine, row.cosineMean),
                                            std::pair(metrics::kStructureProduct, row.productMean)}) {
            if (std::isfinite(value)) {
                reading.samples[std::string(metric)][row.step].push_back(value);
            }
        }
    }
    const std::vector<std::int64_t> steps = reader->spacePointSteps();
    reading.pointSteps = {steps.begin(), steps.end()};
    return reading;
}

Result<SpacePoints> readPoints(const std::filesystem::path& runFolder, std::int64_t step)
{
    auto reader = store::RunReader::open({runFolder});
    if (!reader) {
        return reader.failure();
    }
    SpacePoints read{reader->spacePoints(step), reader->spaceAxes()};
    for (store::SpaceAxesRow& axes : read.axes) {
        axes.center.clear();
        axes.first.clear();
        axes.second.clear();
    }
    return read;
}

} // namespace dskd::ui
