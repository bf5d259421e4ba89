#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dskd::jobs
{

// Exit code of the dynamic loader where it does not find a library, and of a process that cannot become its program.
inline constexpr int kNotLoaded = 127;
// What cures a worker that the dynamic loader cannot start: an installed one comes without LibTorch.
inline constexpr const char* kMissingLibraryHint =
    "LibTorch may be missing: \"dskd-setup\" fetches it, as root where the programs belong to the system.";
// Fails where `waitState`, as waitpid gives it, is that of a program that was not loaded. `program`: its name or path.
Result<void> requireLoaded(const std::string& program, int waitState);

// "NAME=value" of each variable for a program that we start: ours, with those of `changed` added or replaced, and
// GOMP_SPINCOUNT where the environment does not set how OpenMP's threads wait.
[[nodiscard]] std::vector<std::string> environmentFor(const std::map<std::string, std::string>& changed = {});

// A program that is to outlive us.
struct DetachedProgram {
    std::vector<std::string> words;                 // the program's path, then its arguments
    std::filesystem::path folder;                   // where it works
    std::filesystem::path log;                      // stdout and stderr are appended to it
    std::map<std::string, std::string> environment; // added to ours
    // SIGTERM and SIGUSR1 wait until the program unblocks them, so that none comes before its handlers are there.
    bool holdsRequests = false;
};

// Starts it detached: own session, parent 1, stdin from /dev/null, no other descriptor of ours. Returns its pid. Any
// thread.
Result<int> spawnDetached(const DetachedProgram& program);

// For a program that works for the one that started it, and for nobody else: the system kills it when the thread that
// started it is gone.
void endWithStarter();

// One of our programs: what the environment variable names, then beside the running program, then in PATH. `hint` is
// for the Failure.
Result<std::filesystem::path> findProgram(const std::string& name, const char* variable, const std::string& hint);

} // namespace dskd::jobs
