#include "core/train/job/memory.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <fstream>
#include <unistd.h>

namespace dskd::train
{

std::int64_t memoryInUse(at::Device device)
{
    if (!device.is_cpu()) {
        const auto stats =
            c10::getDeviceAllocator(device.type())->getDeviceStats(device.index() < 0 ? 0 : device.index());
        return stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)].current;
    }
    std::ifstream statm("/proc/self/statm"); // pages: total, resident, ...
    std::int64_t total = 0;
    std::int64_t resident = 0;
    statm >> total >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

} // namespace dskd::train
