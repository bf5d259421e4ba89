#pragma once

#include "core/batch/packed_rows.h"
#include "core/batch/step_rows.h"
#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>

namespace dskd::teacher
{

// A sample in the teacher's tokens. `key` names it within the run (its index in the data set); the same key must
// always come with the same sample. A sample with a negative key is never cached.
struct TeacherSample {
    std::int64_t key = -1;
    const dataset::Sample* sample = nullptr;
};

// The teacher for the trainer, whether it runs or was run before. Worker only, one thread.
// Shapes: W vocabulary, D width.
class TeacherSource
{
public:
    virtual ~TeacherSource() = default;

    // The teacher's side of a micro-batch, without gradient and without chunks (those depend on the student's tokens
    // too). `outside` only with padded().
    [[nodiscard]] virtual batch::SideRows rows(std::span<const TeacherSample> samples) = 0;
    [[nodiscard]] virtual at::Tensor head() const = 0;    // (W, D)
    [[nodiscard]] virtual double headSoftcap() const = 0; // of its logits (kernels::HeadRows); 0: none
    // How batches are padded, for fidelities whose losses depend on it; null: only response rows count.
    [[nodiscard]] virtual const batch::PaddedBatch* padded() const { return nullptr; }
    // The model itself, for sampling with it; null where only its outputs are known.
    [[nodiscard]] virtual model::CausalLm* liveModel() { return nullptr; }
};

} // namespace dskd::teacher
