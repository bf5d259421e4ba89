#pragma once

// What people write about runs: name, group, note, tags. One thread for each WorkspaceDb.

#include "core/base/result.h"
#include "core/store/workspace_db.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// What is to change; nothing else does.
struct RunEdit {
    std::optional<std::string> name = {};
    std::optional<std::string> group = {};
    std::optional<std::string> note = {};
    std::optional<std::vector<std::string>> tags = {}; // these and no others
    std::vector<std::string> addedTags = {};
    std::vector<std::string> removedTags = {}; // a run without one stays as it is
    bool restores = false;                     // what a run had before: its names are not looked at again
    bool operator==(const RunEdit&) const = default;
};

// Fails for a run that is not known, a name or group that is not usable (store/chosen_names.h) and not what the run has
// already, and a tag that is none (parseTags). Nothing is changed then.
Result<void> editRun(store::WorkspaceDb& workspace, const std::string& runId, const RunEdit& edit);

// What the run has now of all that `edit` may change: the edit that brings it back.
[[nodiscard]] RunEdit currentOf(const store::RunRow& run, const RunEdit& edit);

// "paper, first try" as tags, sorted, each once; without spaces around them. Fails (Usage) on control characters.
Result<std::vector<std::string>> parseTags(std::string_view text);

} // namespace dskd::jobs
