#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/store/workspace_db.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// The making of runs in a workspace: one process at a time (a lock on runs/). What one that was killed meanwhile left
// is removed when the next begins: folders under runs/.new-ID, and placed ones that no row names and in which nothing
// was ever worked on.
class RunCreation
{
public:
    // Waits for other processes for up to a minute, then fails. Where the file system has no locks nothing is
    // removed.
    static Result<RunCreation> begin(store::WorkspaceDb& workspace);

    // The ids of the runs of which something was removed.
    [[nodiscard]] const std::vector<std::string>& removed() const { return m_removed; }

private:
    explicit RunCreation(Descriptor lock) : m_lock(std::move(lock)) {}

    Descriptor m_lock;
    std::vector<std::string> m_removed;
};

// A run folder in the making. It lies beside its place, under runs/.new-ID, until the run's row is written, and is
// removed again unless it is finished. Only while a RunCreation is there.
class StagedRun
{
public:
    // Null when there is another run of this id. `origin`: the text of experiment.json (run_origin.h); empty: none.
    static Result<std::unique_ptr<StagedRun>> make(const WorkspaceLayout& workspace, const std::string& id,
                                                   std::string_view config, std::string_view origin = {});
    ~StagedRun();
    StagedRun(const StagedRun&) = delete;
    StagedRun& operator=(const StagedRun&) = delete;

    Result<void> place(); // moves it to runs/ID; call within the change that writes the row
    void finish();        // the row is written

private:
    StagedRun(RunLayout folder, RunLayout destination);

    RunLayout m_folder;
    RunLayout m_destination;
    bool m_finished = false;
};

} // namespace dskd::jobs
