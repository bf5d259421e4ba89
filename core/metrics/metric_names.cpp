#include "core/metrics/metric_names.h"

#include <algorithm>

namespace dskd::jobs
{

std::string titleOf(std::string_view metric)
{
    if (metric == "seconds") {
        return "seconds";
    }
    std::string_view base = metric;
    std::string suffix;
    for (const std::string_view end : {".best", ".last"}) {
        if (base.size() > end.size() && base.substr(base.size() - end.size()) == end) {
            base.remove_suffix(end.size());
            suffix = " (" + std::string(end.substr(1)) + ")";
        }
    }
    if (base == "validation.rouge_l") {
        return "ROUGE-L" + suffix;
    }
    std::string title(base);
    if (title.rfind("validation.", 0) == 0) {
        title.replace(0, 11, "validation ");
    }
    return title + suffix;
}

std::vector<std::string> tellingMetrics(const std::vector<std::string>& available)
{
    static constexpr std::string_view kOrder[] = {
        "validation.loss.best",    "validation.rouge_l.best", "seconds",  "validation.loss.last",
        "validation.rouge_l.last", "nll_loss.last",           "loss.last"};
    std::vector<std::string> result;
    for (const std::string_view name : kOrder) {
        if (std::find(available.begin(), available.end(), name) != available.end()) {
            result.emplace_back(name);
        }
    }
    return result;
}

} // namespace dskd::jobs
