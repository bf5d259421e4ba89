#include "core/base/exit_codes.h"
#include "core/config/methods/method_traits.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/watchdogs.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace dskd::jobs
{
namespace
{

// Read whole; of the others the newest point is enough, because a worker stops at the first value that is not finite.
constexpr std::string_view kWatched[] = {
    metrics::kLoss,        metrics::kValidationLoss, metrics::kRougeL,          metrics::kGradientNorm,
    metrics::kT2sAccuracy, metrics::kS2tAccuracy,    metrics::kTeacherAccuracy, metrics::kAlignRatio};

std::map<std::string, std::vector<store::MetricPoint>> readSeries(store::RunReader& reader)
{
    std::map<std::string, std::vector<store::MetricPoint>> series;
    for (auto& [name, point] : reader.latest()) {
        const bool whole = std::find(std::begin(kWatched), std::end(kWatched), name) != std::end(kWatched);
        series[name] = whole ? reader.series(name) : std::vector<store::MetricPoint>{point};
    }
    return series;
}

std::vector<store::HeatMapRow> readNewestMaps(store::RunReader& reader)
{
    std::map<std::pair<std::string, std::int64_t>, store::HeatMapRow> newest; // by name and sample
    for (store::HeatMapRow& map : reader.heatMaps()) {
        store::HeatMapRow& known = newest[{map.name, map.sample}];
        if (std::tuple(map.step, map.id) > std::tuple(known.step, known.id)) {
            known = std::move(map);
        }
    }
    std::vector<store::HeatMapRow> maps;
    for (const auto& [key, listed] : newest) {
        if (auto map = reader.heatMap(listed.id)) {
            maps.push_back(*std::move(map));
        }
    }
    return maps;
}

} // namespace

Result<std::vector<Finding>> watchRun(const RunLayout& run)
{
    auto experiment = runConfig(run);
    if (!experiment) {
        return experiment.failure();
    }
    auto reader = store::RunReader::open(run);
    if (!reader) {
        return reader.failure();
    }
    try {
        RunEvidence evidence;
        evidence.experiment = *std::move(experiment);
        evidence.totalSteps = reader->plan().value_or(store::Plan()).totalSteps;
        evidence.series = readSeries(*reader);
        if (config::attends(evidence.experiment.method)) {
            evidence.maps = readNewestMaps(*reader);
        }
        evidence.events = reader->eventsAfter();
        const std::vector<store::AttemptRow> attempts = reader->attempts();
        if (!attempts.empty()) { // every attempt reads the data again and logs the same event
            std::erase_if(evidence.events,
                          [&](const store::EventRow& event) { return event.time < attempts.back().started; });
        }
        if (!attempts.empty() && attempts.back().exitCode == toInt(ExitCode::NotFinite)) {
            evidence.notFinite = reader->lastEvent(store::kFailedEvent);
        }
        return look(evidence);
    } catch (const Error& error) {
        return error.failure();
    }
}

} // namespace dskd::jobs
