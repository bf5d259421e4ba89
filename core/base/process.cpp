#include "core/base/process.h"

#include <chrono>
#include <climits>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>

namespace dskd
{
namespace
{

// The same as long as this process lives, and asked for every run of a list.
const std::string& bootId()
{
    static const std::string known = [] {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        std::string id;
        std::getline(file, id);
        return id;
    }();
    return known;
}

std::string hostName()
{
    char name[HOST_NAME_MAX + 1] = {};
    return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

struct ProcStat {
    char state = 0;
    std::uint64_t startTicks = 0;
};

std::optional<ProcStat> readProcStat(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
    const auto nameEnd = line.rfind(')');
    if (nameEnd == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream rest(line.substr(nameEnd + 1));
    ProcStat stat;
    rest >> stat.state;
    constexpr int kFirstAfterState = 4;
    constexpr int kStartTime = 22;
    std::string skipped;
    for (int field = kFirstAfterState; field < kStartTime; ++field) {
        rest >> skipped;
    }
    rest >> stat.startTicks;
    return rest ? std::optional(stat) : std::nullopt;
}

} // namespace

std::optional<ProcessIdentity> identityOf(int pid)
{
    const auto stat = readProcStat(pid);
    if (!stat) {
        return std::nullopt;
    }
    return ProcessIdentity{pid, stat->startTicks, bootId(), hostName()};
}

ProcessIdentity thisProcess()
{
    return identityOf(getpid()).value_or(ProcessIdentity{getpid(), 0, bootId(), hostName()});
}

Liveness livenessOf(const ProcessIdentity& identity)
{
    // The boot id tells machines apart even when they share a host name, but it also changes when one is restarted.
    if (identity.host != hostName()) {
        return Liveness::Elsewhere;
    }
    if (identity.bootId != bootId()) {
        return Liveness::Gone;
    }
    const auto stat = readProcStat(identity.pid);
    if (!stat || stat->startTicks != identity.startTicks || stat->state == 'Z' || stat->state == 'X') {
        return Liveness::Gone;
    }
    return stat->state == 'T' || stat->state == 't' ? Liveness::Suspended : Liveness::Alive;
}

double unixTime()
{
    using namespace std::chrono;
    return static_cast<double>(duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()) * 1e-6;
}

} // namespace dskd
