#pragma once

// What all commands that work on a workspace share: finding it, and finding runs in it.

#include "app/cli/terminal/console.h"
#include "core/base/result.h"
#include "core/store/workspace_db.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dskd::cli
{

// Every command derives its options from this.
struct CommonOptions {
    std::string workspace; // -w as given; empty: not given
    bool json = false;
};

// The folder `given` when not empty, else $DSKD_WORKSPACE, else the current folder or the nearest parent that holds
// workspace.db. The Failure is NotFound and has how to make a workspace.
Result<std::filesystem::path> locateWorkspace(const std::string& given);

// Throws Error of kind NotFound. That a workspace can only be read is reported on stderr.
store::WorkspaceDb openWorkspace(const CommonOptions& options, Console& console);

// The ids of the runs that `words` name (id, unique beginning, unique name, "last", or all runs of a group by
// "group:NAME" or, when no single run is called so, by its bare name), in order, each once. Looks at the runs in use
// or at those in the trash. Throws Error of kind NotFound.
std::vector<std::string> findRuns(store::WorkspaceDb& workspace, const std::vector<std::string>& words,
                                  bool trashed = false);

// Without words every training run in use. Throws Error of kind NotFound where there is none.
std::vector<std::string> findRunsOrAll(store::WorkspaceDb& workspace, const std::vector<std::string>& words);

// As WorkspaceDb::findRun, but "last" is the newest training run with a finished checkpoint, which is what asks for a
// trained model needs. Newer training runs that are passed over are named on console.err.
Result<std::string> findTrainedRun(store::WorkspaceDb& workspace, const std::string& text, Console& console);

} // namespace dskd::cli
