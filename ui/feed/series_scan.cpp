#include "ui/feed/series_scan.h"

#include <algorithm>
#include <chrono>

namespace dskd::ui
{
namespace
{

// Rows in one look over all runs: the window takes them in within some milliseconds.
constexpr std::int64_t kRowsPerLook = 20000;
constexpr std::chrono::milliseconds kPatience{200};

// A resume from step 0, like a start from the beginning, makes everything void.
std::int64_t firstVoid(const std::vector<store::AttemptRow>& attempts, std::size_t known)
{
    std::int64_t after = attempts[known].resumeStep.value_or(0);
    for (std::size_t i = known; i < attempts.size(); ++i) {
        after = std::min(after, attempts[i].resumeStep.value_or(0));
    }
    return after > 0 ? after : -1;
}

} // namespace

SeriesScan::Portions SeriesScan::look(const WatchedRuns& watched, const std::atomic<bool>& cancelled)
{
    std::erase_if(m_runs, [&](const auto& run) {
        const auto wanted = watched.find(run.first);
        return wanted == watched.end() || wanted->second != run.second.following;
    });
    std::vector<std::string> order;
    for (auto run = watched.upper_bound(m_lastRead); run != watched.end(); ++run) {
        order.push_back(run->first);
    }
    for (auto run = watched.begin(); run != watched.upper_bound(m_lastRead); ++run) {
        order.push_back(run->first);
    }
    Portions out;
    std::int64_t budget = kRowsPerLook;
    for (const std::string& id : order) {
        if (cancelled || budget <= 0) {
            break;
        }
        Followed& run = m_runs[id];
        run.following = watched.at(id);
        try {
            budget -= read(id, run, budget, out);
        } catch (const Error&) {
            // Locked, damaged or of a newer version: the run's status says so. The next look tries again.
            run.due = true;
        }
        m_lastRead = id;
    }
    out.more = budget <= 0;
    return out;
}

std::int64_t SeriesScan::read(const std::string& runId, Followed& run, std::int64_t budget, Portions& out)
{
    if (!run.reader) {
        run.reader.emplace(store::RunReader::open(m_workspace.run(runId), kPatience).value());
    }
    run.due = run.reader->changed() || run.due;
    if (!run.due) {
        return 0;
    }
    const std::vector<store::AttemptRow> attempts = run.reader->attempts();
    const std::vector<store::MetricRow> rows = run.reader->metricsAfter(run.lastId, budget);
    if (run.reader->attempts().size() != attempts.size()) {
        return 0; // a resume came in between, so it is not known which attempt the rows belong to: again next time
    }
    SeriesPortion portion{runId, run.following, {}, {}, 0.0, static_cast<std::int64_t>(rows.size()) < budget};
    if (run.attempts && attempts.size() > *run.attempts) {
        portion.voidAfter = firstVoid(attempts, *run.attempts);
    }
    for (const store::MetricRow& row : rows) {
        Series& series = portion.added[row.name];
        series.steps.push_back(row.step);
        series.tokens.push_back(row.tokens);
        series.times.push_back(row.time);
        series.values.push_back(row.value);
    }
    if (!rows.empty()) {
        portion.began = rows.front().time;
        run.lastId = rows.back().id;
    }
    run.attempts = attempts.size();
    run.due = !portion.complete;
    if (portion.voidAfter || !rows.empty() || portion.complete != run.reportedComplete) {
        run.reportedComplete = portion.complete;
        out.portions.push_back(std::move(portion));
    }
    return static_cast<std::int64_t>(rows.size());
}

} // namespace dskd::ui
