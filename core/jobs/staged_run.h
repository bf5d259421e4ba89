#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/jobs/descriptor.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// A run folder in the making. It lies beside its place, under runs/.new-ID, until the run's row is written, and is
// removed again unless it is finished. A process that is killed meanwhile leaves something that removeUnfinishedRuns
// knows: its lock on the folder is gone, and no row names it.
class StagedRun
{
public:
    // Null when another run of this id is there or in the making.
    static Result<std::unique_ptr<StagedRun>> make(const WorkspaceLayout& workspace, const std::string& id,
                                                   std::string_view config);
    ~StagedRun();
    StagedRun(const StagedRun&) = delete;
    StagedRun& operator=(const StagedRun&) = delete;

    Result<void> place(); // moves it to runs/ID; call within the change that writes the row
    void finish();        // the row is written

private:
    StagedRun(RunLayout folder, RunLayout destination, int lock);

    RunLayout m_folder;
    RunLayout m_destination;
    Descriptor m_lock;
    bool m_finished = false;
};

// Removes what killed processes left of runs that they were making, and returns those runs' ids. `known`: the runs that
// have a row.
std::vector<std::string> removeUnfinishedRuns(const WorkspaceLayout& workspace, const std::set<std::string>& known);

} // namespace dskd::jobs
