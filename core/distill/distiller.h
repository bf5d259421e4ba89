#pragma once

// The distillation methods as one composition: alignment x spaces x distances. Pure functions of tensors plus the
// trainable projectors; knows nothing of models, files or training loops.
//
// Shapes: R student response rows, M teacher response rows, V/W student/teacher vocabularies, d/D their widths.
// Rows are packed sample after sample; without padding.

#include "core/config/experiment.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::distill
{

// One side of a micro-batch, response rows only.
struct SideRows {
    at::Tensor hidden;                       // (R, width); the student's carries the graph, the teacher's does not
    at::Tensor labels;                       // (R) int64: the token that each row predicts
    at::Tensor inputIds;                     // (R) int64: the token at each row's own position; only CMA needs it
    at::Tensor head;                         // (vocabulary, width)
    at::Tensor embedding;                    // (vocabulary, width) input embedding; only CMA needs it
    std::vector<std::int64_t> rowsPerSample; // sums to R; the same number of samples on both sides
};

struct StepRows {
    SideRows student;
    SideRows teacher; // undefined tensors for SFT
    // Response tokens of the student over the whole optimizer step (all micro-batches): every sum is divided by it, so
    // gradients add up to the exact global token mean (method.md 2.2).
    double denominator = 1.0;
};

// What one micro-batch contributes. Values are sums / denominator, so the contributions of a step's micro-batches add
// up to the logged value; a term that the method does not have is absent.
//   loss         (1 - kdRate) nll_loss + kdRate kd_loss; SFT: nll_loss
//   nll_loss     cross-entropy of the student's rows (paper Eqn. 1)
//   kd_loss      sum of the method's terms: t2s_ce_loss (Eqn. 5), t2s_kd_loss (Eqn. 6), s2t_kd_loss (Eqn. 9); in
//                different spaces the one distance (Eqn. 2)
//   accuracy     student rows whose argmax is the label; t2s_acc likewise for the projected teacher
//   s2t_acc      teacher rows whose argmax through s2t is the teacher's label, rescaled to as many student rows
//   max_t2s_prob CMA: mean probability of the projected teacher's most probable token
// A value that is not finite stays so: see nonFiniteTerms.
struct LossTerms {
    at::Tensor loss; // scalar float64, differentiable: call backward()
    std::map<std::string, double> values;
};

// The names of the values that are NaN or infinite, causes before the sums that they spoil; empty: all is well.
[[nodiscard]] std::vector<std::string> nonFiniteTerms(const LossTerms& terms);

// CMA's attention for the samples of a micro-batch, for looking at: one (rows, rows) pair per sample, float32 CPU.
struct AttentionMaps {
    std::vector<at::Tensor> studentFromTeacher; // (R_i, M_i), rows sum to 1
    std::vector<at::Tensor> teacherFromStudent; // (M_i, R_i)
};

struct ProjectorShape {
    std::int64_t studentWidth = 0;
    std::int64_t teacherWidth = 0;
};

// Holds the projectors and computes the loss. Worker only, one thread.
class Distiller
{
public:
    // Fresh projectors (PyTorch's nn.Linear initialisation, with bias) drawn from `seed`, each from its own stream:
    // t2s (student space), s2t (teacher space), query (CMA); none for SFT and for different spaces.
    // Throws c10::Error for contradictions that config::validate refuses.
    Distiller(const config::MethodConfig& method, const ProjectorShape& shape, std::int64_t chunkRows,
              std::uint64_t seed, at::Device device = at::kCPU, at::ScalarType dtype = at::kFloat);

    // Throws c10::Error naming the shapes when the rows do not fit each other or the projectors.
    [[nodiscard]] LossTerms compute(const StepRows& rows) const;

    // Only for alignment CMA.
    [[nodiscard]] AttentionMaps attention(const StepRows& rows) const;

    // "t2s.weight", "t2s.bias", "s2t.weight", "query.weight", ...: live parameters, for the optimizer and checkpoints.
    [[nodiscard]] const std::vector<std::pair<std::string, at::Tensor>>& projectors() const { return m_projectors; }

private:
    // What the student-space and teacher-space losses compare, one row per row of the space's own side.
    struct AlignedRows {
        at::Tensor studentFromTeacher; // (R, d) undefined unless the method has the student space
        at::Tensor teacherFromStudent; // (M, D) undefined unless the method has the teacher space
    };

    [[nodiscard]] AlignedRows align(const StepRows& rows) const;
    [[nodiscard]] const at::Tensor& parameter(const std::string& name) const;
    [[nodiscard]] at::Tensor project(const std::string& name, const at::Tensor& input) const;

    config::MethodConfig m_method;
    std::int64_t m_chunkRows;
    std::vector<std::pair<std::string, at::Tensor>> m_projectors;
};

} // namespace dskd::distill
