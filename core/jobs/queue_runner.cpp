#include "core/jobs/queue_runner.h"

#include "core/jobs/queue_state.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace dskd::jobs
{
namespace
{

// The lock file of a workspace's queue; released when the process ends, however it ends.
class QueueLock
{
public:
    static Result<QueueLock> take(const std::filesystem::path& workspace)
    {
        const std::filesystem::path file = workspace / "queue.lock";
        QueueLock lock;
        lock.m_file = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (lock.m_file < 0) {
            return Failure{file.string() + " cannot be opened: " + std::strerror(errno) + ".", {}};
        }
        if (flock(lock.m_file, LOCK_EX | LOCK_NB) != 0) {
            return Failure{"Another queue runner already works in " + workspace.string() + ".",
                           "It starts the queued runs; there is nothing more to do."};
        }
        return lock;
    }
    QueueLock(QueueLock&& other) noexcept : m_file(std::exchange(other.m_file, -1)) {}
    QueueLock& operator=(QueueLock&&) = delete;
    ~QueueLock()
    {
        if (m_file >= 0) {
            close(m_file);
        }
    }

private:
    QueueLock() = default;
    int m_file = -1;
};

class Runner
{
public:
    Runner(store::WorkspaceDb& workspace, const QueueOptions& options, QueueObserver& observer)
        : m_workspace(workspace), m_options(options), m_observer(observer), m_running(options.slots.size())
    {
    }

    QueueSummary work()
    {
        adopt();
        for (;;) {
            lookAfter();
            if (stopped()) {
                break;
            }
            fill();
            if (idle()) {
                break;
            }
            std::this_thread::sleep_for(m_options.poll);
        }
        return std::move(m_summary);
    }

private:
    [[nodiscard]] bool stopped() const { return m_options.stop != nullptr && *m_options.stop; }
    [[nodiscard]] bool idle() const
    {
        for (const std::string& run : m_running) {
            if (!run.empty()) {
                return false;
            }
        }
        return true;
    }

    // What an earlier runner left behind: living workers keep a slot; runs that never started, or whose worker died
    // or was stopped while nobody looked, go back to be started or resumed; the others are over.
    void adopt()
    {
        std::vector<std::string> back;
        for (const store::QueueRow& row : m_workspace.queue()) {
            if (row.state != store::QueueState::Running) {
                continue;
            }
            const RunStatus status = readStatus(m_workspace.layout().run(row.runId));
            const bool interrupted =
                status.resumable && (status.status == Status::Crashed || status.status == Status::Stopped);
            if (status.status == Status::Created || interrupted) {
                back.push_back(row.runId);
                continue;
            }
            std::size_t slot = 0;
            while (slot < m_running.size() && !m_running[slot].empty()) {
                ++slot;
            }
            if (slot == m_running.size()) {
                m_running.emplace_back(); // more living workers than slots: an extra place until it ends
            }
            m_running[slot] = row.runId;
        }
        std::reverse(back.begin(), back.end()); // each goes first in line
        for (const std::string& run : back) {
            m_workspace.putBack(run);
        }
    }

    void lookAfter()
    {
        for (std::string& run : m_running) {
            if (run.empty()) {
                continue;
            }
            const RunStatus status = readStatus(m_workspace.layout().run(run));
            if (isAlive(status.status)) {
                m_observer.onProgress(run, status);
            } else {
                finish(run, status);
                run.clear();
            }
        }
    }

    void fill()
    {
        for (std::size_t slot = 0; slot < m_options.slots.size(); ++slot) {
            while (m_running[slot].empty() && m_running.size() <= m_options.slots.size() + extraIdle()) {
                if (queuePaused(m_workspace)) {
                    return;
                }
                const std::optional<std::string> next = m_workspace.takeNext();
                if (!next) {
                    return;
                }
                start(*next, slot);
            }
        }
    }

    // Extra places whose adopted run has ended.
    [[nodiscard]] std::size_t extraIdle() const
    {
        std::size_t count = 0;
        for (std::size_t slot = m_options.slots.size(); slot < m_running.size(); ++slot) {
            count += m_running[slot].empty() ? 1 : 0;
        }
        return count;
    }

    void start(const std::string& run, std::size_t slot)
    {
        const RunLayout layout = m_workspace.layout().run(run);
        const RunStatus before = readStatus(layout);
        if (before.status == Status::Done) { // starting it again would begin by throwing its results away
            finish(run, before);
            return;
        }
        if (isAlive(before.status)) { // someone started it by hand while it waited
            m_running[slot] = run;
            m_observer.onStarted(run, m_options.slots[slot], before.pid.value_or(0));
            return;
        }
        LaunchOptions launch = m_options.launch;
        launch.environment.insert(m_options.slots[slot].environment.begin(), m_options.slots[slot].environment.end());
        launch.workers = static_cast<int>(std::min(m_options.slots.size(), m_workspace.queue().size()));
        const Result<int> pid = launchWorker(layout, launch);
        if (pid) {
            m_running[slot] = run;
            m_observer.onStarted(run, m_options.slots[slot], *pid);
            return;
        }
        RunStatus refused = before;
        refused.status = Status::Failed;
        refused.sentence = pid.failure().what;
        refused.failure = JobFailure{pid.failure().what, pid.failure().hint, {}};
        finish(run, refused);
    }

    void finish(const std::string& run, const RunStatus& status)
    {
        const bool failed = status.status != Status::Done && status.status != Status::Stopped;
        if (failed && !continuesAfterFailure(m_workspace)) {
            setQueuePaused(m_workspace, true); // first: a runner that is killed between the two leaves it paused
        }
        m_workspace.dequeue(run);
        (status.status == Status::Done ? m_summary.finished : m_summary.failed).push_back(run);
        m_observer.onFinished(run, status);
    }

    store::WorkspaceDb& m_workspace;
    const QueueOptions& m_options;
    QueueObserver& m_observer;
    std::vector<std::string> m_running; // per slot, the run in it or empty
    QueueSummary m_summary;
};

} // namespace

std::vector<Slot> localSlots()
{
    std::vector<Slot> slots;
    const auto add = [&](const std::string& device) {
        slots.push_back({"cuda:" + std::to_string(slots.size()), {{"CUDA_VISIBLE_DEVICES", device}}});
    };
    if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) {
        std::istringstream devices(visible);
        for (std::string device; std::getline(devices, device, ',');) {
            if (!device.empty() && device != "-1") {
                add(device);
            }
        }
    } else {
        std::error_code error;
        std::filesystem::directory_iterator gpus("/proc/driver/nvidia/gpus", error);
        for (int number = 0; !error && gpus != std::filesystem::directory_iterator(); gpus.increment(error)) {
            add(std::to_string(number++));
        }
    }
    if (slots.empty()) {
        slots.push_back({"cpu", {}});
    }
    return slots;
}

Result<QueueSummary> runQueue(const std::filesystem::path& root, const QueueOptions& options, QueueObserver& observer)
{
    try {
        Result<store::WorkspaceDb> workspace = store::WorkspaceDb::open(root);
        if (!workspace) {
            return workspace.failure();
        }
        const Result<QueueLock> lock = QueueLock::take(workspace->layout().root);
        if (!lock) {
            return lock.failure();
        }
        return Runner(*workspace, options, observer).work();
    } catch (const Error& error) {
        return error.failure();
    }
}

} // namespace dskd::jobs
