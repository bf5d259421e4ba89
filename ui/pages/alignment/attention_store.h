#pragma once

// Attention maps of probe samples as the alignment page reads them from run folders. Any thread.

#include "core/base/result.h"
#include "core/store/measured_rows.h"
#include "ui/pages/shared/step_index.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

// What a run has recorded: map name -> sample -> step -> row id.
struct MapCatalogue {
    std::map<std::string, std::map<std::int64_t, StepIndex>> byName;
    bool operator==(const MapCatalogue&) const = default;
};

Result<MapCatalogue> readCatalogue(const std::filesystem::path& runFolder);
// none: the row is gone (the run was resumed from before it).
Result<std::optional<store::HeatMapRow>> readMap(const std::filesystem::path& runFolder, std::int64_t id);

// a - b; none unless both have the same tokens.
[[nodiscard]] std::optional<store::HeatMapRow> difference(const store::HeatMapRow& a, const store::HeatMapRow& b);

// The map of that name, or of another alignment's one that goes the same way (cma.t2s, eta.t2s), so that both can stand
// side by side: sample -> step -> row id. nullptr: there is none.
[[nodiscard]] const std::map<std::int64_t, StepIndex>* mapLike(const MapCatalogue& run, const std::string& name);

} // namespace dskd::ui
