#pragma once

#include <filesystem>
#include <optional>

namespace dskd
{

// How many threads this process can keep busy: the processors it may run on (a Slurm job gets a part of the machine),
// and no more than its control group allows (a container may have all processors but only a share of their time). At
// least 1. Any thread.
[[nodiscard]] int usableThreads();

// The processors whose time a control group (cgroup v2) may use, rounded up; none where there is no limit. The lowest
// limit of the group and of those above it counts.
//
//   selfCgroup   /proc/self/cgroup or a file like it; names the group in a line "0::/..."
//   root         /sys/fs/cgroup or a folder like it
[[nodiscard]] std::optional<int> processorQuota(const std::filesystem::path& selfCgroup,
                                                const std::filesystem::path& root);

} // namespace dskd
