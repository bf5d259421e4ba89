#pragma once

#include "app/report/report_data.h"

#include <string>

namespace dskd::report
{

// The whole page. Uses nothing outside itself; every text that comes from runs is escaped.
[[nodiscard]] std::string renderPage(const ReportData& data);

// What renderPage embeds for its script: groups, curves, heat-maps. Never contains '<', so that no text can end the
// script element.
[[nodiscard]] std::string pageData(const ReportData& data);

// "5 configurations in 9 runs, 8 done, 1 failed. …", as plain text.
[[nodiscard]] std::string summarySentence(const ReportData& data);

} // namespace dskd::report
