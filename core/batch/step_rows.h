#pragma once

// What a distillation loss is computed from: the response rows of one micro-batch on both sides.
//
// Shapes: R student response rows, M teacher response rows, P aligned pairs, V/W student/teacher vocabularies, d/D
// their widths. Rows are packed sample after sample; without padding.

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <optional>
#include <vector>

namespace dskd::batch
{

// Numbers by their count, their sum and the sum of their squares.
struct Moments {
    std::int64_t count = 0;
    double sum = 0.0;
    double squares = 0.0;
};

// The positions of the published code's batch that are no response rows: prompts, and padding up to the longest length
// that the data may have. There every token counts as token 0. Only the reference fidelities need them: their
// deviations are those of the whole padded batch (Moments suffice), and the chunks of their CLA reach into it.
struct OutsideRows {
    std::int64_t positions = 0;
    Moments hidden;    // of their hidden states; only the teacher's are needed
    Moments predicted; // of the embeddings of the teacher's most probable tokens there; only ReferenceV2
    // Only CLA, undefined otherwise; sample after sample.
    at::Tensor states; // (positions, width); the student's carries the graph
    at::Tensor chunks; // (positions) int64, numbered as SideRows::chunks
    std::vector<std::int64_t> rowsPerSample;
};

// One side of a micro-batch, response rows only.
struct SideRows {
    at::Tensor hidden;                       // (R, width); the student's carries the graph, the teacher's does not
    at::Tensor labels;                       // (R) int64: the token that each row predicts
    at::Tensor inputIds;                     // (R) int64: the token at each row's own position; only attention needs it
    at::Tensor head;                         // (vocabulary, width)
    at::Tensor embedding;                    // (vocabulary, width) input embedding; only attention needs it
    std::vector<std::int64_t> rowsPerSample; // sums to R; the same number of samples on both sides
    at::Tensor chunks; // (R) int64: rows of a sample with one number on both sides read the same text; only CLA and CLP
    std::optional<OutsideRows> outside = {}; // see config::seesPaddedBatch
    double softcap = 0.0;                    // of the head's logits (kernels::HeadRows); 0: none
};

// Rows that predict the same text, in rising order on both sides.
struct RowPairs {
    at::Tensor student; // (P) int64 in [0, R)
    at::Tensor teacher; // (P) int64 in [0, M)
};

// Which micro-batch of the training it is: what is drawn at random for it is a function of this and the seed.
struct MicroBatchNumber {
    std::int64_t step = 0;
    std::int64_t batch = 0; // within the step
};

struct StepRows {
    SideRows student;
    SideRows teacher; // undefined tensors for SFT
    // Response tokens of the student over the whole optimizer step (all micro-batches): every sum is divided by it, so
    // gradients add up to the exact global token mean (core/distill/METHOD.md 2.2).
    double denominator = 1.0;
    // ETA, alignment by position and MinED, where several student rows may share a teacher's; soft alignments only on
    // answers of the student's own, and of probe samples
    RowPairs pairs;
    MicroBatchNumber number = {};
    // Micro-batches of the optimizer step: ReferenceV2's means over one of them are averaged over all.
    double microBatches = 1.0;
};

// How the vocabularies of a pair relate. Nothing for one vocabulary with heads of one height.
struct VocabularyMap {
    at::Tensor studentFromTeacher; // (W) int64: the student's id for a teacher's, -1: none
    at::Tensor commonStudent;      // (K) int64: ids of the tokens that both have ...
    at::Tensor commonTeacher;      // (K) int64: ... in the other vocabulary; of MinED, the tokens matched to each other
};

} // namespace dskd::batch
