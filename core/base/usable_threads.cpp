#include "core/base/usable_threads.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>

namespace dskd
{
namespace
{

int allowedProcessors()
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        return CPU_COUNT(&allowed);
    }
    return static_cast<int>(std::thread::hardware_concurrency()); // 0 where the system does not say
}

// The group's path below the root, of version 2 of control groups.
std::optional<std::filesystem::path> groupOf(const std::filesystem::path& selfCgroup)
{
    constexpr std::string_view kVersion2 = "0::/";
    std::ifstream file(selfCgroup);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(kVersion2)) {
            return line.substr(kVersion2.size());
        }
    }
    return std::nullopt;
}

// cpu.max holds the microseconds of processor time in a period and the period's length: "150000 100000", "max 100000".
std::optional<double> limitOf(const std::filesystem::path& group)
{
    std::ifstream file(group / "cpu.max");
    double time = 0.0;
    double period = 0.0;
    if (!(file >> time >> period) || time <= 0.0 || period <= 0.0) {
        return std::nullopt;
    }
    return time / period;
}

} // namespace

std::optional<int> processorQuota(const std::filesystem::path& selfCgroup, const std::filesystem::path& root)
{
    const std::optional<std::filesystem::path> path = groupOf(selfCgroup);
    if (!path) {
        return std::nullopt;
    }
    std::optional<double> lowest = limitOf(root);
    std::filesystem::path group = root;
    for (const std::filesystem::path& part : *path) {
        group /= part;
        if (const std::optional<double> limit = limitOf(group); limit && (!lowest || *limit < *lowest)) {
            lowest = limit;
        }
    }
    return lowest ? std::optional(static_cast<int>(std::ceil(*lowest))) : std::nullopt;
}

int usableThreads()
{
    const int allowed = allowedProcessors();
    const std::optional<int> quota = processorQuota("/proc/self/cgroup", "/sys/fs/cgroup");
    return std::max(1, quota ? std::min(allowed, *quota) : allowed);
}

} // namespace dskd
