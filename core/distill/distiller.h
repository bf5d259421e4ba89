#pragma once

// The distillation methods as one composition: alignment x spaces x distances. Pure functions of tensors plus the
// trainable projectors and critics; independent of models, files and training loops.
//
// Shapes: as in batch/step_rows.h.

#include "core/batch/step_rows.h"
#include "core/config/schema/experiment.h"
#include "core/distill/key_query_matching.h"
#include "core/distill/loss_terms.h"
#include "core/distill/projectors.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::distill
{

// The soft alignment of the samples of a micro-batch, for looking at: one (rows, rows) pair per sample, float32 CPU.
struct AttentionMaps {
    std::vector<at::Tensor> studentFromTeacher; // (R_i, M_i), rows sum to 1
    std::vector<at::Tensor> teacherFromStudent; // (M_i, R_i)
};

// The states that meet in one space, for looking at, without a graph: those of the model whose space it is, and beside
// each the projected one of the other. C rows of width w.
struct SpaceStates {
    at::Tensor student;     // (C, w)
    at::Tensor teacher;     // (C, w)
    at::Tensor studentRows; // (C) int64: which of the student's rows; undefined: every row in order, or mixed ones
    at::Tensor teacherRows; // (C) int64: likewise of the teacher's
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
    // On answers of the student's own (`ownAnswers`) there are no gold tokens: the labels of the projected teacher are
    // the teacher's predictions (Composition::ownAnswers).
    // `only`: LossTerms::loss is that term alone with its weight, as if the others weighed 0; empty: all of them. The
    // losses of all terms add up to the loss, and so do their gradients.
    [[nodiscard]] LossTerms compute(const batch::StepRows& rows, LossPart part = LossPart::All, bool ownAnswers = false,
                                    std::string_view only = {}) const;

    // The terms of that part of the loss whose gradients reach the student, without those that weigh 0: nll_loss, and
    // of the distances t2s_kd_loss, s2t_kd_loss or kd_loss. t2s_ce_loss and kq_loss move projectors and critics alone.
    [[nodiscard]] std::vector<std::string> termsOfStudent(LossPart part = LossPart::All) const;

    // Share of the rows where the projected teacher predicts what the teacher itself predicts, in [0, 1]: what the
    // pseudo-inverse is meant to raise before training. Of the compared rows whose teacher's prediction is in the
    // student's vocabulary. A soft alignment mixes rows, so there only those count that StepRows::pairs has a
    // partner for, and what is mixed holds the embeddings of the teacher's predictions (as on answers of the student's
    // own, Composition::ownAnswers). 0 without such a row or a student space. Throws c10::Error without the pairs.
    [[nodiscard]] double agreement(const batch::StepRows& rows) const;

    // kq_mmd, kq_sliced_w, kq_cosine and, with a discriminator, kq_accuracy of these rows, nothing dropped out. Empty
    // without queries.
    [[nodiscard]] std::map<std::string, double> queriesAgainstKeys(const batch::StepRows& rows) const;

    // As the loss compares them. In the student's space (C = R, or P pairs) `teacher` is projected, by a soft alignment
    // mixed for each row of the student's; in the teacher's (C = M, or P) `student` is. Nothing where the method does
    // not compare in that space. With a tracked projector call beginStep() before, as for a step.
    [[nodiscard]] std::optional<SpaceStates> statesInStudentSpace(const batch::StepRows& rows) const;
    [[nodiscard]] std::optional<SpaceStates> statesInTeacherSpace(const batch::StepRows& rows) const;

    // Only for soft alignments.
    [[nodiscard]] AttentionMaps attention(const batch::StepRows& rows) const;

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
    batch::VocabularyMap m_vocabularies;
    std::int64_t m_chunkRows;
    Projectors m_projectors;
    std::optional<KeyQueryMatcher> m_matcher; // of methods with queries
};

} // namespace dskd::distill
