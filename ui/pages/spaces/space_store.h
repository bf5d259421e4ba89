#pragma once

// Representation spaces of probe samples as the page of spaces reads them from run folders. Any thread.

#include "core/base/result.h"
#include "core/store/space_records.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace dskd::ui
{

// What a run has recorded of its spaces, but for the points.
struct SpaceReading {
    using Steps = std::map<std::int64_t, double>;
    using SampleSteps = std::map<std::int64_t, std::vector<double>>;

    std::map<std::string, Steps> metrics;       // of the group of structure metrics, by their names
    std::map<std::string, SampleSteps> samples; // kStructureCosine, kStructureProduct: finite values of the samples
    std::set<std::int64_t> pointSteps;          // at which there are points

    [[nodiscard]] bool empty() const { return metrics.empty() && samples.empty() && pointSteps.empty(); }
    [[nodiscard]] std::set<std::int64_t> steps() const; // of samples and points
    bool operator==(const SpaceReading&) const = default;
};

Result<SpaceReading> readSpaces(const std::filesystem::path& runFolder);

// The points of a step, and the axes that they lie on.
struct SpacePoints {
    std::vector<store::SpacePointRow> points;
    std::vector<store::SpaceAxesRow> axes; // without their vectors
};

Result<SpacePoints> readPoints(const std::filesystem::path& runFolder, std::int64_t step);

} // namespace dskd::ui
