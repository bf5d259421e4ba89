#include "core/jobs/compare.h"

#include "core/store/run_writer.h"
#include "tests/support/job_fixture.h"

#include <cmath>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;

TEST(Summarize, IsTheMeanAndTheSampleDeviation)
{
    const Summary three = summarize({2.0, 4.0, 9.0});
    EXPECT_EQ(three.count, 3);
    EXPECT_DOUBLE_EQ(three.mean, 5.0);
    EXPECT_DOUBLE_EQ(three.deviation, std::sqrt(13.0)); // (9 + 1 + 16) / 2
    EXPECT_EQ(summarize({7.0}).deviation, 0.0);
    EXPECT_EQ(summarize({}).count, 0);
}

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
    EXPECT_EQ(dual.label, "space=dual");
    ASSERT_EQ(dual.runs.size(), 2u);
    EXPECT_EQ(dual.runs[1].seed, 20u);
    EXPECT_EQ(dual.runs[0].status, "done");
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.best").mean, 3.0); // 2 and 4
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.best").deviation, std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(dual.values.at("validation.loss.last").mean, 3.25); // 2.5 and 4
    EXPECT_DOUBLE_EQ(dual.values.at("validation.rouge_l.best").mean, 0.5) << "the higher the better: 0.25 and 0.75";
    const OutcomeGroup& student = comparison.groups[1];
    EXPECT_EQ(student.label, "space=student");
    EXPECT_EQ(student.values.at("validation.loss.best").mean, 3.0) << "NaN is never the best";
    EXPECT_TRUE(std::isnan(student.values.at("validation.loss.last").mean)) << "and never hidden";
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
