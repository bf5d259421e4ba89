#pragma once

#include "core/config/schema/train_config.h"

#include <ATen/core/Tensor.h>
#include <string>

namespace dskd::train
{

// The device a run works on. Throws Error when a GPU is asked for and there is none.
[[nodiscard]] at::Device pickDevice(config::Device wanted);

[[nodiscard]] at::ScalarType dtypeOf(config::Precision precision);

// The same program on the same machine gives the same bits: deterministic kernels only, and a fixed number of threads
// (0: OMP_NUM_THREADS, else as many as this process may use).
void makeDeterministic(std::int64_t threads);

// "CPU, 2 threads, float32"
[[nodiscard]] std::string describeDevice(at::Device device, at::ScalarType dtype);

} // namespace dskd::train
