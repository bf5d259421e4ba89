#pragma once

#include "core/base/result.h"
#include "core/jobs/launch.h"
#include "core/jobs/status.h"
#include "core/store/workspace_db.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dskd::jobs
{

// Where one run at a time can go: a GPU or the CPU.
struct Slot {
    std::string name;                               // "cpu", "cuda:0"
    std::map<std::string, std::string> environment; // {"CUDA_VISIBLE_DEVICES", "0"}
};

// A slot per GPU of this machine, or one for the CPU when there is none.
[[nodiscard]] std::vector<Slot> localSlots();

// What a queue runner reports: called from the thread that called runQueue.
class QueueObserver
{
public:
    virtual ~QueueObserver() = default;
    virtual void onStarted(const std::string& runId, const Slot& slot, int pid) = 0;
    // About every `QueueOptions::poll` for every running run.
    virtual void onProgress(const std::string& runId, const RunStatus& status) = 0;
    virtual void onFinished(const std::string& runId, const RunStatus& status) = 0;
};

struct QueueOptions {
    std::vector<Slot> slots = localSlots();
    LaunchOptions launch;
    std::chrono::milliseconds poll{250};
    const std::atomic<bool>* stop = nullptr; // when true: start nothing more; running workers go on by themselves
};

struct QueueSummary {
    std::vector<std::string> finished; // ended as Done
    std::vector<std::string> failed;   // ended as anything else, or could not be started
};

// Starts the queued runs of the workspace in order, one per slot, until the queue is empty, or paused and nothing runs.
// A failing run does not stop the others, unless the queue is to pause then (queue_state.h). Runs that an earlier
// runner left running are adopted. Only one runner works per workspace (lock file queue.lock): a second one gets a
// Failure.
Result<QueueSummary> runQueue(const std::filesystem::path& workspace, const QueueOptions& options,
                              QueueObserver& observer);

} // namespace dskd::jobs
