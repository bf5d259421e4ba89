#pragma once

#include "core/align/coverage_report.h"
#include "core/preflight/run_coverage.h"
#include "core/store/measured_rows.h"
#include "ui/pages/alignment/row_token.h"
#include "viz/heat_map.h"

#include <QPoint>
#include <QString>
#include <optional>
#include <vector>

namespace dskd::ui
{

[[nodiscard]] viz::HeatMap toHeatMap(const store::HeatMapRow& row);

// "cma.t2s" -> "teacher → student"; other names stay as they are.
[[nodiscard]] QString mapTitle(const std::string& name);

// "student" or "teacher", of the map's rows or columns; where the map is cut, also how many of the sample's tokens they
// are: "student, first 512 of 700 tokens".
[[nodiscard]] QString axisTitle(const store::HeatMapRow& map, bool ofRows);
// align::mapCutText: empty where the map shows the whole sample.
[[nodiscard]] QString cutNote(const store::HeatMapRow& map);

// Why the page is empty and what would change that: no run is shown; none of the shown runs aligns tokens.
[[nodiscard]] QString noAlignedRunShown();
[[nodiscard]] QString noRunAligns(std::size_t shownRuns);
// Why there is no map: an alignment that records none, or none yet.
[[nodiscard]] QString noMap(const config::AlignmentRow& alignment);

// "coverage 92.3 % (worst sample 50.0 %)".
[[nodiscard]] QString coverageHeadline(const align::CoverageReport& report);
// Of what it is, how the tokens are marked, what another rule would reach.
[[nodiscard]] QString coverageNotes(const preflight::RunCoverage& coverage);

// The value under the cursor in words; without a cursor, how to get one.
[[nodiscard]] QString readout(const store::HeatMapRow& left, const std::optional<store::HeatMapRow>& right,
                              const std::optional<QPoint>& cell);

// The tokens of one side, marked.
[[nodiscard]] std::vector<RowToken> rowTokens(const preflight::SampleRows& rows, bool ofTeacher,
                                              const config::AlignmentRow& alignment);
// A token of one side, its partner and the text that each of them stands for.
[[nodiscard]] QString tokenDetail(const preflight::SampleRows& rows, bool ofTeacher, std::size_t token,
                                  const config::AlignmentRow& alignment);

} // namespace dskd::ui
