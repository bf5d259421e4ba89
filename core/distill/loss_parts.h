#pragma once

// The parts of a distillation loss. Equation numbers are those of DSKD (EMNLP 2024); Eqn. 10 sums the first two parts.
//   student space       addStudentSpace      Eqn. 3-6; attention: 11 and 12 in place of 3  (METHOD.md 4.2, 6.1)
//   teacher space       addTeacherSpace      Eqn. 7-9; attention: 13 and 14 in place of 7  (METHOD.md 4.2, 6.1)
//   different spaces    addDifferentSpaces   Eqn. 2: each model keeps its own head         (METHOD.md 4.1, 6.7, 6.8)
//   key-query matching  addKeyQueryMatching  L_KQ of DSKD-CMA-GA                           (METHOD.md 6.6)
// compared_rows.h finds the rows that meet in a part. Each part adds its share of the loss and its values to a
// TermSum, the terms of kd_loss weighted by the KD rate (Eqn. 15).

#include "core/batch/step_rows.h"
#include "core/distill/compared_rows.h"
#include "core/distill/key_query_matching.h"
#include "core/distill/term_sum.h"
#include "core/kernels/head_loss.h"

#include <optional>

namespace dskd::distill
{

// The student's own cross-entropy (Eqn. 1): nll_loss and accuracy. A part that compares every row of the student
// through the student's head takes it along, so that the head is applied once.
class StudentCrossEntropy
{
public:
    // `student` and `sum` must outlive it. Not `wanted` (LossPart::Distillation): nothing is added for it.
    StudentCrossEntropy(const batch::SideRows& student, bool wanted, TermSum& sum);

    // Adds it, unless a part has taken it along.
    void add();
    // Adds a part's comparison. `everyRow`: its student rows are all rows of the student, in order; they are then taken
    // with their labels and the student's whole head. Otherwise add() comes first.
    kernels::HeadLoss addWith(kernels::HeadLossInput compared, kernels::HeadLossTerms terms, bool everyRow);

    // The student's most probable tokens in the rows `rows` (C), int64; undefined: in all (R). Those that were found on
    // the way; where the cross-entropy is not wanted they go through the head once more, `chunkRows` at a time.
    [[nodiscard]] at::Tensor predictions(const at::Tensor& rows, std::int64_t chunkRows) const;

private:
    kernels::HeadLoss addOwn(kernels::HeadLossInput input, kernels::HeadLossTerms terms);

    const batch::SideRows& m_student;
    std::optional<double> m_factor; // nothing: not wanted
    TermSum& m_sum;
    bool m_added = false;
    at::Tensor m_predicted;
};

// Teacher rows in the student's space: t2s_ce_loss (Eqn. 5), t2s_kd_loss (Eqn. 6), t2s_acc; max_t2s_prob with
// attention, t2s_agreement with the agreement mask or where the teacher gives the labels, t_acc where it was asked.
void addStudentSpace(const Composition& parts, const batch::StepRows& rows, StudentCrossEntropy& own, TermSum& sum);

// Student rows in the teacher's space: s2t_kd_loss (Eqn. 9), s2t_acc, and s2t_agreement unless attention mixes rows.
void addTeacherSpace(const Composition& parts, const batch::StepRows& rows, const StudentCrossEntropy& own,
                     TermSum& sum);

// Logits of both models as they are: kd_loss (Eqn. 2). MinED and ULD (section 4.2 of the paper) are of this kind.
void addDifferentSpaces(const Composition& parts, const batch::StepRows& rows, StudentCrossEntropy& own, TermSum& sum);

// Queries against keys of the attention: kq_loss and the other kq_ values (key_query_matching.h). The loss is a mean
// over rows; it is weighted by the micro-batch's share of the step's tokens.
void addKeyQueryMatching(const KeyQueryMatcher& matcher, const Composition& parts, const batch::StepRows& rows,
                         TermSum& sum);

// align_ratio of the methods that pair rows; nothing for others.
void addAlignRatio(const Composition& parts, const batch::StepRows& rows, TermSum& sum);

} // namespace dskd::distill
