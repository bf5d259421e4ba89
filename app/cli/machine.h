#pragma once

// Facts about this machine, read from /proc and the C library. Torch-free: what the worker sees is asked of the worker.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dskd::cli
{

struct Machine {
    std::string system;       // "Debian GNU/Linux 12 (bookworm)"
    std::string kernel;       // "6.1.0-18-amd64"
    std::string cpu;          // processorName()
    int threads = 0;          // that this process may use
    std::uint64_t memory = 0; // bytes
    std::uint64_t memoryAvailable = 0;
    std::optional<std::string> gpuDriver; // version of the NVIDIA driver; none: not installed
};

[[nodiscard]] Machine readMachine();

struct DiskSpace {
    std::uint64_t free = 0;
    std::uint64_t total = 0;
};
// Of the file system that `folder`, or the nearest existing folder above it, lies on.
[[nodiscard]] std::optional<DiskSpace> diskSpace(const std::filesystem::path& folder);

} // namespace dskd::cli
