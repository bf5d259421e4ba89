#pragma once

// The GPUs of this machine, as libdskd_cuda.so beside the worker finds them (app/worker/device_probe.h).

#include "app/worker/device_probe.h"

#include <string>
#include <vector>

namespace dskd::worker
{

struct GpuProbe {
    std::vector<DskdDevice> gpus;
    std::string reason; // a sentence why the list is empty; empty when it is not
};

// Opens the library, asks, and leaves it open. `measure`: also time a copy with a kernel of ours, which shows that code
// compiled here runs on that GPU.
[[nodiscard]] GpuProbe probeGpus(bool measure);

} // namespace dskd::worker
