#include "ui/feed/series_scan.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dskd::ui
{
namespace
{

// Rows in one poll of all runs: the window takes them in within some milliseconds.
constexpr std::int64_t kRowsPerPoll = 20000;
// What opening a run costs, in rows.
constexpr std::int64_t kRowsOfOpening = 200;
constexpr std::chrono::milliseconds kPatience{200};
// A reader keeps three descriptors, and a process may have 1024.
constexpr std::size_t kMostReaders = 16;
// A run without a reader is read once in so many polls.
constexpr std::size_t kTurns = 10;
// Of the series of all runs together (store::ThinnedPoints): some 40 MB here and as much in the window.
constexpr std::size_t kBucketsInAll = std::size_t{1} << 18;

} // namespace

SeriesScan::Portions SeriesScan::poll(const std::shared_ptr<const WatchedRuns>& watched,
                                      const std::shared_ptr<const SeriesRequests>& requests,
                                      const std::atomic<bool>& cancelled)
{
    follow(watched, requests);
    Portions out;
    std::int64_t budget = kRowsPerPoll;
    auto next = m_runs.upper_bound(m_lastRead);
    for (std::size_t polled = 0; polled < m_runs.size() && budget > 0 && !cancelled; ++polled) {
        next = next == m_runs.end() ? m_runs.begin() : next;
        auto& [id, run] = *next++;
        if (!isDue(run)) {
            continue;
        }
        try {
            budget -= read(id, run, budget, out);
            out.more = out.more || run.due;
        } catch (const Error&) {
            // Locked, damaged or of a newer version: the run's status shows it. The next poll tries again.
            run.due = true;
            close(run);
        }
        m_lastRead = id;
    }
    ++m_round;
    out.more = out.more || budget <= 0;
    return out;
}

void SeriesScan::follow(const std::shared_ptr<const WatchedRuns>& watched,
                        const std::shared_ptr<const SeriesRequests>& requests)
{
    if (watched == m_watched && requests == m_requests) {
        return;
    }
    if (watched != m_watched) {
        std::map<std::string, Followed> kept;
        m_readers = 0;
        for (const auto& [id, following] : *watched) {
            auto known = m_runs.extract(id);
            if (known && known.mapped().following == following) {
                m_readers += known.mapped().reader ? 1 : 0;
                kept.insert(std::move(known));
            } else {
                kept.try_emplace(id, following, m_workspace.run(id));
            }
        }
        m_runs = std::move(kept);
        std::size_t place = 0;
        for (auto& [id, run] : m_runs) {
            run.turn = place++ % kTurns;
        }
    }
    m_watched = watched;
    m_requests = requests;
    static const SeriesRequest kNothing;
    for (auto& [id, run] : m_runs) {
        const SeriesRequest* request = nullptr;
        if (m_requests) {
            const auto asked = m_requests->find(id);
            request = asked == m_requests->end() ? &kNothing : &asked->second;
        }
        if (run.series.setRequest(request, kBucketsInAll / m_runs.size())) {
            run.due = true;
            run.reportedComplete = false;
        }
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
    run.series.closeFile();
}

std::int64_t SeriesScan::read(const std::string& runId, Followed& run, std::int64_t budget, Portions& out)
{
    run.trace = run.files.trace(); // before reading, so that what comes meanwhile is seen next time
    run.settled = isSettled(run.trace);
    std::int64_t count = 0;
    if (!run.reader) {
        run.reader.emplace(store::RunReader::open(m_workspace.run(runId), kPatience).value());
        ++m_readers;
        count += kRowsOfOpening;
    }
    run.due = run.reader->changed() || run.due;
    if (!run.due) {
        return count;
    }
    SeriesPortion portion;
    portion.runId = runId;
    portion.following = run.following;
    count += run.series.read(*run.reader, run.settled, budget, portion);
    run.due = run.series.due();
    if (m_readers > kMostReaders) {
        close(run);
    }
    if (portion.voidAfter || !portion.added.empty() || portion.complete != run.reportedComplete ||
        portion.share != run.reportedShare || portion.newest != run.reportedNewest) {
        run.reportedComplete = portion.complete;
        run.reportedShare = portion.share;
        run.reportedNewest = portion.newest;
        out.portions.push_back(std::move(portion));
    }
    return count;
}

} // namespace dskd::ui
