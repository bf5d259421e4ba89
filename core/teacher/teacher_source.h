#pragma once

#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dskd::teacher
{

// A sample in the teacher's tokens. `key` names it within the run (its index in the data set); the same key must
// always come with the same sample. A negative key is never remembered.
struct TeacherSample {
    std::int64_t key = -1;
    const dataset::Sample* sample = nullptr;
};

// What to find out about the positions that are no response rows, for the reference fidelities.
struct PaddedBatch {
    std::int64_t length = 0;         // every sample is padded to it (data.max_length) ...
    std::int64_t padding = 0;        // by this token, the eos
    std::int64_t studentPadding = 0; // and the student's samples by this one
    bool said = false;               // OutsidePositions::said
    bool states = false;             // OutsidePositions::states, of both sides
};

// Of a micro-batch that is padded as the published code pads it: what stands at the positions that are no response
// rows, prompts and padding. Numbers by their count, their sum and the sum of their squares.
struct OutsideMoments {
    std::int64_t count = 0;
    double sum = 0.0;
    double squares = 0.0;
};
struct OutsidePositions {
    std::vector<std::int64_t> perSample;
    OutsideMoments hidden; // of their hidden states
    OutsideMoments said;   // of the embeddings of what the teacher finds most probable there
    at::Tensor states;     // (positions, D), sample after sample; undefined unless asked for
};

// What the losses need of a frozen teacher for one micro-batch; tensors without gradient.
// Shapes: M response rows of all samples, W vocabulary, D width.
struct TeacherRows {
    at::Tensor hidden;   // (M, D)
    at::Tensor labels;   // (M) int64
    at::Tensor inputIds; // (M) int64
    std::vector<std::int64_t> rowsPerSample;
    std::optional<OutsidePositions> outside = {}; // only for the fidelities that see them
};

// The teacher as the trainer sees it, whether it runs or was run before. Worker only, one thread.
class TeacherSource
{
public:
    virtual ~TeacherSource() = default;

    [[nodiscard]] virtual TeacherRows rows(std::span<const TeacherSample> samples) = 0;
    [[nodiscard]] virtual at::Tensor head() const = 0;      // (W, D)
    [[nodiscard]] virtual double headSoftcap() const = 0;   // of its logits (kernels::HeadRows); 0: none
    [[nodiscard]] virtual at::Tensor embedding() const = 0; // (W, D)
    [[nodiscard]] virtual std::int64_t width() const = 0;
    // How batches are padded for a fidelity that sees it; null: only response rows count.
    [[nodiscard]] virtual const PaddedBatch* padded() const { return nullptr; }
    // The model itself, for sampling with it; null where only its outputs are known.
    [[nodiscard]] virtual model::CausalLm* liveModel() { return nullptr; }
};

} // namespace dskd::teacher
