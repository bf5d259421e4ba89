#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dskd
{

// Which process, beyond doubt: a pid alone is reused by the system, pid + start time + boot is not.
struct ProcessIdentity {
    int pid = 0;
    std::uint64_t startTicks = 0; // field 22 of /proc/PID/stat
    std::string bootId;           // /proc/sys/kernel/random/boot_id
    std::string host;
};

enum class Liveness {
    Alive,
    Suspended, // alive, but held by SIGSTOP or a debugger
    Gone,      // no such process, another one took its pid, or the machine was restarted since
    Elsewhere, // it ran on another host, so nothing can be said from here
};

// The identity of a running process, or nothing when there is no such process. Any thread.
[[nodiscard]] std::optional<ProcessIdentity> identityOf(int pid);
[[nodiscard]] ProcessIdentity thisProcess();

// A zombie counts as gone: it will never do anything again.
[[nodiscard]] Liveness livenessOf(const ProcessIdentity& identity);

// Seconds since 1970, with microseconds.
[[nodiscard]] double unixTime();

} // namespace dskd
