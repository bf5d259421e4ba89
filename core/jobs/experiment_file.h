#pragma once

// An experiment as a JSON file, for another workspace or another person: the plan of one revision, its name, note and
// tags. Other revisions and runs stay where they are.

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

struct ExperimentFile {
    std::string name;
    std::string note;
    std::vector<std::string> tags;
    config::Plan plan;
};

// What exportExperiment writes, as text: indented, with the folders that the plan names in full.
[[nodiscard]] std::string toText(const ExperimentFile& file);

// Reads one that exportExperiment wrote; or a plan alone ("dskd experiment show --plan"), or a configuration, which
// have the name that the configuration gives, else the file's. Fails (Usage) on what is none of the three, on unknown
// keys and wrong types; NotFound where there is no file.
Result<ExperimentFile> readExperimentFile(const std::filesystem::path& file);

enum class Overwrite { No, Yes };

// Writes a revision, without one the newest. Refuses (Usage) to overwrite a file without `overwrite`.
Result<void> exportExperiment(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                              const std::filesystem::path& to, Overwrite overwrite,
                              std::optional<std::int64_t> revision = std::nullopt);

// A new experiment of it; where its name is taken, with a number behind it. Its row. Refuses (Usage) a plan that
// config::expand refuses.
Result<store::ExperimentRow> importExperiment(store::WorkspaceDb& workspace, const ExperimentFile& file);

} // namespace dskd::jobs
