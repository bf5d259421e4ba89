#include "core/base/processor_name.h"

#include <fstream>

namespace dskd
{

std::string processorName(const std::filesystem::path& cpuinfo)
{
    constexpr const char* kBlanks = " \t";
    std::ifstream file(cpuinfo);
    for (std::string line; std::getline(file, line);) { // "model name\t: AMD EPYC 7763"
        const auto colon = line.find(':');
        if (colon == std::string::npos || !line.starts_with("model name")) {
            continue;
        }
        const auto begin = line.find_first_not_of(kBlanks, colon + 1);
        if (begin != std::string::npos) {
            return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
        }
    }
    return "unknown processor";
}

} // namespace dskd
