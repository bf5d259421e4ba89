#pragma once

#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <gmock/gmock.h>
#include <thread>

namespace dskd::test
{

// A workspace whose runs are worked on by fake_worker. Kills what is left of the workers at the end.
class JobTest : public testing::Test
{
protected:
    ~JobTest() override
    {
        for (const auto& run : workspace.runs()) {
            if (!jobs::readStatus(layout(run.id)).pid) {
                continue; // also when a test played the worker itself and ended its attempt: that pid is ours
            }
            (void)jobs::killWorker(layout(run.id));
            waitUntil(run.id, [](const jobs::RunStatus& status) { return !status.pid; });
        }
    }

    static config::Experiment experiment(const std::string& name = {})
    {
        config::Experiment e;
        e.name = name;
        e.student.model = "/student";
        e.teacher.model = "/teacher";
        e.data.train = "/train.jsonl";
        return e;
    }
    // A new run; `orders` tell the fake worker what to do.
    std::string newRun(const std::string& orders) { return jobs::createRun(workspace, experiment(orders)).value(); }
    [[nodiscard]] RunLayout layout(const std::string& id) const { return workspace.layout().run(id); }
    static jobs::LaunchOptions fake() { return {test::program("fake_worker"), {}}; }
    int launch(const std::string& id) { return jobs::launchWorker(layout(id), fake()).value(); }

    // The status as soon as it fulfils the condition, or the last one after a long time.
    template <typename Condition>
    jobs::RunStatus waitUntil(const std::string& id, const Condition& condition)
    {
        constexpr int kTries = 3000; // 30 s: only a failing test waits that long
        jobs::RunStatus status = jobs::readStatus(workspace, id);
        for (int i = 0; i < kTries && !condition(status); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            status = jobs::readStatus(workspace, id);
        }
        return status;
    }
    jobs::RunStatus waitForEnd(const std::string& id)
    {
        return waitUntil(id, [](const jobs::RunStatus& status) { return !isAlive(status.status); });
    }
    jobs::RunStatus waitFor(const std::string& id, jobs::Status wanted)
    {
        return waitUntil(id, [&](const jobs::RunStatus& status) { return status.status == wanted; });
    }

    TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
};

} // namespace dskd::test
