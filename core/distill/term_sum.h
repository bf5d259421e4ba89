#pragma once

#include "core/config/schema/method_config.h"
#include "core/distill/loss_terms.h"
#include "core/kernels/head_loss.h"
#include "core/metrics/loss_names.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace dskd::distill
{

// Collects the terms of a micro-batch: their share of the loss as a tensor, their values under the names that are
// logged. All sums are divided by the step's denominator.
class TermSum
{
public:
    // `only`: the one term that weighs in the loss, the others are computed for their values; empty: all of them.
    TermSum(const config::MethodConfig& method, double denominator, std::int64_t chunkRows, std::string_view only = {});

    [[nodiscard]] bool weighs(std::string_view term) const { return m_only.empty() || term == m_only; }
    [[nodiscard]] double nllFactor() const
    {
        return weighs(metrics::kNllLoss) ? (1.0 - m_kdFactor) / m_denominator : 0.0;
    }
    // Of a term of kd_loss; in different spaces of kd_loss itself.
    [[nodiscard]] double kdFactor(std::string_view term) const
    {
        return weighs(term) ? m_kdFactor / m_denominator : 0.0;
    }

    kernels::HeadLoss add(const kernels::HeadLossInput& input, const kernels::HeadLossTerms& terms);
    // Adds sum / denominator to the loss.
    void add(const at::Tensor& sum);
    void value(std::string_view name, double sum) { m_values[std::string(name)] = sum / m_denominator; }
    void kdValue(std::string_view name, double sum); // also counts in kd_loss

    LossTerms finish(bool hasKd) &&;

private:
    double m_kdFactor;
    double m_denominator;
    std::int64_t m_chunkRows;
    std::string m_only;
    double m_kd = 0.0;
    at::Tensor m_loss;
    std::map<std::string, double> m_values;
};

} // namespace dskd::distill
