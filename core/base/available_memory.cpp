#include "core/base/available_memory.h"

#include <fstream>
#include <string>

namespace dskd
{

std::uint64_t availableMemory()
{
    std::ifstream file("/proc/meminfo");
    for (std::string word; file >> word;) {
        if (word == "MemAvailable:") {
            std::uint64_t kilobytes = 0;
            file >> kilobytes;
            return kilobytes * 1024;
        }
    }
    return 0;
}

} // namespace dskd
