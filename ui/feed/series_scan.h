#pragma once

#include "core/store/run_reader.h"
#include "ui/feed/series_feed.h"

#include <atomic>
#include <optional>

namespace dskd::ui
{

// What to follow: run ids, each with a number that differs whenever following begins anew.
using WatchedRuns = std::map<std::string, std::uint64_t>;

// Rows of one run, one after the other.
struct SeriesPortion {
    std::string runId;
    std::uint64_t following = 0;
    std::optional<std::int64_t> voidAfter; // first drop the points of later steps
    std::map<std::string, Series> added;
    double began = 0.0; // time of the first row, 0 without rows
    bool complete = false;
};

// Reads what is new in the run.db of several runs, in portions. One thread.
class SeriesScan
{
public:
    explicit SeriesScan(std::filesystem::path workspace) : m_workspace{std::move(workspace)} {}

    struct Portions {
        std::vector<SeriesPortion> portions;
        bool more = false; // there is more to read at once
    };
    Portions look(const WatchedRuns& watched, const std::atomic<bool>& cancelled);

private:
    struct Followed {
        std::uint64_t following = 0;
        std::optional<store::RunReader> reader;
        std::int64_t lastId = 0;
        std::optional<std::size_t> attempts; // none: not read yet
        bool due = true;                     // changed since it was read to the end
        bool reportedComplete = false;       // as handed over last
    };
    // Adds at most one portion of `budget` rows; returns how many rows it read. Throws Error.
    std::int64_t read(const std::string& runId, Followed& run, std::int64_t budget, Portions& out);

    WorkspaceLayout m_workspace;
    std::map<std::string, Followed> m_runs;
    std::string m_lastRead; // the next look begins after it, so that one long run does not hold up the others
};

} // namespace dskd::ui
