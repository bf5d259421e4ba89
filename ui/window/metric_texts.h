#pragma once

#include <QString>
#include <string>

namespace dskd::ui
{

// The value of a metric as the details of a run show it, with its unit where the metric's title has none.
[[nodiscard]] QString shownValue(const std::string& metric, double value);

// The tool tip of it: the value as recorded, that which is shown where it is another number, and what the metric is.
[[nodiscard]] QString metricHint(const std::string& metric, double value);

} // namespace dskd::ui
