#pragma once

// report.html: everything there is to see of some runs in one file that opens offline.

#include "core/base/result.h"
#include "core/jobs/compare.h"
#include "core/store/workspace_db.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dskd::report
{

// Reads the runs, also those that are going on, and writes the page. `title` empty: the group's name, else "Report".
// Returns the runs that it had to leave out, wholly or in part, because they cannot be read; the page names them too.
Result<std::vector<jobs::UnreadRun>> writeReport(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                                                 const std::string& title, const std::filesystem::path& to);

// Whether the file is a report that this program wrote, which a new one may replace.
[[nodiscard]] bool isReport(const std::filesystem::path& file);
// Fails (Usage) where there is a file that is none.
Result<void> requireReplaceable(const std::filesystem::path& file);

} // namespace dskd::report
