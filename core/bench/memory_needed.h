#pragma once

#include "core/base/distance.h"
#include "core/bench/shapes.h"
#include "core/jobs/bench_job.h"

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::bench
{

// About how many bytes a measurement of steps or losses takes: the models and their optimizers for both sides, and what
// the eager side computes, which is most of it.
[[nodiscard]] std::uint64_t memoryNeeded(const Shape& shape, const jobs::BenchJob& job, Distance distance);

// About how many bytes the answers of a measurement of BenchKind::Generate take: the student's weights, and the keys
// and values of prompts and answers. Packed copies of the weights are not counted, because they are made only where a
// quarter of the free memory holds them (core/model/packed_weights.h).
[[nodiscard]] std::uint64_t memoryOfAnswers(const Shape& shape, const jobs::BenchJob& job);

// Both throw Error with the estimate where it is more than the machine has available (availableMemory). On a GPU
// nothing is checked before: LibTorch refuses what does not fit.
void requireMemory(const Shape& shape, const jobs::BenchJob& job, Distance distance, at::Device device);
void requireMemoryOfAnswers(const Shape& shape, const jobs::BenchJob& job, at::Device device);

} // namespace dskd::bench
