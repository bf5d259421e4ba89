#pragma once

#include <iosfwd>
#include <string>

namespace dskd::worker
{

// What `dskd-worker --version` prints: versions and devices. `cudaReason` says why there is no CUDA; empty when there
// is. As JSON:
//   {"version": "...", "libtorch": "2.11.0", "threads": 2, "devices": ["cpu", "cuda:0"],
//    "cuda": {"available": false, "reason": "..."}}
void printVersion(std::ostream& out, bool json, const std::string& cudaReason);
void printHelp(std::ostream& out);

[[nodiscard]] std::string torchVersion();

} // namespace dskd::worker
