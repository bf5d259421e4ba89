#pragma once

// Makes the queries of cross-model attention look like its keys (DSKD-CMA-GA, L_KQ): a term of the loss that moves the
// query projector, and critics that are trained against it in the same backward pass. Gradients that reach the queries
// through a critic are reversed, so that the optimizer minimises the term by the critics and maximises it by the
// queries.
//
//   gan            -mean log D(k) - mean log(1 - D(q)): the paper's min over P^Q, max over D of E_q[log D] +
//                  E_k[log(1 - D)], negated and with the classes named the other way round. 2 ln 2 when D is at a loss
//   gan-published  the same value; as in the published code neither q nor D gets a gradient
//   ct             minus the conditional transport between keys and queries, cost ||c(k) - c(q)|| of a critic c. The
//                  critic maximises the cost, queries and navigators minimise it (Zheng and Zhou, 2021). The published
//                  code adds the same between columns of features, which it takes as vectors over positions; that
//                  needs as many queries as keys, and position i of one tokenization is not that of the other, so it
//                  is left out
//   sinkhorn       the Sinkhorn divergence of queries and keys; nothing is trained but the query projector
//
// Only rows of responses take part, of each side at most KeyQueryConfig::rows.
//
// Shapes: R student rows, M teacher rows, w = 2D.

#include "core/batch/step_rows.h"
#include "core/config/schema/method_config.h"
#include "core/distill/key_query_critics.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::distill
{

struct QueriesAndKeys {
    at::Tensor query; // (R, w), with a graph to the query projector
    at::Tensor key;   // (M, w), constant
};

struct KeyQueryMatch {
    at::Tensor loss;                      // scalar; undefined without rows on a side, or with matching off
    std::map<std::string, double> values; // see LossTerms: kq_*, means over the rows that take part
};

// Worker only, one thread.
class KeyQueryMatcher
{
public:
    // Critics are float32 (float64 for float64) whatever the dtype of the models.
    KeyQueryMatcher(const config::KeyQueryConfig& config, std::int64_t width, std::uint64_t seed,
                    const at::TensorOptions& options);

    [[nodiscard]] bool matches() const { return m_config.matching != config::KeyQueryMatching::Off; }
    [[nodiscard]] double rate() const { return m_config.rate; }

    // Which rows take part and what the critics drop out are functions of the seed and of `number`.
    [[nodiscard]] KeyQueryMatch match(const QueriesAndKeys& all, const batch::MicroBatchNumber& number) const;

    // The values but kq_loss, without dropout, also with matching off.
    [[nodiscard]] std::map<std::string, double> diagnose(const QueriesAndKeys& all) const;

    // Of the critics, live: those of gan-published require no gradient.
    [[nodiscard]] const std::vector<std::pair<std::string, at::Tensor>>& tensors() const { return m_critics.tensors(); }

private:
    [[nodiscard]] QueriesAndKeys drawn(const QueriesAndKeys& all, std::uint64_t seed) const;
    [[nodiscard]] at::Tensor loss(const QueriesAndKeys& rows, CriticDropout& dropout, at::Tensor& accuracy) const;

    config::KeyQueryConfig m_config;
    std::uint64_t m_seed;
    at::TensorOptions m_options;
    KeyQueryCritics m_critics;
    at::Tensor m_directions; // (P, w)
};

} // namespace dskd::distill
