#include "core/metrics/metric_order.h"

namespace dskd::jobs
{
namespace
{

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// How a discriminator fares says nothing about the student.
bool isOfKeyQueryMatching(std::string_view metric)
{
    return metric.starts_with("kq_") || metric.starts_with("probe.kq_");
}

} // namespace

bool isPerToken(std::string_view metric)
{
    if (isOfKeyQueryMatching(metric)) {
        return false;
    }
    return metric.starts_with("validation.loss") || metric.starts_with("nll_loss") || contains(metric, "perplexity") ||
           contains(metric, "accuracy");
}

Better betterOf(std::string_view metric)
{
    if (isOfKeyQueryMatching(metric)) {
        return Better::Unknown;
    }
    if (contains(metric, "rouge") || contains(metric, "_acc") || contains(metric, "accuracy") ||
        contains(metric, "exact_match") || contains(metric, "tokens_per_second")) {
        return Better::Higher;
    }
    return isPerToken(metric) || metric == "seconds" ? Better::Lower : Better::Unknown;
}

} // namespace dskd::jobs
