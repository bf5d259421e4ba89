#include "core/distill/loss_terms.h"

#include "core/metrics/metric_table.h"

#include <cmath>
#include <string_view>

namespace dskd::distill
{

std::vector<std::string> nonFiniteTerms(const LossTerms& terms)
{
    std::vector<std::string> names;
    for (const std::string_view term : metrics::lossTerms()) {
        const std::string name(term);
        const auto found = terms.values.find(name);
        if (found != terms.values.end() && !std::isfinite(found->second)) {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace dskd::distill
