#pragma once

// Exporting a student, as the command line and the window do it: first what would be written where, then the writing.

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/export/exported_folder.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dskd::exporting
{

struct ExportPlan {
    RunLayout run;
    std::int64_t step = 0; // of a finished checkpoint
    ExportedAs as = ExportedAs::Model;
    std::filesystem::path to; // absolute
    bool occupied = false;    // `to` is a folder with a model, which may be overwritten
};

// Writes nothing. Without `step` the newest finished checkpoint is taken. Failures: NotFound when there is none, or
// none of `step`; Usage when `to` is empty, a file, a folder with other things than a model, a workspace, lies among
// its runs, or is a model that the run began from.
[[nodiscard]] Result<ExportPlan> planExport(const RunLayout& run, std::optional<std::int64_t> step, ExportedAs as,
                                            const std::filesystem::path& to);

enum class Existing {
    Refuse,    // fail where `to` is occupied by now
    Overwrite, // a model that `to` holds: files of the same names; others stay
};

// Carries the plan out and returns the names of the files in the folder, sorted. `cancelled` may be set by another
// thread; the place is left as it was then.
[[nodiscard]] Result<std::vector<std::string>> carryOut(const ExportPlan& plan, Existing existing,
                                                        const std::atomic<bool>& cancelled);

} // namespace dskd::exporting
