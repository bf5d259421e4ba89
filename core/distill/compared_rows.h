#pragma once

// What a method compares in each space, row by row: the alignment and the projection done, the heads not yet applied.
//
// Shapes: C compared rows: R for row-by-row and soft alignment in the student's space, M in the teacher's, P for pairs.

#include "core/batch/step_rows.h"
#include "core/config/schema/experiment.h"
#include "core/distill/cross_model_attention.h"
#include "core/distill/key_query_matching.h"
#include "core/distill/projectors.h"

#include <ATen/core/Tensor.h>

namespace dskd::distill
{

struct ComparedRows {
    at::Tensor student; // (C, width of the space)
    at::Tensor target;  // (C, width of the space)
    at::Tensor labels;  // (C) int64 in the space's vocabulary: what the target is taught, or the student should say
    at::Tensor labelWeights; // (C) 0 where a row has no label (`labels` then holds 0), 1 otherwise; undefined: 1
    at::Tensor weights;      // (C) of the distance; undefined: 1
    at::Tensor labelOnly;    // (C) bool: what the student should say is its label alone; only MinED
    double scale = 1.0;      // how many response tokens of its side one compared row stands for
    bool everyRow = true;    // student is every response row in order
    double agreeing = 0.0;   // rows whose target says its label; only with the agreement mask
};

struct Composition {
    const config::MethodConfig& method;
    const Projectors& projectors;
    const VocabularyMap& vocabularies;
    std::int64_t chunkRows;
    // The answers are the student's own, which no one vouches for. What the projected teacher is taught is then the
    // teacher's own prediction, in the student's vocabulary. With one row for each of the teacher's, or pairs of rows,
    // that is said of every compared row; a soft alignment mixes rows, so there it is said of the rows that
    // StepRows::pairs has a partner for (exact tokens), and the others have no label: no cross-entropy, and under the
    // correctness mask no distance. The values that are mixed hold the embedding of the teacher's prediction.
    bool ownAnswers = false;
};

// What the attention of CMA and CLA compares.
[[nodiscard]] QueriesAndKeys queriesAndKeys(const Composition& parts, const StepRows& rows);

// The attention of CMA, CLA or CLP.
[[nodiscard]] CrossModelAttention softAlignment(const Composition& parts, const StepRows& rows);

// ReferenceV2's align_ratio: the mean over the samples, where a sample without any pair counts 1.
[[nodiscard]] double publishedAlignRatio(const StepRows& rows);

// Target: the teacher's rows in the student's space, with a graph to t2s and query.
[[nodiscard]] ComparedRows inStudentSpace(const Composition& parts, const StepRows& rows);
// Student: the student's rows in the teacher's space, with a graph to the student, s2t and query.
[[nodiscard]] ComparedRows inTeacherSpace(const Composition& parts, const StepRows& rows);
// Each in its own space. MinED: every student row; one without a partner is taught its label. With the teacher's tokens
// as targets (answers of the student's own) there are no labels to teach, and the others speak for it.
[[nodiscard]] ComparedRows inDifferentSpaces(const Composition& parts, const StepRows& rows);

} // namespace dskd::distill
