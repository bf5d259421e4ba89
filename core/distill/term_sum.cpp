#include "core/distill/term_sum.h"

#include "core/metrics/metric_table.h"

#include <ATen/ATen.h>

#include <utility>

namespace dskd::distill
{

TermSum::TermSum(const config::MethodConfig& method, double denominator, std::int64_t chunkRows, std::string_view only)
    : m_kdFactor(method.objective == config::Objective::Kd ? method.kdRate : 0.0), m_denominator(denominator),
      m_chunkRows(chunkRows), m_only(only)
{
    TORCH_CHECK(denominator > 0.0, "the denominator must be positive, not ", denominator);
}

kernels::HeadLoss TermSum::add(const kernels::HeadLossInput& input, const kernels::HeadLossTerms& terms)
{
    kernels::HeadLoss part = kernels::headLoss(input, terms, m_chunkRows);
    m_loss = m_loss.defined() ? m_loss + part.loss : part.loss;
    return part;
}

void TermSum::add(const at::Tensor& sum)
{
    const at::Tensor part = sum.to(at::kDouble) / m_denominator;
    m_loss = m_loss.defined() ? m_loss + part : part;
}

void TermSum::kdValue(std::string_view name, double sum)
{
    value(name, sum);
    m_kd += sum / m_denominator;
}

LossTerms TermSum::finish(bool hasKd) &&
{
    m_values[std::string(metrics::kLoss)] = m_loss.item<double>();
    if (hasKd) {
        m_values[std::string(metrics::kKdLoss)] = m_kd;
    }
    return {std::move(m_loss), std::move(m_values)};
}

} // namespace dskd::distill
