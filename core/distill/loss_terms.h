#pragma once

// The loss of a micro-batch and the values of its terms.

#include <ATen/core/Tensor.h>
#include <map>
#include <string>
#include <vector>

namespace dskd::distill
{

// What one micro-batch contributes. Values are sums / denominator, so the contributions of a step's micro-batches add
// up to the logged value; a term that the method does not have is absent.
//   loss         (1 - kdRate) nll_loss + kdRate kd_loss + KeyQueryConfig::rate kq_loss; SFT: nll_loss
//   nll_loss     cross-entropy of the student's rows (paper Eqn. 1)
//   kd_loss      sum of the method's terms: t2s_ce_loss (Eqn. 5), t2s_kd_loss (Eqn. 6), s2t_kd_loss (Eqn. 9); in
//                different spaces the one distance (Eqn. 2)
//   accuracy     student rows whose argmax is the answer's token; t2s_acc likewise for the projected teacher, whatever
//                its label is, and t_acc for the teacher itself where it was asked (t2s_target teacher, own answers)
//   s2t_acc      teacher rows whose argmax through s2t is the teacher's label, rescaled to as many student rows
//   max_t2s_prob soft alignment: mean probability of the projected teacher's most probable token
//   align_ratio  share of the student's rows that have a partner (ETA, MinED)
//   t2s_agreement share of compared rows where the projected teacher predicts its label: with the agreement mask, and
//                where the label is the teacher's own prediction
//   s2t_agreement share of compared rows where the projected student predicts what the student does, without attention
//   kq_loss      key-query matching: see key_query_matching.h; with it kq_accuracy of the discriminator (0.5: chance),
//                and how far the queries are from the keys: kq_mmd, kq_sliced_w, kq_cosine (key_query_diagnostics.h)
// The kq_ values are means over the rows that take part, weighted by the micro-batch's share of the step's tokens, and
// so is kq_loss in the loss; the first published code divides it by the denominator once more (reference-v1).
// Where pairs of rows are compared, their sums are scaled up to the number of the student's rows: the terms are means
// over the pairs, weighted by the micro-batch's share of the step's tokens. A value that is not finite stays so: see
// nonFiniteTerms.
struct LossTerms {
    at::Tensor loss; // scalar float64, differentiable: call backward()
    std::map<std::string, double> values;
};

// The names of the loss terms that are NaN or infinite, causes before sums (metrics::lossTerms); empty: all are finite.
[[nodiscard]] std::vector<std::string> nonFiniteTerms(const LossTerms& terms);

} // namespace dskd::distill
