#include "app/cli/machine.h"

#include "core/base/available_memory.h"
#include "core/base/processor_name.h"
#include "core/base/usable_threads.h"

#include <fstream>
#include <sys/utsname.h>

namespace dskd::cli
{

namespace
{

// The text after `key` and its separator in the first line of `file` that begins with it.
std::string lineValue(const char* file, const std::string& key, char separator)
{
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind(key, 0) != 0) {
            continue;
        }
        const auto at = line.find(separator);
        const auto begin = at == std::string::npos ? at : line.find_first_not_of(" \t\"", at + 1);
        if (begin != std::string::npos) {
            const auto end = line.find_last_not_of(" \t\"");
            return line.substr(begin, end - begin + 1);
        }
    }
    return {};
}

std::uint64_t kibibytes(const std::string& text)
{
    try {
        return text.empty() ? 0 : std::stoull(text) * 1024;
    } catch (const std::exception&) {
        return 0;
    }
}

// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun …" -> "580.65.06"
std::optional<std::string> nvidiaDriver()
{
    const std::string line = lineValue("/proc/driver/nvidia/version", "NVRM version", ':');
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] >= '0' && line[i] <= '9' && i > 0 && line[i - 1] == ' ') {
            const std::string number = line.substr(i, line.find(' ', i) - i);
            if (number.find_first_not_of("0123456789.") == std::string::npos && number.find('.') != std::string::npos) {
                return number;
            }
        }
    }
    return std::nullopt;
}

} // namespace

Machine readMachine()
{
    Machine machine;
    machine.system = lineValue("/etc/os-release", "PRETTY_NAME", '=');
    utsname names{};
    if (uname(&names) == 0) {
        machine.kernel = names.release;
    }
    machine.cpu = processorName();
    machine.threads = usableThreads();
    machine.memory = kibibytes(lineValue("/proc/meminfo", "MemTotal", ':'));
    machine.memoryAvailable = availableMemory();
    machine.gpuDriver = nvidiaDriver();
    return machine;
}

std::optional<DiskSpace> diskSpace(const std::filesystem::path& folder)
{
    std::error_code error;
    auto place = std::filesystem::absolute(folder, error);
    while (!place.empty() && !std::filesystem::exists(place, error) && place != place.root_path()) {
        place = place.parent_path();
    }
    const auto space = std::filesystem::space(place, error);
    if (error) {
        return std::nullopt;
    }
    return DiskSpace{space.available, space.capacity};
}

} // namespace dskd::cli
