#pragma once

#include "core/jobs/plan_progress.h"
#include "core/jobs/run_files.h"
#include "core/jobs/run_summary.h"
#include "core/store/run_reader.h"
#include "core/store/workspace_db.h"
#include "ui/feed/run_colors.h"
#include "ui/feed/workspace_records.h"

#include <atomic>
#include <optional>
#include <unordered_map>
#include <utility>

namespace dskd::ui
{

// What differs from the poll before.
struct WorkspaceChanges {
    bool read = false;                                        // the workspace has been read at least once
    std::optional<std::vector<RunRecord>> runs;               // all, when there are others than before
    std::vector<std::pair<std::size_t, RunRecord>> records;   // otherwise those that differ, with their places
    std::optional<std::vector<ExperimentRecord>> experiments; // all, when anything of them differs
    std::optional<std::vector<store::RunRow>> trash;
    std::optional<std::vector<store::QueueRow>> queue;
    std::optional<std::string> trouble; // a sentence; empty: over
};

// Reads a workspace again and again and returns what has changed. Living runs are read every time; the others only when
// their files differ, which is checked in turns, so that thousands of them cost little. One thread.
class WorkspaceScan
{
public:
    explicit WorkspaceScan(std::filesystem::path workspace); // touches nothing yet
    WorkspaceChanges poll(const std::atomic<bool>& cancelled);

private:
    struct Tracked {
        explicit Tracked(const RunLayout& run) : files(run) {}
        jobs::RunFiles files;
        jobs::RunTrace trace; // before it was read
        bool settled = false; // that trace
        RunRecord shown;      // as the window has it
        jobs::RunSummary summary;
        std::optional<store::RunReader> reader; // only while it is alive: thousands would run out of descriptors
        bool read = false;
    };

    bool readWorkspace(WorkspaceChanges& changes); // true when it differed; throws Error
    // What each experiment is, without its plan and its progress where its revision or its runs are others than before.
    bool takeExperiments(std::vector<store::ExperimentRow> rows); // true when they differed
    bool
    readPlans(const std::atomic<bool>& cancelled); // of those not counted yet; true when it read some; throws Error
    bool countRuns();                              // by their statuses; true when a number differs
    void readRuns(bool rowsDiffer, WorkspaceChanges& changes, const std::atomic<bool>& cancelled);
    void takeRows(std::vector<store::RunRow> rows);
    void bindColors(const std::vector<store::RunRow>& rows, const std::vector<store::RunRow>& trash);
    void readRun(const std::string& id, Tracked& run);
    [[nodiscard]] RunRecord recordOf(const store::RunRow& row, const Tracked& run) const;

    std::filesystem::path m_workspace;
    std::optional<store::WorkspaceDb> m_database;
    bool m_due = true;      // workspace.db has to be read
    bool m_read = false;    // it has been
    bool m_newList = false; // other runs than before
    std::vector<store::RunRow> m_rows;
    std::vector<ExperimentRecord> m_experiments;
    std::map<std::int64_t, std::vector<std::string>> m_runsOf; // by experiment, as counted
    std::map<std::int64_t, jobs::PlanState> m_plans;           // likewise
    std::vector<store::RunRow> m_trash;
    std::vector<store::QueueRow> m_queue;
    std::unordered_map<std::string, store::QueueRow> m_queueOf;
    std::unordered_map<std::string, Tracked> m_runs;
    std::optional<jobs::SummaryCache> m_summaries; // from the first poll on
    RunColors m_colors;
    bool m_colorsStored = true;
    std::size_t m_round = 0;
    std::string m_trouble;
};

} // namespace dskd::ui
