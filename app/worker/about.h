#pragma once

#include "app/worker/gpu_probe.h"

#include <iosfwd>
#include <string>

namespace dskd::worker
{

// What `dskd-worker --version` prints: versions and devices. `cudaReason` says why there is no CUDA; empty when there
// is. As JSON:
//   {"version": "...", "libtorch": "2.11.0", "threads": 2, "devices": ["cpu", "cuda:0"],
//    "cuda": {"available": false, "reason": "...", "probe": "why no GPU is listed",
//             "gpus": [{"name": "...", "compute_capability": "9.0", "total_bytes": n, "free_bytes": n,
//                       "copy_bytes_per_second": x}]}}           the last only when it was measured
void printVersion(std::ostream& out, bool json, const std::string& cudaReason, const GpuProbe& probe);
void printHelp(std::ostream& out);

[[nodiscard]] std::string torchVersion();

} // namespace dskd::worker
