#pragma once

// Taking things out and away: export, delete, restore, report.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cli
{

struct ExportOptions : CommonOptions {
    std::string run;
    std::string to;
    std::optional<std::int64_t> step; // none: the newest finished checkpoint
    bool adapter = false;             // of a LoRA run: the PEFT folder instead of the merged model
    bool force = false;
};
// Writes a checkpoint as a Hugging Face folder (exported_folder.h). A folder that holds something already is refused
// unless `force` is set, which overwrites files of the same names and leaves the others.
int runExport(const ExportOptions& options, Console& console);

struct DeleteOptions : CommonOptions {
    std::vector<std::string> runs;
    bool purge = false; // for good
};
int runDelete(const DeleteOptions& options, Console& console);

struct RestoreOptions : CommonOptions {
    std::vector<std::string> runs;
};
int runRestore(const RestoreOptions& options, Console& console);

struct ReportOptions : CommonOptions {
    std::vector<std::string> runs; // empty: all
    std::string to;                // empty: <workspace>/report.html
    std::string title;
};
int runReport(const ReportOptions& options, Console& console);

} // namespace dskd::cli
