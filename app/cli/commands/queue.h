#pragma once

// Many runs, one after the other: queue and sweep.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <string>
#include <vector>

namespace dskd::cli
{

struct QueueAddOptions : CommonOptions {
    std::vector<std::string> what; // configuration files, or runs that were created or stopped before
    std::vector<std::string> sets;
    std::string group;
};
int runQueueAdd(const QueueAddOptions& options, Console& console);
int runQueueList(const CommonOptions& options, Console& console);
struct QueueWorkOptions : CommonOptions {
    bool detach = false; // in a process of its own that outlives the terminal
};
int runQueueWork(const QueueWorkOptions& options, Console& console);
int runQueueClear(const CommonOptions& options, Console& console); // waiting runs only

struct SweepOptions : CommonOptions {
    std::string config;
    std::vector<std::string> grid; // "space=diff,student,dual"
    std::vector<std::string> sets;
    std::string seeds; // "10,20,30"
    std::string group; // empty: the configuration's, else its name
    bool queueOnly = false;
    bool dryRun = false;
};
int runSweep(const SweepOptions& options, Console& console);

} // namespace dskd::cli
