#pragma once

// How many weights a training has. Used inside this room only.

#include "core/config/schema/experiment.h"
#include "core/model/folder/model_config.h"

#include <algorithm>
#include <cstdint>

namespace dskd::preflight
{

[[nodiscard]] inline std::uint64_t unsignedOf(std::int64_t value)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value));
}

struct Weights {
    std::uint64_t all = 0;
    std::uint64_t learning = 0; // with gradient and moments
};

// Of the student, an adapter's included.
[[nodiscard]] Weights studentWeights(const config::Experiment& experiment, const model::ModelConfig& student);
// Of the projectors of both spaces, and of the queries where the alignment has some.
[[nodiscard]] std::uint64_t projectorWeights(const config::Experiment& experiment, const model::ModelConfig& student,
                                             const model::ModelConfig& teacher);
// Of what makes queries look like keys. In the published control nothing learns.
[[nodiscard]] Weights criticWeights(const config::KeyQueryConfig& config, std::int64_t teacherWidth);

} // namespace dskd::preflight
