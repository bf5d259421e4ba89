#pragma once

// A workspace full of finished runs as a demo leaves them, made up from formulas: sft, diff, student, dual over three
// seeds and a CMA run with attention maps. For tests of tables and reports.

#include "core/store/workspace_db.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dskd::test
{

// `hostile` is put into run names, prompts, answers and tokens.
std::vector<std::string> fillSampleWorkspace(store::WorkspaceDb& workspace, const std::string& hostile = "",
                                             int steps = 300);

// Gives every run of a sample workspace the same times in 2026 whenever it was made, for pictures.
void setSampleTimes(store::WorkspaceDb& workspace);

} // namespace dskd::test
