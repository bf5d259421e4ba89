#pragma once

// The distillation methods as one composition: alignment x spaces x distances. Pure functions of tensors plus the
// trainable projectors and critics; knows nothing of models, files or training loops.
//
// Shapes: as in step_rows.h.

#include "core/batch/step_rows.h"
#include "core/config/schema/experiment.h"
#include "core/distill/key_query_matching.h"
#include "core/distill/projectors.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::distill
{

// What one micro-batch contributes. Values are sums / denominator, so the contributions of a step's micro-batches add
// up to the logged value; a term that the method does not have is absent.
//   loss         (1 - kdRate) nll_loss + kdRate kd_loss + KeyQueryConfig::rate kq_loss; SFT: nll_loss
//   nll_loss     cross-entropy of the student's rows (paper Eqn. 1)
//   kd_loss      sum of the method's terms: t2s_ce_loss (Eqn. 5), t2s_kd_loss (Eqn. 6), s2t_kd_loss (Eqn. 9); in
//                different spaces the one distance (Eqn. 2)
//   accuracy     student rows whose argmax is the label; t2s_acc likewise for the projected teacher
//   s2t_acc      teacher rows whose argmax through s2t is the teacher's label, rescaled to as many student rows
//   max_t2s_prob soft alignment: mean probability of the projected teacher's most probable token
//   align_ratio  share of the student's rows that have a partner (ETA, MinED)
//   t2s_agreement share of compared rows where the projected teacher says its label (agreement mask)
//   kq_loss      key-query matching: see key_query_matching.h; with it kq_accuracy of the discriminator (0.5: chance),
//                and how far the queries are from the keys: kq_mmd, kq_sliced_w, kq_cosine (key_query_diagnostics.h)
// The kq_ values are means over the rows that take part, weighted by the micro-batch's share of the step's tokens, and
// so is kq_loss in the loss; the first published code divides it by the denominator once more (reference-v1).
// Where pairs of rows are compared, their sums are scaled so that a pair speaks for as many rows as have none: the
// terms are means over the pairs, weighted by the micro-batch's share of the step's tokens. A value that is not finite
// stays so: see nonFiniteTerms.
struct LossTerms {
    at::Tensor loss; // scalar float64, differentiable: call backward()
    std::map<std::string, double> values;
};

// The names of the values that are NaN or infinite, causes before the sums that they spoil; empty: all is well.
[[nodiscard]] std::vector<std::string> nonFiniteTerms(const LossTerms& terms);

// The soft alignment of the samples of a micro-batch, for looking at: one (rows, rows) pair per sample, float32 CPU.
struct AttentionMaps {
    std::vector<at::Tensor> studentFromTeacher; // (R_i, M_i), rows sum to 1
    std::vector<at::Tensor> teacherFromStudent; // (M_i, R_i)
};

// Which share of the loss to compute: with answers of the student's own the cross-entropy is that of other rows.
enum class LossPart { All, CrossEntropy, Distillation };

// Holds the projectors, and the critics of key-query matching, and computes the loss. Worker only, one thread.
class Distiller
{
public:
    // Throws c10::Error for contradictions that config::validate refuses.
    Distiller(const config::MethodConfig& method, const ModelPair& pair, std::int64_t chunkRows, std::uint64_t seed,
              at::Device device = at::kCPU, at::ScalarType dtype = at::kFloat,
              const config::ProjectorConfig& projectors = {}, const config::KeyQueryConfig& keyQuery = {});

    // The pseudo-inverse of the two heads in t2s and s2t, once before the first step.
    InitReport initialise(const at::Tensor& studentHead, const at::Tensor& teacherHead)
    {
        return m_projectors.initialise(studentHead, teacherHead);
    }

    // Call before the first micro-batch of every step: the optimizer has changed the student's head.
    void beginStep() { m_projectors.beginStep(); }

    // Throws c10::Error naming the shapes when the rows do not fit each other or the projectors.
    // On answers of the student's own (`ownAnswers`) there are no gold tokens: the projected teacher is taught the
    // teacher's (Composition::ownAnswers).
    [[nodiscard]] LossTerms compute(const StepRows& rows, LossPart part = LossPart::All, bool ownAnswers = false) const;

    // Share of the rows where the projected teacher says what the teacher itself says, in [0, 1]: what the
    // pseudo-inverse is meant to raise before training. Of the compared rows whose teacher's prediction has a place in
    // the student's vocabulary. A soft alignment mixes rows, so there only those count that StepRows::pairs has a
    // partner for, and what is mixed holds the embeddings of the teacher's predictions (as on answers of the student's
    // own, Composition::ownAnswers). 0 without such a row or a student space. Throws c10::Error without the pairs.
    [[nodiscard]] double agreement(const StepRows& rows) const;

    // kq_mmd, kq_sliced_w, kq_cosine and, with a discriminator, kq_accuracy of these rows, nothing dropped out. Empty
    // without queries.
    [[nodiscard]] std::map<std::string, double> queriesAgainstKeys(const StepRows& rows) const;

    // Only for soft alignments.
    [[nodiscard]] AttentionMaps attention(const StepRows& rows) const;

    [[nodiscard]] const config::MethodConfig& method() const { return m_method; }
    // Live parameters, for the optimizer and checkpoints: see Projectors::tensors.
    [[nodiscard]] const std::vector<std::pair<std::string, at::Tensor>>& projectors() const
    {
        return m_projectors.tensors();
    }
    // Likewise the networks of key-query matching: see KeyQueryMatcher::tensors.
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> critics() const
    {
        return m_matcher ? m_matcher->tensors() : std::vector<std::pair<std::string, at::Tensor>>{};
    }

private:
    config::MethodConfig m_method;
    VocabularyMap m_vocabularies;
    std::int64_t m_chunkRows;
    Projectors m_projectors;
    std::optional<KeyQueryMatcher> m_matcher; // of methods with queries
};

} // namespace dskd::distill
