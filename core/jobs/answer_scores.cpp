#include "core/jobs/answer_scores.h"

#include "core/base/result.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"

#include <cmath>
#include <optional>
#include <vector>

namespace dskd::jobs
{
namespace
{

// The step at which the run's ROUGE-L was the one that the metric names: its best, or its last.
std::optional<std::int64_t> stepOf(store::RunReader& reader, const std::string& metric)
{
    const std::string rouge(metrics::kRougeL);
    const std::vector<store::MetricPoint> points = reader.series(rouge);
    if (points.empty() || metric != rouge + ".best") {
        return points.empty() ? std::nullopt : std::optional(points.back().step);
    }
    std::optional<store::MetricPoint> best;
    for (const store::MetricPoint& point : points) {
        if (std::isfinite(point.value) && (!best || point.value > best->value)) {
            best = point;
        }
    }
    return best ? std::optional(best->step) : std::nullopt;
}

SampleScores readScores(const RunLayout& run, const std::string& metric)
{
    SampleScores scores;
    auto reader = store::RunReader::open(run);
    if (!reader) {
        return scores; // its values were read before it went away: a test does without its answers
    }
    try {
        if (const auto step = stepOf(*reader, metric)) {
            for (store::AnswerRow& answer : reader->answers(*step)) {
                scores[{answer.sample, std::move(answer.reference)}] = answer.rougeL;
            }
        }
    } catch (const Error&) { // run.db is damaged behind its values
        scores.clear();
    }
    return scores;
}

} // namespace

ReadScores answerScores(WorkspaceLayout workspace)
{
    return [workspace = std::move(workspace)](const std::string& runId, const std::string& metric) {
        return readScores(workspace.run(runId), metric);
    };
}

} // namespace dskd::jobs
