// The outcomes of runs in a workspace.

#include "core/base/atomic_file.h"
#include "core/jobs/compare.h"
#include "core/metrics/metric_table.h"
#include "core/preflight/run_inputs.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "tests/support/job_fixture.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;

class Compare : public test::JobTest
{
protected:
    std::string finishedRun(config::Space space, std::uint64_t seed, std::vector<double> losses, double rouge)
    {
        config::Experiment e = experiment();
        e.method.space = space;
        e.seed = seed;
        e.log.probeEvery = static_cast<std::int64_t>(seed); // must not split the group
        const std::string id = createRun(workspace, e).value();
        const auto writer = store::RunWriter::open(layout(id)).value();
        EXPECT_TRUE(writer->beginAttempt(std::nullopt));
        std::int64_t step = 0;
        for (const double loss : losses) {
            ++step;
            writer->addMetrics(step, step, {{"validation.loss", loss}, {"loss", loss + 1}});
        }
        writer->addMetrics(step, step, {{"validation.rouge_l", rouge}});
        writer->addMetrics(step + 1, step, {{"validation.rouge_l", rouge / 2}});
        EXPECT_TRUE(writer->endAttempt(0, ""));
        return id;
    }
};

TEST_F(Compare, GroupsSeedsAndNamesWhatDiffers)
{
    const std::string a = finishedRun(config::Space::Dual, 10, {3.0, 2.0, 2.5}, 0.25);
    const std::string b = finishedRun(config::Space::Student, 10, {3.0, NAN}, 0.5);
    const std::string c = finishedRun(config::Space::Dual, 20, {4.0}, 0.75);
    const Comparison comparison = compareRuns(workspace, {a, b, c}).value();
    EXPECT_THAT(comparison.differingFields, ElementsAre("method.space"));
    EXPECT_THAT(comparison.metrics, ElementsAre("loss.last", "seconds", "validation.loss.best", "validation.loss.last",
                                                "validation.rouge_l.best", "validation.rouge_l.last"));
    ASSERT_EQ(comparison.groups.size(), 2u);
    const OutcomeGroup& dual = comparison.groups[0];
    EXPECT_EQ(dual.label, "dskd") << "the name that createRun gives";
    ASSERT_EQ(dual.runs.size(), 2u);
    EXPECT_EQ(dual.runs[1].seed, 20u);
    EXPECT_EQ(dual.runs[0].status, Status::Done);
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.best").mean, 3.0); // 2 and 4
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.best").deviation, std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.last").mean, 3.25); // 2.5 and 4
    EXPECT_DOUBLE_EQ(dual.values.at("validation.rouge_l.best").mean, 0.5) << "the higher the better: 0.25 and 0.75";
    const OutcomeGroup& student = comparison.groups[1];
    EXPECT_EQ(student.label, "dskd-student");
    EXPECT_EQ(student.values.at("validation.loss.best").mean, 3.0) << "NaN is never the best";
    EXPECT_TRUE(std::isnan(student.values.at("validation.loss.last").mean)) << "and never hidden";
}

TEST_F(Compare, ReadsTheLastLossOfAStepToo)
{
    const std::string run = newRun("");
    const auto writer = store::RunWriter::open(layout(run)).value();
    ASSERT_TRUE(writer->beginAttempt(std::nullopt));
    writer->addMetrics(1, 1, {{"loss", 4.0}, {"nll_loss", 3.0}});
    writer->addMetrics(2, 2, {{"loss", 2.0}, {"nll_loss", 1.5}, {"of_a_later_version", 7.0}});
    ASSERT_TRUE(writer->endAttempt(0, ""));
    const RunOutcome outcome = readOutcome(workspace, run).value();
    EXPECT_EQ(outcome.values.at("loss.last"), 2.0);
    EXPECT_EQ(outcome.values.at("nll_loss.last"), 1.5);
    EXPECT_EQ(outcome.values.at("of_a_later_version.last"), 7.0) << "a metric without a row is shown by its name";
}

TEST_F(Compare, DescribesAnEvaluationByTheRunThatTrainedItsModel)
{
    const auto evaluation = [&](const std::string& trained, double rouge) {
        config::Experiment e = runConfig(layout(trained)).value();
        e.job = config::JobKind::Evaluate;
        e.name = "eval " + e.name;
        e.student.model = layout(trained).checkpoint(3).string();
        std::filesystem::create_directories(e.student.model);
        e.teacher = {};
        e.method = {};
        e.method.objective = config::Objective::Sft;
        e.evaluate.data = "/test.jsonl";
        const std::string id = createRun(workspace, e).value();
        const auto writer = store::RunWriter::open(layout(id)).value();
        EXPECT_TRUE(writer->beginAttempt(std::nullopt));
        writer->addMetrics(0, 1, {{"validation.rouge_l", rouge}});
        EXPECT_TRUE(writer->endAttempt(0, ""));
        return id;
    };
    const std::string a = finishedRun(config::Space::Dual, 10, {3.0}, 0.25);
    const std::string b = finishedRun(config::Space::Dual, 20, {3.0}, 0.25);
    const std::string c = finishedRun(config::Space::Student, 10, {3.0}, 0.25);
    const Comparison comparison =
        compareRuns(workspace, {evaluation(a, 0.2), evaluation(b, 0.4), evaluation(c, 0.1)}).value();
    EXPECT_THAT(comparison.differingFields, ElementsAre("method.space"));
    ASSERT_EQ(comparison.groups.size(), 2u);
    EXPECT_DOUBLE_EQ(comparison.groups[0].values.at("validation.rouge_l.best").mean, 0.3);
    const Comparison both = compareRuns(workspace, {a, evaluation(a, 0.2)}).value();
    ASSERT_EQ(both.groups.size(), 2u);
    EXPECT_NE(comparableKey(both.groups[0], "validation.loss"), comparableKey(both.groups[1], "validation.loss"))
        << "validation and evaluation data differ";
}

TEST_F(Compare, LeavesOutWhatCannotBeReadAndNamesIt)
{
    const std::string good = finishedRun(config::Space::Dual, 10, {3.0}, 0.25);
    const std::string gone = finishedRun(config::Space::Dual, 20, {3.0}, 0.25);
    const std::string unconfigured = finishedRun(config::Space::Dual, 30, {3.0}, 0.25);
    const std::string damaged = finishedRun(config::Space::Dual, 40, {3.0}, 0.25);
    std::filesystem::remove_all(layout(gone).root);
    ASSERT_TRUE(writeFileAtomically(layout(unconfigured).config(), "{ no json"));
    ASSERT_TRUE(writeFileAtomically(layout(damaged).database(), std::string(4096, 'x')));
    const Comparison comparison = compareRuns(workspace, {gone, good, unconfigured, damaged}).value();
    ASSERT_EQ(comparison.groups.size(), 1u);
    ASSERT_EQ(comparison.groups[0].runs.size(), 1u);
    EXPECT_EQ(comparison.groups[0].runs[0].runId, good);
    ASSERT_EQ(comparison.leftOut.size(), 3u);
    EXPECT_EQ(comparison.leftOut[0].runId, gone);
    EXPECT_THAT(comparison.leftOut[0].why.what, testing::HasSubstr(layout(gone).root.string()));
    EXPECT_EQ(comparison.leftOut[1].runId, unconfigured);
    EXPECT_EQ(comparison.leftOut[2].runId, damaged);
    EXPECT_THAT(comparison.leftOut[2].why.what, testing::HasSubstr("run.db"));
    EXPECT_FALSE(compareRuns(workspace, {gone})) << "nothing is left";
}

TEST_F(Compare, SumsTheSecondsOfAllAttemptsByAClockThatNobodySets)
{
    const std::string id = createRun(workspace, experiment()).value();
    {
        const auto writer = store::RunWriter::open(layout(id)).value();
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        ASSERT_TRUE(writer->endAttempt(10, "Stopped."));
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        ASSERT_TRUE(writer->endAttempt(0, "Finished."));
    }
    { // the system's clock was set forward by two hours within the first attempt, and back within the second
        const store::Database other(layout(id).database(), store::Database::Access::ReadWrite);
        other.execute("UPDATE attempts SET ended = ended + 7200, seconds = 1.5 WHERE id = 1");
        other.execute("UPDATE attempts SET ended = ended - 7200, seconds = 2.25 WHERE id = 2");
    }
    EXPECT_DOUBLE_EQ(readOutcome(workspace, id).value().values.at(std::string(metrics::kSeconds)), 3.75);
}

TEST_F(Compare, NamesDataCodeAndDeviceWhereTheyDiffer)
{
    const auto made = [&](std::uint64_t seed, const std::string& hash, const std::string& version,
                          const std::string& device) {
        const std::string id = finishedRun(config::Space::Dual, seed, {3.0}, 0.25);
        preflight::RunInputs inputs;
        inputs.files = {{"data.train", "/train.jsonl", 100, hash}, {"student.model", "/m", 7, "whole:" + device}};
        EXPECT_TRUE(preflight::writeInputs(layout(id), inputs));
        const auto writer = store::RunWriter::open(layout(id)).value();
        EXPECT_TRUE(writer->setInfo("version", version));
        EXPECT_TRUE(writer->setInfo("libtorch", "2.1"));
        EXPECT_TRUE(writer->setInfo("device", device + "."));
        return id;
    };
    const std::string first = made(1, "whole:aa", "1.0", "CPU, 2 threads, float32");
    const std::string same = made(2, "whole:aa", "1.0", "CPU, 2 threads, float32");
    EXPECT_THAT(compareRuns(workspace, {first, same}).value().differingFacts, testing::IsEmpty());
    const std::string other = made(3, "whole:bb", "1.1", "cuda:0, float32");
    const Comparison comparison = compareRuns(workspace, {first, other}).value();
    EXPECT_EQ(comparison.groups.size(), 1U);
    EXPECT_THAT(comparison.differingFacts, ElementsAre("data.hash", "code.version", "device"));
    const auto& facts = comparison.groups[0].runs[1].facts;
    EXPECT_EQ(facts.at("code.version"), "1.1, LibTorch 2.1");
    EXPECT_EQ(facts.at("device"), "cuda:0, float32");
    EXPECT_EQ(facts.at("data.hash").size(), 16U);
    EXPECT_NE(facts.at("data.hash"), comparison.groups[0].runs[0].facts.at("data.hash"));
}

TEST_F(Compare, SpeaksOfARunThatIsNotThere)
{
    const auto missing = compareRuns(workspace, {"nobody"});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.failure().what, testing::HasSubstr("no run nobody"));
    EXPECT_TRUE(compareRuns(workspace, {}).value().groups.empty());
}

} // namespace
} // namespace dskd::jobs
