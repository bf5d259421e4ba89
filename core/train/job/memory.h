#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::train
{

// Bytes in use now: the process's resident memory for a run on the CPU, the allocator's for one on a GPU.
[[nodiscard]] std::int64_t memoryInUse(at::Device device);

} // namespace dskd::train
