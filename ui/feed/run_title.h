#pragma once

#include <QString>
#include <string>

namespace dskd::store
{
struct RunRow;
}

namespace dskd::ui
{

struct RunRecord;
class WorkspaceFeed;

// What every page, list, read-out and combo box calls a run: its name and its seed, "dual · kl, seed 10", on one line
// (shownName). A name that ends in the seed stays as it is; a run without a name is called by its id.
[[nodiscard]] QString runTitle(const store::RunRow& run);
[[nodiscard]] QString runTitle(const RunRecord& run);
// A run that is gone is called by its id.
[[nodiscard]] QString runTitle(const WorkspaceFeed& workspace, const std::string& runId);

} // namespace dskd::ui
