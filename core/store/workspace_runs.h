#pragma once

// The rows of the table `runs` of workspace.db. Only for the sources of workspace.db.

#include "core/base/result.h"
#include "core/store/database.h"
#include "core/store/workspace_rows.h"

#include <string>
#include <string_view>

namespace dskd::store
{

// A query of runs, whose rows runOf reads. `rest`: what follows the name of the table.
[[nodiscard]] Statement selectRuns(const Database& database, std::string_view rest);

// Without the tags, which lie in a table of their own.
[[nodiscard]] RunRow runOf(const Statement& row);

// Adds the run behind all others, with its tags. Fails when there is one of this id.
Result<void> insertRun(const Database& database, const RunRow& run);

} // namespace dskd::store
