#include "ui/feed/series_scan.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dskd::ui
{
namespace
{

// Rows in one look over all runs: the window takes them in within some milliseconds.
constexpr std::int64_t kRowsPerLook = 20000;
constexpr std::chrono::milliseconds kPatience{200};
// A reader keeps three descriptors, and a process may have 1024.
constexpr std::size_t kMostReaders = 16;
// A run without a reader is looked at once in so many looks.
constexpr std::size_t kTurns = 10;

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

SeriesScan::Portions SeriesScan::look(const std::shared_ptr<const WatchedRuns>& watched,
                                      const std::atomic<bool>& cancelled)
{
    follow(watched);
    Portions out;
    std::int64_t budget = kRowsPerLook;
    auto next = m_runs.upper_bound(m_lastRead);
    for (std::size_t looked = 0; looked < m_runs.size() && budget > 0 && !cancelled; ++looked) {
        next = next == m_runs.end() ? m_runs.begin() : next;
        auto& [id, run] = *next++;
        if (!isDue(run)) {
            continue;
        }
        try {
            budget -= read(id, run, budget, out);
        } catch (const Error&) {
            // Locked, damaged or of a newer version: the run's status says so. The next look tries again.
            run.due = true;
            close(run);
        }
        m_lastRead = id;
    }
    ++m_round;
    out.more = budget <= 0;
    return out;
}

void SeriesScan::follow(const std::shared_ptr<const WatchedRuns>& watched)
{
    if (watched == m_watched) {
        return;
    }
    m_watched = watched;
    std::map<std::string, Followed> kept;
    m_readers = 0;
    for (const auto& [id, following] : *watched) {
        auto known = m_runs.extract(id);
        if (known && known.mapped().following == following) {
            m_readers += known.mapped().reader ? 1 : 0;
            kept.insert(std::move(known));
        } else {
            kept.try_emplace(
                id, Followed{following, 0, jobs::RunFiles(m_workspace.run(id)), {}, false, {}, 0, {}, true, false, 0});
        }
    }
    m_runs = std::move(kept);
    std::size_t place = 0;
    for (auto& [id, run] : m_runs) {
        run.turn = place++ % kTurns;
    }
}

bool SeriesScan::isDue(Followed& run)
{
    if (run.due) {
        return true;
    }
    if (!run.reader && run.turn != m_round % kTurns) {
        return false;
    }
    if (run.settled && run.files.trace() == run.trace) {
        close(run);
        return false;
    }
    return true;
}

void SeriesScan::close(Followed& run)
{
    m_readers -= run.reader ? 1 : 0;
    run.reader.reset();
}

std::int64_t SeriesScan::read(const std::string& runId, Followed& run, std::int64_t budget, Portions& out)
{
    run.trace = run.files.trace(); // before reading, so that what comes meanwhile is seen next time
    run.settled = isSettled(run.trace);
    if (!run.reader) {
        run.reader.emplace(store::RunReader::open(m_workspace.run(runId), kPatience).value());
        ++m_readers;
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
    SeriesPortion portion{runId, run.following, {}, {}, 0.0, static_cast<std::int64_t>(rows.size()) < budget, 0, {}};
    for (const store::AttemptRow& attempt : attempts) {
        portion.attempts.push_back({attempt.resumeStep.value_or(0), attempt.started});
    }
    if (run.stepsPerEpoch == 0) {
        const std::optional<store::Plan> plan = run.reader->plan();
        run.stepsPerEpoch = plan ? plan->stepsPerEpoch : 0;
    }
    portion.stepsPerEpoch = run.stepsPerEpoch;
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
    if (!run.due && m_readers > kMostReaders) {
        close(run);
    }
    if (portion.voidAfter || !rows.empty() || portion.complete != run.reportedComplete) {
        run.reportedComplete = portion.complete;
        out.portions.push_back(std::move(portion));
    }
    return static_cast<std::int64_t>(rows.size());
}

} // namespace dskd::ui
