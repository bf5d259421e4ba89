#pragma once

#include <QString>
#include <string>

namespace dskd::ui
{

struct RunRecord;
class WorkspaceFeed;

// The name of a run, its id when it has none.
[[nodiscard]] QString runTitle(const RunRecord& run);
[[nodiscard]] QString runTitle(const WorkspaceFeed& workspace, const std::string& runId);

} // namespace dskd::ui
