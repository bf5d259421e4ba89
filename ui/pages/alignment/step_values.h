#pragma once

// What a run has recorded of its alignment over its steps: the coverage of its batches, and how much attention stayed
// inside the true chunk. Any thread.

#include "core/base/result.h"
#include "core/preflight/run_coverage.h"
#include "core/store/measured_rows.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

struct StepValues {
    struct Point {
        std::int64_t sample = 0;
        std::int64_t step = 0;
        std::optional<double> inside; // attention inside the true chunk, a mean over the map's rows
        bool operator==(const Point&) const = default;
    };
    std::string mapName;
    std::map<std::int64_t, Point> maps;       // by the id of the map's row
    std::vector<store::MetricPoint> coverage; // align_ratio, in order of step
    std::size_t attempts = 0;                 // of the run, when it was read
};

// Reads on from `before`, which may be empty; without `coverage`, or where it is not of the probe samples, nothing is
// known of attention.
Result<StepValues> readSteps(const std::filesystem::path& runFolder, const std::string& mapName,
                             const std::shared_ptr<const preflight::RunCoverage>& coverage, StepValues before,
                             const std::atomic<bool>& cancelled);

// The chunks of a recorded map (preflight::chunksOf); none also where nothing is known of the sample.
[[nodiscard]] std::optional<preflight::MapChunks> chunksOf(const store::HeatMapRow& map,
                                                           const std::optional<preflight::SampleRows>& sample);

} // namespace dskd::ui
