#include "core/bench/measure.h"

#include "core/train/job/memory.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/resource.h>
#include <utility>

namespace dskd::bench
{
namespace
{

// The kind of memory statistics that counts bytes of all pools.
constexpr auto kAllPools = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

struct ProcessorTime {
    double user = 0.0;
    double sys = 0.0;
};

ProcessorTime processorTime()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

void finish(at::Device device)
{
    if (!device.is_cpu()) {
        at::accelerator::synchronizeDevice(0);
    }
}

// Begins a new peak; false where that is not possible.
bool resetPeak(at::Device device)
{
    if (device.is_cpu()) {
        return resetResidentPeak();
    }
    c10::getDeviceAllocator(device.type())->resetPeakStats(0);
    return true;
}

std::int64_t peakBytes(at::Device device)
{
    if (!device.is_cpu()) {
        return c10::getDeviceAllocator(device.type())->getDeviceStats(0).allocated_bytes[kAllPools].peak;
    }
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") { // in kB; resident memory at its most
            std::int64_t kibibytes = 0;
            status >> kibibytes;
            return kibibytes * 1024;
        }
    }
    return 0;
}

std::uint64_t peakOf(at::Device device, const std::function<void()>& work)
{
    finish(device);
    malloc_trim(0); // else what others have freed and the process has kept would not count
    const std::int64_t before = train::memoryInUse(device);
    const bool reset = resetPeak(device);
    work();
    finish(device);
    if (!reset) {
        return 0;
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, peakBytes(device) - before));
}

} // namespace

bool resetResidentPeak(const std::filesystem::path& clearRefs)
{
    std::ofstream file(clearRefs);
    file << 5 << std::flush; // the kernel answers when the number is written
    return file.good();
}

Quartiles quartilesOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const auto valueAt = [&](double share) {
        const double place = share * static_cast<double>(values.size() - 1);
        const auto below = static_cast<std::size_t>(std::floor(place));
        const std::size_t above = std::min(below + 1, values.size() - 1);
        return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
    };
    return {valueAt(0.25), valueAt(0.5), valueAt(0.75)};
}

std::vector<Measured> measureInTurns(at::Device device, std::span<const std::function<void()>> works,
                                     std::int64_t times)
{
    struct Turns {
        std::vector<double> wall, user, sys, processor;
    };
    std::vector<Turns> turns(works.size());
    std::vector<Measured> measured(works.size());
    for (std::size_t i = 0; i < works.size(); ++i) {
        measured[i].peakBytes = peakOf(device, works[i]);
    }
    for (std::int64_t time = 0; time < times; ++time) {
        for (std::size_t i = 0; i < works.size(); ++i) {
            finish(device);
            const auto start = std::chrono::steady_clock::now();
            const ProcessorTime before = processorTime();
            works[i]();
            finish(device);
            const ProcessorTime after = processorTime();
            turns[i].wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
            turns[i].user.push_back(after.user - before.user);
            turns[i].sys.push_back(after.sys - before.sys);
            turns[i].processor.push_back(after.user - before.user + after.sys - before.sys);
        }
    }
    for (std::size_t i = 0; i < works.size(); ++i) {
        measured[i].wall = quartilesOf(std::move(turns[i].wall));
        measured[i].user = quartilesOf(std::move(turns[i].user));
        measured[i].sys = quartilesOf(std::move(turns[i].sys));
        measured[i].processor = quartilesOf(std::move(turns[i].processor));
    }
    return measured;
}

double productRate(at::Device device, at::ScalarType dtype)
{
    constexpr std::int64_t kTimes = 5;
    const std::int64_t side = device.is_cpu() ? 1536 : 8192;
    const at::Tensor a = at::randn({side, side}, at::TensorOptions(device).dtype(at::kFloat)).to(dtype);
    const at::Tensor b = at::randn({side, side}, at::TensorOptions(device).dtype(at::kFloat)).to(dtype);
    at::Tensor product = at::empty_like(a);
    const std::array<std::function<void()>, 1> work{[&] { at::mm_out(product, a, b); }};
    const double seconds = measureInTurns(device, work, kTimes).front().wall.median;
    return 2.0 * static_cast<double>(side * side * side) / seconds;
}

} // namespace dskd::bench
