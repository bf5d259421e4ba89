// Workers of every kind of method killed at moments spread over their whole time: whatever they were doing, the run
// resumes to the metrics and the student of a run that nothing happened to.

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "tests/faults/faulty_process.h"
#include "tests/faults/run_outcome.h"
#include "tests/worker/worker_process.h"

#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <thread>

namespace dskd::test
{
namespace
{

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kSteps = 4;
constexpr std::size_t kKills = 20; // of a kind of method, shared by its methods

struct Undisturbed {
    Outcome outcome;
    Clock::duration took{};
};

class KillCampaign : public testing::TestWithParam<config::MethodKind>
{
protected:
    static void SetUpTestSuite() { folder = std::make_unique<WorkerFolder>(); }
    static void TearDownTestSuite() { folder.reset(); }

    static RunLayout makeRun(const std::string& name, const config::NamedMethod& method)
    {
        nlohmann::json base = folder->experiment(kSteps);
        if (method.kind == config::MethodKind::AcrossTokenizers) {
            base["teacher"]["model"] = folder->llama();
        }
        base["checkpoint"] = {{"every", 2}, {"keep", 1}};
        base["validation"] = {{"every", 2}, {"max_new_tokens", 8}};
        config::Experiment experiment = config::parseExperiment(base.dump(), folder->root()).value();
        config::applyMethod(experiment, method);
        return folder->makeRun(name, config::toJson(experiment));
    }
    static Undisturbed undisturbed(const config::NamedMethod& method)
    {
        const RunLayout run = makeRun("undisturbed", method);
        const auto begin = Clock::now();
        const Ended ended = runProgram("dskd-worker", {run.root.string()});
        Undisturbed result;
        result.took = Clock::now() - begin;
        EXPECT_EQ(ended.code, 0) << ended.output;
        result.outcome = outcomeOf(run, kSteps);
        fs::remove_all(run.root);
        return result;
    }

    static std::unique_ptr<WorkerFolder> folder;
};
std::unique_ptr<WorkerFolder> KillCampaign::folder;

} // namespace

TEST_P(KillCampaign, LosesNothing)
{
    std::vector<const config::NamedMethod*> methods;
    for (const config::NamedMethod& method : config::namedMethods()) {
        if (method.kind == GetParam()) {
            methods.push_back(&method);
        }
    }
    std::map<std::string_view, Undisturbed> expected;
    const std::vector<long> kills = faultPoints(kKills, 1);
    std::size_t landed = 0; // while the worker lived
    for (const long kill : kills) {
        const config::NamedMethod& method = *methods[static_cast<std::size_t>(kill) % methods.size()];
        if (!expected.contains(method.id)) {
            expected[method.id] = undisturbed(method);
            ASSERT_FALSE(expected[method.id].outcome.student.empty()) << method.id;
        }
        const RunLayout run = makeRun("killed", method);
        WorkerProcess worker(run);
        // every 21st part of the whole time once, the first kill near its middle
        std::this_thread::sleep_for(expected[method.id].took * (kill * 8 % (static_cast<long>(kKills) + 1)) /
                                    (static_cast<long>(kKills) + 1));
        worker.signal(SIGKILL);
        landed += worker.wait() == -SIGKILL ? 1 : 0;
        const Ended resumed = runProgram("dskd-worker", {run.root.string()});
        ASSERT_EQ(resumed.code, 0) << method.id << ", kill " << kill << ": " << resumed.output;
        EXPECT_TRUE(outcomeOf(run, kSteps) == expected[method.id].outcome) << method.id << ", kill " << kill;
        fs::remove_all(run.root);
    }
    EXPECT_GE(2 * landed, kills.size()) << "most came too late, so that they tried nothing";
    countPoints("killed, " + std::string(config::title(GetParam())), landed);
}

INSTANTIATE_TEST_SUITE_P(Methods, KillCampaign,
                         testing::Values(config::MethodKind::DualSpace, config::MethodKind::AcrossTokenizers,
                                         config::MethodKind::OwnAnswers, config::MethodKind::Baseline),
                         [](const auto& tried) { return std::to_string(static_cast<int>(tried.param)); });

} // namespace dskd::test
