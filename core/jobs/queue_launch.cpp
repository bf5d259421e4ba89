#include "core/jobs/queue_launch.h"

#include "core/base/descriptor.h"
#include "core/jobs/spawn.h"

#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

namespace dskd::jobs
{

bool queueRunnerWorks(const std::filesystem::path& workspace)
{
    // let go at once; a shared lock, so that two who ask do not take each other for a runner
    const Descriptor lock(open((workspace / "queue.lock").c_str(), O_RDONLY | O_CLOEXEC));
    return lock.number() >= 0 && flock(lock.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Result<int> launchQueueRunner(const std::filesystem::path& relative)
{
    const std::filesystem::path workspace = std::filesystem::absolute(relative).lexically_normal();
    if (queueRunnerWorks(workspace)) {
        // It may have found the queue empty just before our entry and be on its way out.
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        if (queueRunnerWorks(workspace)) {
            return 0;
        }
    }
    const Result<std::filesystem::path> dskd =
        findProgram("dskd", "DSKD", "Name it in the environment variable DSKD, or run `dskd queue work` by hand.");
    if (!dskd) {
        return dskd.failure();
    }
    DetachedProgram program;
    program.words = {dskd->string(), "queue", "work", "-w", workspace.string()};
    program.folder = workspace;
    program.log = workspace / "queue.log";
    return spawnDetached(program);
}

} // namespace dskd::jobs
