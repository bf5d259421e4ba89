// A run that a person ends on a full disk is stopped, not crashed, though nothing new can be written.

#include "core/store/workspace_db.h"
#include "tests/faults/faulty_process.h"
#include "tests/worker/worker_process.h"

#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

namespace dskd::test
{
namespace
{

std::string statusOf(const std::string& workspace, const std::string& run)
{
    const Ended shown = runProgram("dskd", {"-w", workspace, "show", run, "--json"});
    EXPECT_EQ(shown.code, 0) << shown.output;
    return nlohmann::json::parse(shown.output).at("status").get<std::string>();
}

} // namespace

TEST(StopOnAFullDisk, IsNotedOverWhatIsThere)
{
    const WorkerFolder models;
    const TemporaryFolder root;
    const std::string workspace = (root / "workspace").string();
    ASSERT_TRUE(store::WorkspaceDb::create(workspace));
    const std::string config = (root / "experiment.json").string();
    std::ofstream(config) << models.experiment(100'000).dump(2);
    const Ended began = runProgram("dskd", {"-w", workspace, "run", config, "--detach", "--json"});
    ASSERT_EQ(began.code, 0) << began.output;
    const auto rows = store::WorkspaceDb::open(workspace).value().runs();
    ASSERT_EQ(rows.size(), 1U);
    const std::string run = rows.front().id;
    waitForStep(WorkspaceLayout{workspace}.run(run), 1);

    const Ended stopped = runWithFault("dskd", {"-w", workspace, "stop", "--now", run}, root.path(), {"full", 1});
    EXPECT_EQ(stopped.code, 0) << stopped.output;
    EXPECT_FALSE(stopped.calls.empty()) << "the disk was full for none of its calls";
    for (int tries = 0; tries < 100 && statusOf(workspace, run) == "running"; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(statusOf(workspace, run), "stopped");
}

} // namespace dskd::test
