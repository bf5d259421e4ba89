// A worker that is killed, or meets a full disk or a failing call, at the N-th call that changes a file: afterwards the
// run can be shown, and resumed it ends with the metrics and the student of a run that nothing happened to.

#include "core/store/run_reader.h"
#include "tests/faults/faulty_process.h"
#include "tests/faults/run_outcome.h"
#include "tests/worker/worker_process.h"

#include <csignal>
#include <gtest/gtest.h>
#include <memory>

namespace dskd::test
{
namespace
{

namespace fs = std::filesystem;

struct Case {
    const char* journal; // DSKD_JOURNAL
    const char* kind;    // of the fault
};

class WorkerFaults : public testing::TestWithParam<Case>
{
protected:
    static constexpr int kSteps = 4;

    static void SetUpTestSuite() { folder = std::make_unique<WorkerFolder>(); }
    static void TearDownTestSuite() { folder.reset(); }

    [[nodiscard]] RunLayout makeRun(const std::string& name) const
    {
        nlohmann::json config = folder->experiment(kSteps);
        config["checkpoint"] = {{"every", 2}, {"keep", 1}}; // so that one is written while another is, and one pruned
        config["validation"]["every"] = 2;
        config["log"] = {{"probe_every", 2}, {"probe_samples", 1}};
        return folder->makeRun(name, config);
    }
    [[nodiscard]] Ended work(const RunLayout& run, const Fault& fault) const
    {
        return runWithFault("dskd-worker", {run.root.string()}, run.root, fault,
                            {{"DSKD_JOURNAL", GetParam().journal}});
    }

    static std::unique_ptr<WorkerFolder> folder;
};
std::unique_ptr<WorkerFolder> WorkerFaults::folder;

} // namespace

TEST_P(WorkerFaults, TheRunResumesToTheSameEndFromEveryPoint)
{
    // of its own for each case: a run that is there already would go on from its end
    const RunLayout undisturbed = makeRun(std::string("undisturbed-") + GetParam().kind + "-" + GetParam().journal);
    const Ended counted = work(undisturbed, {"count", 0});
    ASSERT_EQ(counted.code, 0) << counted.output;
    const Outcome expected = outcomeOf(undisturbed, kSteps);
    ASSERT_FALSE(expected.student.empty());
    ASSERT_EQ(expected.series.at("loss").size(), static_cast<std::size_t>(kSteps));
    ASSERT_GT(counted.calls.size(), 400U); // of a run from its first step

    const std::vector<long> points = faultPoints(counted.calls.size(), 4);
    std::size_t reached = 0;
    for (const long at : points) {
        const RunLayout run = makeRun("run-" + std::to_string(at));
        const Ended ended = work(run, {GetParam().kind, at});
        SCOPED_TRACE("call " + std::to_string(at) + " of about " + std::to_string(counted.calls.size()) + " (" +
                     (ended.calls.size() >= static_cast<std::size_t>(at) ? ended.calls[static_cast<std::size_t>(at) - 1]
                                                                         : "not reached") +
                     "): " + ended.output);
        if (ended.code != 0 && ended.code != -SIGKILL) {
            EXPECT_FALSE(ended.output.empty()) << "the reason of exit code " << ended.code;
        }
        const auto reader = store::RunReader::open(run);
        EXPECT_TRUE(reader) << reader.failure().text();
        reached += ended.calls.size() >= static_cast<std::size_t>(at) ? 1 : 0;
        const Ended resumed = work(run, {"count", 0}); // in the same journal mode
        ASSERT_EQ(resumed.code, 0) << resumed.output;
        const Outcome outcome = outcomeOf(run, kSteps);
        EXPECT_EQ(outcome.series, expected.series);
        EXPECT_EQ(outcome.checkpoints, expected.checkpoints);
        EXPECT_TRUE(outcome.student == expected.student) << "other weights";
        fs::remove_all(run.root);
    }
    countPoints(std::string("worker, ") + GetParam().kind + ", journal " + GetParam().journal, reached);
}

INSTANTIATE_TEST_SUITE_P(Journals, WorkerFaults,
                         testing::Values(Case{"wal", "kill"}, Case{"rollback", "kill"}, Case{"wal", "full"},
                                         Case{"rollback", "full"}, Case{"wal", "error"}, Case{"rollback", "error"}),
                         [](const auto& tried) { return std::string(tried.param.kind) + "_" + tried.param.journal; });

} // namespace dskd::test
