#pragma once

#include "core/config/schema/experiment.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <exception>
#include <vector>

namespace dskd::train
{

using MicroBatches = std::vector<std::vector<std::int64_t>>; // numbers of samples

// Whether the loss of a step is one sum over its tokens, so that smaller micro-batches have the same loss and gradients
// up to rounding. Not where a micro-batch has a deviation, a scale, negative samples or answers of its own.
[[nodiscard]] bool dividesFreely(const config::Experiment& experiment);

// Each micro-batch in parts of at most `samples`, in the same order.
[[nodiscard]] MicroBatches dividedInto(const MicroBatches& batches, std::int64_t samples);
[[nodiscard]] std::int64_t samplesOfLargest(const MicroBatches& batches);

// What an allocation on the host or a device that found no memory throws.
[[nodiscard]] bool isOutOfMemory(const std::exception& error);
// Gives the memory back that LibTorch keeps of the device for later.
void releaseUnusedMemory(at::Device device);

} // namespace dskd::train
