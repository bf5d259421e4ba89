// What commands say of time, disk and memory before and after runs, and how the queue is led.

#include "app/cli/command_line.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/queue_state.h"
#include "core/jobs/run_folder.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dskd::cli
{
namespace
{

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Estimates : public testing::Test
{
protected:
    Estimates()
    {
        demo = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
        demo.name = "measured";
        std::ofstream(file) << config::toText(demo);
    }
    int run(std::vector<std::string> words)
    {
        out.str("");
        err.str("");
        words.insert(words.end(), {"-w", folder / "w"});
        Console console{out, err};
        console.width = 120;
        console.tableWidth = 120;
        return runCommandLine(std::move(words), console);
    }
    nlohmann::json json() { return nlohmann::json::parse(out.str()); }
    // A finished run of the demo that took 10 minutes.
    std::string measuredRun()
    {
        const std::string id = jobs::createRun(workspace, demo).value();
        const RunLayout layout = workspace.layout().run(id);
        {
            auto writer = store::RunWriter::open(layout).value();
            writer->beginAttempt(std::nullopt).value();
            for (std::int64_t step = 1; step <= 600; ++step) {
                writer->addMetrics(step, step, {{"memory_bytes", step == 300 ? 400e6 : 200e6}});
            }
            writer->endAttempt(0, "Finished.").value();
        }
        const store::Database rows(layout.database(), store::Database::Access::ReadWrite);
        rows.execute("UPDATE attempts SET started = 1000, ended = 1600, seconds = 600;"
                     "UPDATE metrics SET time = 1000 + step");
        return id;
    }
    std::string queuedRun()
    {
        const std::string id = jobs::createRun(workspace, demo).value();
        (void)workspace.enqueue(id).value();
        return id;
    }

    test::EnvironmentVariable oneAtATime{"CUDA_VISIBLE_DEVICES", "-1"}; // whatever this machine has
    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    config::Experiment demo;
    std::string file = folder / "dual.json";
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(Estimates, StandBehindACheck)
{
    ASSERT_EQ(run({"check", file}), 0) << err.str();
    EXPECT_THAT(out.str(), AllOf(HasSubstr("Time: Not known yet"), HasSubstr("1 run, time not known yet")));
    measuredRun();
    ASSERT_EQ(run({"check", file}), 0);
    EXPECT_THAT(out.str(), AllOf(HasSubstr("Time: About 10 m 0 s, measured on \"measured\"."),
                                 HasSubstr("1 run, about 10 m 0 s (measured on \"measured\"), ")));
    ASSERT_EQ(run({"check", file, "--json"}), 0);
    EXPECT_NEAR(json()["estimate"]["seconds"].get<double>(), 600.0, 1.0);
    EXPECT_EQ(json()["estimate"]["measured_on"].dump(), R"(["measured"])");
    EXPECT_GT(json()["estimate"]["checkpoint_bytes"].get<double>(), 1e6);
}

TEST_F(Estimates, StandBehindAnExperimentThatIsSavedAndRun)
{
    measuredRun();
    ASSERT_EQ(run({"experiment", "save", "grid", file, "--grid", "method.distance=kl,rkl", "--seeds", "1-3"}), 0)
        << err.str();
    EXPECT_THAT(out.str(), HasSubstr("revision 1: 6 runs, about 1 h 0 m (measured on \"measured\", which differs in "
                                     "distance), "));
    ASSERT_EQ(run({"experiment", "run", "grid", "--queue", "--json"}), 0) << err.str();
    EXPECT_EQ(json()["estimate"]["runs"], 6);
    EXPECT_NEAR(json()["estimate"]["seconds"].get<double>(), 3600.0, 5.0);
    EXPECT_THAT(err.str(), HasSubstr("6 runs, about 1 h 0 m"));
    ASSERT_EQ(run({"queue", "list", "--json"}), 0);
    EXPECT_NEAR(json()[5]["seconds_left"].get<double>(), 3600.0, 5.0);
    ASSERT_EQ(run({"queue", "list"}), 0);
    EXPECT_THAT(out.str(), AllOf(HasSubstr("Ends about 20"), HasSubstr("about 1 h 0 m left"),
                                 HasSubstr("No runner works: \"dskd queue work\" starts them.")));
    ASSERT_EQ(run({"queue", "pause"}), 0);
    ASSERT_EQ(run({"queue", "list", "--json"}), 0);
    EXPECT_TRUE(json()[5]["seconds_left"].is_null()) << "nobody knows when it is continued";
    ASSERT_EQ(run({"queue", "list"}), 0);
    EXPECT_THAT(out.str(), AllOf(HasSubstr("The queue is paused; about 1 h 0 m of work waits (measured on "),
                                 Not(HasSubstr("Ends about")), Not(HasSubstr("left"))));
}

TEST_F(Estimates, ThePeakStandsBesideWhatWasEstimated)
{
    const std::string id = measuredRun();
    ASSERT_EQ(run({"show", id}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("Memory: At most 400 MB in use after a step, "));
    ASSERT_EQ(run({"show", id, "--json"}), 0);
    EXPECT_EQ(json()["peak_memory_bytes"], 400e6);
    const nlohmann::json estimate = json()["estimated_memory"];
    double sum = 0.0;
    for (const auto& [part, bytes] : estimate["parts"].items()) {
        sum += bytes.get<double>();
    }
    EXPECT_EQ(sum, estimate["bytes"].get<double>());
}

TEST_F(Estimates, TheQueueIsPausedContinuedAndReordered)
{
    const std::string first = queuedRun();
    const std::string second = queuedRun();
    ASSERT_EQ(run({"queue", "pause"}), 0);
    EXPECT_TRUE(jobs::queuePaused(workspace));
    ASSERT_EQ(run({"queue", "list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("The queue is paused"));
    ASSERT_EQ(run({"queue", "list", "--json"}), 0);
    EXPECT_EQ(json()[0]["paused"], true);
    ASSERT_EQ(run({"queue", "continue"}), 0);
    EXPECT_FALSE(jobs::queuePaused(workspace));
    ASSERT_EQ(run({"queue", "move", second, "1", "--json"}), 0) << err.str();
    EXPECT_EQ(json()["position"], 1);
    const auto queue = workspace.queue();
    ASSERT_EQ(queue.size(), 2u);
    EXPECT_EQ(queue[0].runId, second);
    EXPECT_EQ(queue[1].runId, first);
    ASSERT_EQ(run({"queue", "on-failure", "pause"}), 0);
    EXPECT_FALSE(jobs::continuesAfterFailure(workspace));
    ASSERT_EQ(run({"queue", "on-failure", "continue"}), 0);
    EXPECT_TRUE(jobs::continuesAfterFailure(workspace));
    EXPECT_EQ(run({"queue", "on-failure", "whatever"}), toInt(ExitCode::Usage));
}

} // namespace
} // namespace dskd::cli
