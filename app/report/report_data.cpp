#include "app/report/report_data.h"

#include "core/base/process.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace dskd::report
{

namespace
{

constexpr std::size_t kStepsPerMap = 12;   // of one attention map over training
constexpr std::size_t kLeastOfACurve = 24; // points, however many curves there are

// What one run, or the means of one group, may embed.
struct Share {
    std::size_t points = 0;
    std::size_t pointsOfACurve = 0;
    std::size_t cells = 0;
};

Share shareOf(const ReportLimits& limits, const std::vector<jobs::OutcomeGroup>& groups)
{
    std::size_t runs = 0;
    std::size_t parts = 0;
    for (const jobs::OutcomeGroup& group : groups) {
        runs += group.runs.size();
        parts += group.runs.size() > 1 ? group.runs.size() + 1 : 1; // a single seed is its group's curve
    }
    return {limits.points / std::max<std::size_t>(1, parts), limits.pointsOfACurve,
            limits.cells / std::max<std::size_t>(1, runs)};
}

std::size_t pointLimit(const Share& share, std::size_t curves)
{
    const std::size_t each = share.points / std::max<std::size_t>(1, curves);
    return std::min(share.pointsOfACurve, std::max(kLeastOfACurve, each));
}

using FullCurves = std::map<std::string, std::vector<CurvePoint>>;

FullCurves readCurves(store::RunReader& reader)
{
    FullCurves curves;
    for (const std::string& name : reader.metricNames()) {
        std::vector<CurvePoint>& curve = curves[name];
        for (const store::MetricPoint& point : reader.series(name)) {
            curve.push_back({point.step, point.value, 0.0});
        }
    }
    return curves;
}

// Evenly chosen, with the first and the last.
template <typename T>
std::vector<T> thinned(const std::vector<T>& all, std::size_t limit)
{
    if (all.size() <= limit || limit < 2) {
        return all;
    }
    std::vector<T> result;
    for (std::size_t i = 0; i < limit; ++i) {
        result.push_back(all[i * (all.size() - 1) / (limit - 1)]);
    }
    return result;
}

void readHeatMaps(store::RunReader& reader, ReportRun& run, std::size_t cellLimit)
{
    std::map<std::pair<std::string, std::int64_t>, std::vector<std::int64_t>> ids;
    for (const store::HeatMapRow& map : reader.heatMaps()) {
        ids[{map.name, map.sample}].push_back(map.id);
    }
    std::size_t cells = 0;
    for (const auto& [key, all] : ids) {
        const auto chosen = thinned(all, kStepsPerMap);
        run.heatMapsThinned = run.heatMapsThinned || chosen.size() < all.size();
        for (const std::int64_t id : chosen) {
            auto map = reader.heatMap(id);
            if (!map || map->values.size() != map->rowTokens.size() * map->columnTokens.size() || map->values.empty()) {
                continue;
            }
            cells += map->values.size();
            if (cells > cellLimit) {
                run.heatMapsThinned = true;
                return;
            }
            run.heatMaps.push_back(std::move(*map));
        }
    }
}

void readAnswers(store::RunReader& reader, ReportRun& run)
{
    const auto all = reader.answers();
    if (all.empty()) {
        return;
    }
    const std::int64_t newest =
        std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.step < b.step; })->step;
    std::copy_if(all.begin(), all.end(), std::back_inserter(run.answers),
                 [&](const store::AnswerRow& answer) { return answer.step == newest; });
}

// Throws Error when a part cannot be read; the parts before it are there then.
void readRun(store::WorkspaceDb& workspace, const std::string& id, const Share& share, ReportRun& run,
             FullCurves& curves)
{
    run.row = workspace.run(id).value();
    const RunLayout folder = workspace.layout().run(id);
    run.status = jobs::readStatus(workspace, id);
    if (const auto config = jobs::runConfig(folder)) {
        run.config = config::toJson(*config).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    store::RunReader reader = store::RunReader::open(folder).value();
    const store::RunReader::Snapshot snapshot(reader);
    run.info = reader.info();
    curves = readCurves(reader);
    for (const auto& [name, points] : curves) {
        run.curves[name] = {points.size(), decimate(points, pointLimit(share, curves.size()))};
    }
    readHeatMaps(reader, run, share.cells);
    readAnswers(reader, run);
}

} // namespace

std::vector<CurvePoint> meanCurve(const std::vector<std::vector<CurvePoint>>& seeds)
{
    if (seeds.size() == 1) {
        return seeds.front();
    }
    std::map<std::int64_t, std::vector<double>> byStep;
    for (const auto& seed : seeds) {
        for (const CurvePoint& point : seed) {
            byStep[point.step].push_back(point.value);
        }
    }
    std::vector<CurvePoint> mean;
    for (const auto& [step, values] : byStep) {
        if (values.size() == seeds.size()) {
            const jobs::Summary summary = jobs::summarize(values);
            mean.push_back({step, summary.mean, summary.deviation});
        }
    }
    return mean;
}

Result<ReportData> loadReport(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                              const std::string& title, const ReportLimits& limits)
{
    auto comparison = jobs::compareRuns(workspace, runIds);
    if (!comparison) {
        return comparison.failure();
    }
    ReportData data;
    data.title = title;
    data.workspace = workspace.layout().root.string();
    data.written = unixTime();
    data.table = jobs::comparisonTable(*comparison);
    data.leftOut = comparison->leftOut;
    const Share share = shareOf(limits, comparison->groups);
    for (const jobs::OutcomeGroup& outcomes : comparison->groups) {
        ReportGroup group{outcomes.label, {}, 0, {}};
        std::map<std::string, std::vector<std::vector<CurvePoint>>> seeds;
        for (const jobs::RunOutcome& outcome : outcomes.runs) {
            FullCurves curves;
            ReportRun run;
            try {
                readRun(workspace, outcome.runId, share, run, curves);
            } catch (const Error& error) { // run.db is damaged somewhere behind its last values
                data.leftOut.push_back({outcome.runId, error.failure()});
            }
            run.group = data.groups.size();
            const auto seconds = outcome.values.find("seconds");
            run.seconds = seconds == outcome.values.end() ? 0.0 : seconds->second;
            group.runs.push_back(data.runs.size());
            data.runs.push_back(std::move(run));
            if (!jobs::isCounted(outcomes, outcome)) {
                continue;
            }
            ++group.seeds;
            for (auto& [name, points] : curves) {
                seeds[name].push_back(std::move(points));
            }
        }
        for (const auto& [name, all] : seeds) {
            const auto mean = meanCurve(all);
            group.curves[name] = {mean.size(), decimate(mean, pointLimit(share, seeds.size()))};
        }
        data.groups.push_back(std::move(group));
    }
    if (data.title.empty()) {
        data.title = data.runs.empty() || data.runs.front().row.group.empty() ? "Report" : data.runs.front().row.group;
    }
    return data;
}

} // namespace dskd::report
