#pragma once

#include "core/jobs/run_files.h"
#include "ui/feed/run_series_reader.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>

namespace dskd::ui
{

// What to follow: run ids, each with a number that differs whenever following begins anew.
using WatchedRuns = std::map<std::string, std::uint64_t>;

// Reads what is new in several runs, in portions. A run that has been read to the end is opened again only when its
// files differ, which is checked in turns, so that thousands of ended runs cost little. One thread.
class SeriesScan
{
public:
    explicit SeriesScan(std::filesystem::path workspace) : m_workspace{std::move(workspace)} {}

    struct Portions {
        std::vector<SeriesPortion> portions;
        bool more = false; // there is more to read at once
    };
    // Another set of runs is another object, and other requests are. Without requests every point of every metric is
    // read.
    Portions poll(const std::shared_ptr<const WatchedRuns>& watched,
                  const std::shared_ptr<const SeriesRequests>& requests, const std::atomic<bool>& cancelled);

private:
    struct Followed {
        explicit Followed(std::uint64_t number, const RunLayout& run) : following(number), files(run), series(run) {}
        std::uint64_t following;
        std::size_t turn = 0; // of a run without a reader: the polls in which it is read
        jobs::RunFiles files;
        jobs::RunTrace trace;                   // before it was read
        bool settled = false;                   // that trace
        std::optional<store::RunReader> reader; // while it changes
        RunSeriesReader series;
        bool due = true;               // changed since it was read to the end
        bool reportedComplete = false; // as handed over last
        double reportedShare = 0.0;
        double reportedNewest = 0.0;
    };
    void follow(const std::shared_ptr<const WatchedRuns>& watched,
                const std::shared_ptr<const SeriesRequests>& requests);
    bool isDue(Followed& run);
    // Adds at most one portion of `budget` rows; returns how many rows it took. Throws Error.
    std::int64_t read(const std::string& runId, Followed& run, std::int64_t budget, Portions& out);
    void close(Followed& run);

    WorkspaceLayout m_workspace;
    std::shared_ptr<const WatchedRuns> m_watched;
    std::shared_ptr<const SeriesRequests> m_requests;
    std::map<std::string, Followed> m_runs;
    std::size_t m_readers = 0; // that are open
    std::size_t m_round = 0;
    std::string m_lastRead; // the next poll begins after it, so that one long run does not hold up the others
};

} // namespace dskd::ui
