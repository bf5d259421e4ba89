#include "ui/pages/alignment/step_values.h"

#include "core/base/run_layout.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"

#include <utility>

namespace dskd::ui
{

Result<StepValues> readSteps(const std::filesystem::path& runFolder, const std::string& mapName,
                             const std::shared_ptr<const preflight::RunCoverage>& coverage, StepValues before,
                             const std::atomic<bool>& cancelled)
{
    auto reader = store::RunReader::open({runFolder});
    if (!reader) {
        return reader.failure();
    }
    StepValues values;
    values.mapName = mapName;
    values.attempts = reader->attempts().size();
    if (values.attempts == before.attempts) { // else rows that were read may no longer count
        values.coverage = std::move(before.coverage);
    }
    const std::int64_t last = values.coverage.empty() ? 0 : values.coverage.back().id;
    for (const store::MetricPoint& point : reader->series(std::string(metrics::kAlignRatio), last)) {
        values.coverage.push_back(point);
    }
    if (!coverage || !coverage->holdsProbes()) {
        return values;
    }
    std::map<std::int64_t, std::optional<preflight::SampleRows>> samples;
    for (const store::HeatMapRow& row : reader->heatMaps()) {
        if (cancelled) {
            break;
        }
        if (row.name != mapName) {
            continue;
        }
        if (const auto known = before.maps.find(row.id); before.mapName == mapName && known != before.maps.end()) {
            values.maps.insert(*known);
            continue;
        }
        const auto [sample, isNew] = samples.try_emplace(row.sample);
        if (isNew) {
            sample->second = coverage->rows(row.sample);
        }
        StepValues::Point point{row.sample, row.step, std::nullopt};
        if (const auto map = reader->heatMap(row.id)) {
            if (const auto chunks = chunksOf(*map, sample->second)) {
                point.inside = align::attentionInsideChunks(map->values, chunks->rows, chunks->columns).mean();
            }
        }
        values.maps.emplace(row.id, point);
    }
    return values;
}

std::optional<preflight::MapChunks> chunksOf(const store::HeatMapRow& map,
                                             const std::optional<preflight::SampleRows>& sample)
{
    return sample ? preflight::chunksOf({map.name, map.rowTokens, map.columnTokens}, *sample) : std::nullopt;
}

} // namespace dskd::ui
