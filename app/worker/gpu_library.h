#pragma once

#include <string>

namespace dskd::worker
{

// Opens LibTorch's CUDA library when an NVIDIA driver is there. The worker links the CPU library only, so one binary
// runs everywhere. Call before anything asks torch for devices. Returns why there is no CUDA; empty when there is.
[[nodiscard]] std::string openGpuLibrary();

} // namespace dskd::worker
