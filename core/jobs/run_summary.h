#pragma once

// What lists of runs show of each one, and a file beside workspace.db that stores it of ended runs: thousands of
// run.db are not opened again where nothing was written since.

#include "core/base/run_layout.h"
#include "core/jobs/run_files.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace dskd::jobs
{

struct RunSummary {
    RunStatus status;                     // without the queue
    std::map<std::string, double> latest; // the newest value of every metric
    double started = 0.0;                 // unix time of the first attempt; 0: never
    double ended = 0.0;                   // 0 while it lives, and of a run that never started
    double attemptStarted = 0.0;          // of the newest attempt
    std::int64_t attemptStep = 0;         // that it began after
};

// Of a run that cannot be read the status has the reason. Any thread.
[[nodiscard]] RunSummary readSummary(const RunLayout& run);
// Through a reader of that run. `latest` is left empty unless asked for. Throws Error.
[[nodiscard]] RunSummary readSummary(const RunLayout& run, store::RunReader& reader, bool withLatest);

// One thread; another process may use the same file.
class SummaryCache
{
public:
    // Reads what is remembered; nothing where the file is missing, damaged or of another version of the program.
    explicit SummaryCache(WorkspaceLayout workspace);

    // Nothing where the run is not known or something was written to it since. Any thread, beside other calls of it.
    [[nodiscard]] std::optional<RunSummary> find(const std::string& runId, const RunTrace& trace) const;
    // Stores a run that is done or stopped by what its files were before they were read; leaves others alone, and
    // files so young that they may change without a trace.
    void remember(const std::string& runId, const RunTrace& trace, const RunSummary& summary);
    [[nodiscard]] std::size_t added() const { return m_added; } // since the file was read or written

    // Replaces the file. Where it cannot be written, the next program reads the runs again.
    Result<void> save();

private:
    struct Known {
        RunTrace trace;
        RunSummary summary;
    };
    WorkspaceLayout m_workspace;
    std::map<std::string, Known> m_runs;
    std::size_t m_added = 0;
};

// A cache is worth writing when so many runs were read that it did not have.
inline constexpr std::size_t kWorthSaving = 16;

} // namespace dskd::jobs
