#pragma once

#include "app/report/report_data.h"

#include <string>
#include <string_view>

namespace dskd::report
{

// Near the beginning of every page: by it a report is known as one of ours.
inline constexpr std::string_view kReportMark = "<meta name=\"generator\" content=\"dskd report\">";

// The whole page. Uses nothing outside itself; every text that comes from runs is escaped.
[[nodiscard]] std::string renderPage(const ReportData& data);

// What renderPage embeds for its script: groups, curves, heat-maps. Never contains '<', so that no text can end the
// script element.
[[nodiscard]] std::string pageData(const ReportData& data);

// "5 configurations in 9 runs, 8 done, 1 failed. …", as plain text.
[[nodiscard]] std::string summarySentence(const ReportData& data);

} // namespace dskd::report
