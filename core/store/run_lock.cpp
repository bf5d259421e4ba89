#include "core/store/run_lock.h"

#include "core/base/descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace dskd::store
{

std::optional<RunLock> RunLock::take(const RunLayout& run, std::chrono::milliseconds patience)
{
    constexpr std::chrono::milliseconds kPause{20};
    RunLock lock(open(run.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    const auto end = std::chrono::steady_clock::now() + patience;
    while (lock.m_file >= 0 && flock(lock.m_file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        if (std::chrono::steady_clock::now() >= end) {
            return std::nullopt;
        }
        std::this_thread::sleep_for(kPause);
    }
    return lock;
}

bool RunLock::isHeld(const RunLayout& run)
{
    const Descriptor file(open(run.lock().c_str(), O_RDONLY | O_CLOEXEC));
    return !file.isOpen() || flock(file.number(), LOCK_SH | LOCK_NB) != 0;
}

RunLock::RunLock(RunLock&& other) noexcept : m_file(std::exchange(other.m_file, -1)) {}

RunLock::~RunLock()
{
    if (m_file >= 0) {
        close(m_file);
    }
}

} // namespace dskd::store
