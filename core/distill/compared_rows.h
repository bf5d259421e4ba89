#pragma once

// What a method compares in each space, row by row: the alignment and the projection done, the heads not yet applied.
// Equation numbers are those of DSKD (EMNLP 2024).
//
// Shapes as in batch/step_rows.h; C compared rows: R for row-by-row and soft alignment in the student's space, M in the
// teacher's, P for pairs.

#include "core/batch/step_rows.h"
#include "core/config/schema/method_config.h"
#include "core/distill/cross_model_attention.h"
#include "core/distill/key_query_matching.h"
#include "core/distill/projectors.h"

#include <ATen/core/Tensor.h>
#include <optional>

namespace dskd::distill
{

struct ComparedRows {
    at::Tensor student; // (C, width of the space)
    at::Tensor target;  // (C, width of the space)
    // (C) int64 in the space's vocabulary: the token that the target (in the student's space) or the student (in the
    // teacher's) should predict
    at::Tensor labels;
    at::Tensor labelWeights; // (C) 0 where a row has no label (`labels` then holds 0), 1 otherwise; undefined: 1
    at::Tensor weights;      // (C) of the distance; undefined: 1
    at::Tensor labelOnly;    // (C) bool: the row is compared with its label alone; only MinED
    at::Tensor studentRows;  // (C) which of the student's rows meet, where pairs do; undefined: every row in order
    at::Tensor teacherRows;  // (C) likewise which of the teacher's
    double scale = 1.0;      // factor of sums over the compared rows: response tokens of the side per compared row
    bool everyRow = true;    // student is every response row in order
    double agreeing = 0.0;   // rows whose target predicts its label; only with the agreement mask
    bool labelledByTeacher = false; // `labels` are the teacher's most probable tokens, not the answer's
    // Share of the rows for which the teacher was asked where it predicts the answer's token; nothing: it was not.
    std::optional<double> teacherAccuracy = {};
};

struct Composition {
    const config::MethodConfig& method;
    const Projectors& projectors;
    const batch::VocabularyMap& vocabularies;
    std::int64_t chunkRows;
    // The answers are the student's own, so their tokens are not known to be right. The labels of the projected teacher
    // are then the teacher's predictions, in the student's vocabulary. With one row for each of the teacher's, or pairs
    // of rows, every compared row has such a label. A soft alignment mixes rows, so there only the rows with a partner
    // in StepRows::pairs (exact tokens) have one; the others have no cross-entropy, and under the correctness mask no
    // distance. The values that are mixed hold the embedding of the teacher's prediction.
    bool ownAnswers = false;
};

// Teacher tokens in the student's vocabulary; -1 where it has no such token.
[[nodiscard]] at::Tensor inStudentVocabulary(const batch::VocabularyMap& vocabularies, const at::Tensor& teacherTokens,
                                             const at::Tensor& studentHead);

// What the attention of CMA and CLA compares.
[[nodiscard]] QueriesAndKeys queriesAndKeys(const Composition& parts, const batch::StepRows& rows);

// The attention of CMA (Eqn. 11 and 13), CLA or CLP.
[[nodiscard]] CrossModelAttention softAlignment(const Composition& parts, const batch::StepRows& rows);

// ReferenceV2's align_ratio: the mean over the samples, where a sample without any pair counts 1.
[[nodiscard]] double publishedAlignRatio(const batch::StepRows& rows);

// Target: the teacher's rows in the student's space (Eqn. 3; with attention Eqn. 12), with a graph to t2s and query.
[[nodiscard]] ComparedRows inStudentSpace(const Composition& parts, const batch::StepRows& rows);
// Student: the student's rows in the teacher's space (Eqn. 7; with attention Eqn. 14), with a graph to the student, s2t
// and query.
[[nodiscard]] ComparedRows inTeacherSpace(const Composition& parts, const batch::StepRows& rows);
// Each in its own space. MinED: every student row; one without a partner is compared with its label alone, or, on
// answers of the student's own, left out (weight 0), and the others are weighted up.
[[nodiscard]] ComparedRows inDifferentSpaces(const Composition& parts, const batch::StepRows& rows);

} // namespace dskd::distill
