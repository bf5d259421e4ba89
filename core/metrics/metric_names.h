#pragma once

// What the report and the tables call a metric, and which they show.

#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// "validation.loss.best" -> "validation loss (best)", "validation.rouge_l.last" -> "ROUGE-L (last)".
[[nodiscard]] std::string titleOf(std::string_view metric);

// Of the metrics that a comparison has, those that tell students apart, the most telling first.
[[nodiscard]] std::vector<std::string> tellingMetrics(const std::vector<std::string>& available);

} // namespace dskd::jobs
