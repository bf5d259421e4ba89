#pragma once

#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
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

// What the losses need of a frozen teacher for one micro-batch; tensors without gradient.
// Shapes: M response rows of all samples, W vocabulary, D width.
struct TeacherRows {
    at::Tensor hidden;   // (M, D)
    at::Tensor labels;   // (M) int64
    at::Tensor inputIds; // (M) int64
    std::vector<std::int64_t> rowsPerSample;
};

// The teacher as the trainer sees it, whether it runs or was run before. Worker only, one thread.
class TeacherSource
{
public:
    virtual ~TeacherSource() = default;

    [[nodiscard]] virtual TeacherRows rows(std::span<const TeacherSample> samples) = 0;
    [[nodiscard]] virtual at::Tensor head() const = 0;      // (W, D)
    [[nodiscard]] virtual at::Tensor embedding() const = 0; // (W, D)
    [[nodiscard]] virtual std::int64_t width() const = 0;
    // The model itself, for sampling with it; null where only its outputs are known.
    [[nodiscard]] virtual model::CausalLm* liveModel() { return nullptr; }
};

} // namespace dskd::teacher
