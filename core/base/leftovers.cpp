#include "core/base/leftovers.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <sys/types.h>
#include <system_error>
#include <vector>

namespace dskd
{

void removeLeftovers(const std::filesystem::path& folder, const std::string& prefix, Leftovers kind)
{
    namespace fs = std::filesystem;
    std::vector<fs::path> leftovers; // listed first: a folder must not change while it is walked
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
        const std::string name = entry->path().filename().string();
        std::error_code unknown;
        const fs::file_type type = entry->symlink_status(unknown).type();
        const bool fits = type == (kind == Leftovers::Files ? fs::file_type::regular : fs::file_type::directory);
        if (!fits || !name.starts_with(prefix)) {
            continue;
        }
        pid_t process = 0;
        const char* const last = name.data() + name.size();
        const auto [stop, error] = std::from_chars(name.data() + prefix.size(), last, process);
        if (error == std::errc() && (stop == last || *stop == '-') && process > 0 && ::kill(process, 0) != 0 &&
            errno == ESRCH) {
            leftovers.push_back(entry->path());
        }
    }
    for (const fs::path& leftover : leftovers) {
        fs::remove_all(leftover, ignored);
    }
}

} // namespace dskd
