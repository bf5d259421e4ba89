#pragma once

#include "core/store/records.h"
#include "viz/heat_map.h"

#include <QPoint>
#include <QString>
#include <optional>

namespace dskd::ui
{

[[nodiscard]] viz::HeatMap toHeatMap(const store::HeatMapRow& row);

// "cma.t2s" -> "teacher → student"; other names stay as they are.
[[nodiscard]] QString mapTitle(const std::string& name);

// Why the page is empty and what would change that: no run is shown; none of the shown runs has recorded a map.
[[nodiscard]] QString noAttentionRunShown();
[[nodiscard]] QString noMapRecorded(std::size_t shownRuns);

// The value under the cursor in words; without a cursor, how to get one.
[[nodiscard]] QString readout(const store::HeatMapRow& left, const std::optional<store::HeatMapRow>& right,
                              const std::optional<QPoint>& cell);

} // namespace dskd::ui
