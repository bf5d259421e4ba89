#pragma once

// Times and memory of pieces of work, in turns within one process.

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

namespace dskd::bench
{

struct Quartiles {
    double low = 0.0; // a quarter of the turns took less
    double median = 0.0;
    double high = 0.0;
};

// Linear between neighbours, as numpy's default. REQUIRES: a value.
[[nodiscard]] Quartiles quartilesOf(std::vector<double> values);

struct Measured {
    Quartiles wall; // seconds
    Quartiles user; // seconds of all threads
    Quartiles sys;
    Quartiles processor; // user + sys of each turn
    // Above what was in use before the work began; 0 where it could not be measured (resetResidentPeak).
    std::uint64_t peakBytes = 0;
};

// Begins a new peak of this process's resident memory (VmHWM). False where the kernel does not do it, as in some
// containers: then the peak is still that of the process so far. `clearRefs`: another file for tests.
[[nodiscard]] bool resetResidentPeak(const std::filesystem::path& clearRefs = "/proc/self/clear_refs");

// Each of the works once for its peak memory, then `times` turns of all of them one after the other, so that what else
// the machine does meets all alike. On a GPU the device is idle when a turn begins and when it ends.
[[nodiscard]] std::vector<Measured> measureInTurns(at::Device device, std::span<const std::function<void()>> works,
                                                   std::int64_t times);

// Floating-point operations a second of a large square matrix product of this type on the device.
[[nodiscard]] double productRate(at::Device device, at::ScalarType dtype);

} // namespace dskd::bench
