#pragma once

// The fused head + loss operation. Rows of hidden states go through their heads in chunks; losses and all gradients are
// computed in the forward pass, so [rows, vocabulary] never exists as a whole and backward only scales.
//
// One operation serves every method, because they differ only in what they put in:
//   SFT             student rows, labels
//   different heads student rows and head, target = teacher rows and head (vanilla KD)
//   student space   target = projected teacher rows and the student's head
//   teacher space   student = projected student rows and the teacher's head, target = teacher rows and head
//   MinED           target = teacher rows and the head's rows of matched tokens, with their columns in the student's
//
// Shapes: R rows, V/W the heads' vocabularies, E/F the hidden widths.

#include "core/kernels/divergence.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <optional>

namespace dskd::kernels
{

struct HeadRows {
    at::Tensor hidden = {}; // (R, E)
    at::Tensor head = {};   // (V, E)
    // Gemma 2: the logits are softcap * tanh(hidden . head / softcap); 0: as they are. Whatever goes through a head
    // with a cap is capped, projected rows too: its probabilities are those of the head's own model.
    double softcap = 0.0;
};

// The labels of the rows, and how much each row counts; every tensor is (R). Labels that no term needs are undefined,
// and so are factors that are all 1.
struct RowTargets {
    at::Tensor labels = {};             // int64: the token that the student's row should predict
    at::Tensor labelWeights = {};       // factors of the student rows' cross-entropies
    at::Tensor targetLabels = {};       // int64: that the target's row should predict; undefined: `labels`
    at::Tensor targetLabelWeights = {}; // factors of the target rows' cross-entropies; 0: the row has no label, and
                                        // never counts as correct
    at::Tensor distanceWeights = {};    // factors of the distances
    // bool: rows for whose distance the target is certain of the label, whatever its hidden state is: KL is their
    // cross-entropy at the temperature. Only with HeadLossInput::targetColumns; undefined: none.
    at::Tensor labelOnly = {};
};

struct HeadLossInput {
    HeadRows student = {};
    HeadRows target = {}; // undefined when there is no distance and no target cross-entropy
    RowTargets rows = {};
    // (W) int64 in [0, V), all different, for the distance alone: where each column of a target of another vocabulary
    // lies among the student's. The other columns have probability 0 in it. Undefined: they are numbered alike.
    at::Tensor targetColumns = {};
};

// Which terms to compute and the factors they enter the loss with. An absent term is not computed; a factor of 0
// computes it for its value only.
struct HeadLossTerms {
    std::optional<double> crossEntropy;       // of the student rows
    std::optional<double> targetCrossEntropy; // of the target rows; trains target.hidden only
    std::optional<double> distance;           // D(target || student); trains the student's side only
    DivergenceOptions divergence;
    bool onlyWhereTargetCorrect = false; // the distance counts only where the target's argmax is the label
};

// Unweighted sums over the rows, before the factors of HeadLossTerms.
struct HeadLossSums {
    double crossEntropy = 0.0;         // with RowTargets::labelWeights
    double targetCrossEntropy = 0.0;   // with RowTargets::targetLabelWeights
    double distance = 0.0;             // with RowTargets::distanceWeights
    double correct = 0.0;              // student rows whose argmax is the label
    double targetCorrect = 0.0;        // target rows whose argmax is the label
    double targetMaxProbability = 0.0; // of the target's most probable token, temperature 1
};

// Heads are padded with rows of zeros to the multiple that the device's matrix product favours: 64 on a GPU, 16 on a
// CPU. No result depends on it but by rounding.
inline constexpr std::int64_t kFavouredColumns = 0;

struct HeadLoss {
    at::Tensor loss; // () float64: sum of factor x term; differentiable once
    HeadLossSums sums;
    at::Tensor predicted;       // (R) int64: the student rows' most probable tokens; undefined without labels
    at::Tensor targetPredicted; // those of the target's rows; undefined unless a term compares them with labels
};

// Gradients reach student.hidden, student.head and (through the target's cross-entropy only) target.hidden.
// target.head is a constant always, also where it is the same tensor as student.head. Heads of different vocabulary
// are compared on the columns that both have, or as targetColumns maps them. At most `chunkRows` rows of logits
// per side exist at a time.
//
// Logits are computed in the dtype of the hidden states, everything after in float32 (float64 for float64).
// Throws c10::Error naming the shapes when they disagree.
[[nodiscard]] HeadLoss headLoss(const HeadLossInput& input, const HeadLossTerms& terms, std::int64_t chunkRows,
                                std::int64_t headColumns = kFavouredColumns);

// log softmax(hidden head^T)[label] of every row (R), float32 (float64 for float64), in chunks as above. No gradient:
// that of any function of these values is the gradient of the cross-entropy with the function's negative derivatives as
// label weights.
[[nodiscard]] at::Tensor labelLogProbs(const HeadRows& rows, const at::Tensor& labels, std::int64_t chunkRows,
                                       std::int64_t headColumns = kFavouredColumns);

// The most probable token of every row (R) int64, in chunks as above; a cap moves no maximum. No gradient.
[[nodiscard]] at::Tensor argmaxRows(const HeadRows& rows, std::int64_t chunkRows,
                                    std::int64_t headColumns = kFavouredColumns);

} // namespace dskd::kernels
