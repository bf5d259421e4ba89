#include "core/distill/loss_terms.h"

#include <cmath>

namespace dskd::distill
{

std::vector<std::string> nonFiniteTerms(const LossTerms& terms)
{
    std::vector<std::string> names;
    for (const char* name : {"nll_loss", "t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "kd_loss", "kq_loss", "pg_loss",
                             "single_step_loss", "loss"}) {
        const auto found = terms.values.find(name);
        if (found != terms.values.end() && !std::isfinite(found->second)) {
            names.emplace_back(name);
        }
    }
    return names;
}

} // namespace dskd::distill
