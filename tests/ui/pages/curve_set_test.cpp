#include "ui/pages/curves/curve_set.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace dskd::ui
{
namespace
{

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Series seriesOf(const std::vector<std::int64_t>& steps, const std::vector<double>& values, double firstTime = 1000.0)
{
    Series series;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        series.steps.push_back(steps[i]);
        series.tokens.push_back(steps[i] * 900);
        series.times.push_back(firstTime + 2.0 * static_cast<double>(steps[i]));
        series.values.push_back(values[i]);
    }
    return series;
}

RunSeries runOf(const Series& loss)
{
    RunSeries run;
    run.began = loss.times.front();
    run.byMetric["loss"] = loss;
    run.complete = true;
    return run;
}

DrawnRun drawn(const std::string& id, const RunSeries& series, const std::string& seedGroup = {},
               jobs::SeedRun seed = {})
{
    DrawnRun run;
    run.id = id;
    run.name = QString::fromStdString(id);
    run.color = QColor(10, 20, 30);
    run.seedGroup = seedGroup;
    run.seed = seed;
    run.series = &series;
    return run;
}

TEST(CurveSet, DrawsStepTokensOrTimeSinceTheStart)
{
    const RunSeries run = runOf(seriesOf({5, 6}, {3.0, 2.5}));
    CurveSet set({{"loss"}});
    set.update({drawn("a", run)}, XAxis::Step, false);
    EXPECT_THAT(set.curves().at(0).points, testing::ElementsAre(QPointF(5, 3.0), QPointF(6, 2.5)));
    set.update({drawn("a", run)}, XAxis::Tokens, false);
    EXPECT_THAT(set.curves().at(0).points, testing::ElementsAre(QPointF(4500, 3.0), QPointF(5400, 2.5)));
    set.update({drawn("a", run)}, XAxis::Time, false);
    EXPECT_THAT(set.curves().at(0).points, testing::ElementsAre(QPointF(0, 3.0), QPointF(2, 2.5)));
}

TEST(CurveSet, SaysWhetherAnythingChanged)
{
    RunSeries run = runOf(seriesOf({1, 2}, {3.0, 2.5}));
    CurveSet set({{"loss"}});
    EXPECT_TRUE(set.update({drawn("a", run)}, XAxis::Step, false));
    EXPECT_FALSE(set.update({drawn("a", run)}, XAxis::Step, false));
    run.byMetric["loss"] = seriesOf({1, 2, 3}, {3.0, 2.5, 2.0});
    EXPECT_TRUE(set.update({drawn("a", run)}, XAxis::Step, false));
    DrawnRun selected = drawn("a", run);
    selected.selected = true;
    EXPECT_TRUE(set.update({selected}, XAxis::Step, false));
    EXPECT_TRUE(set.curves().at(0).strong);
}

TEST(CurveSet, ForgetsRowsThatAResumeMadeVoid)
{
    RunSeries run = runOf(seriesOf({1, 2, 3}, {3.0, 2.5, 9.0}));
    CurveSet set({{"loss"}});
    set.update({drawn("a", run)}, XAxis::Step, false);
    // step 3 again, in a later attempt
    run.byMetric["loss"] = seriesOf({1, 2, 3, 4}, {3.0, 2.5, 2.0, 1.5});
    run.byMetric["loss"].times[2] += 50;
    EXPECT_TRUE(set.update({drawn("a", run)}, XAxis::Step, false));
    EXPECT_THAT(set.curves().at(0).points,
                testing::ElementsAre(QPointF(1, 3.0), QPointF(2, 2.5), QPointF(3, 2.0), QPointF(4, 1.5)));
}

TEST(CurveSet, MeanOverThreeSeedsEqualsOneMadeByHand)
{
    const RunSeries a = runOf(seriesOf({1, 2, 3}, {1.0, 2.0, 3.0}));
    const RunSeries b = runOf(seriesOf({1, 3, 4}, {2.0, 4.0, 5.0}));
    const RunSeries c = runOf(seriesOf({1, 2, 3}, {6.0, 2.0, 8.0}));
    CurveSet set({{"loss"}});
    set.update({drawn("dual-s10", a, "g", {10}), drawn("dual-s20", b, "g", {20}), drawn("dual-s30", c, "g", {30})},
               XAxis::Step, true);
    const std::vector<viz::Curve> curves = set.curves();
    ASSERT_EQ(curves.size(), 1U);
    EXPECT_THAT(curves[0].points, testing::ElementsAre(QPointF(1, 3.0), QPointF(3, 5.0))) << "2 and 4 are not in all";
    ASSERT_EQ(curves[0].deviations.size(), 2U);
    EXPECT_NEAR(curves[0].deviations[0], std::sqrt((4.0 + 1.0 + 9.0) / 2.0), 1e-12);
    EXPECT_NEAR(curves[0].deviations[1], std::sqrt((4.0 + 1.0 + 9.0) / 2.0), 1e-12);
    EXPECT_EQ(set.meanNote(), "mean of 3 seeds");
    EXPECT_EQ(curves[0].label, "dual, mean of 3 seeds");
}

TEST(CurveSet, CountsASeedOnceInTheMean)
{
    const RunSeries a = runOf(seriesOf({1, 2}, {1.0, 2.0}));
    const RunSeries repeated = runOf(seriesOf({1, 2}, {5.0, 6.0}));
    const RunSeries b = runOf(seriesOf({1, 2}, {3.0, 4.0}));
    CurveSet set({{"loss"}});
    set.update(
        {drawn("s10", a, "g", {10, true}), drawn("s10", repeated, "g", {10, true}), drawn("s20", b, "g", {20, false})},
        XAxis::Step, true);
    ASSERT_EQ(set.curves().size(), 1U);
    EXPECT_THAT(set.curves()[0].points, testing::ElementsAre(QPointF(1, 2.0), QPointF(2, 3.0))) << "of a and b";
    EXPECT_NEAR(set.curves()[0].deviations[0], std::sqrt(2.0), 1e-12);
    EXPECT_EQ(set.meanNote(), "mean of 2 seeds");
}

TEST(CurveSet, CountsTheRunOfASeedThatIsDone)
{
    const RunSeries failed = runOf(seriesOf({1}, {9.0}));
    const RunSeries again = runOf(seriesOf({1, 2}, {1.0, 2.0}));
    const RunSeries b = runOf(seriesOf({1, 2}, {3.0, 4.0}));
    CurveSet set({{"loss"}});
    set.update({drawn("failed", failed, "g", {10, false}), drawn("again", again, "g", {10, true}),
                drawn("b", b, "g", {20, true})},
               XAxis::Step, true);
    ASSERT_EQ(set.curves().size(), 1U);
    EXPECT_THAT(set.curves()[0].points, testing::ElementsAre(QPointF(1, 2.0), QPointF(2, 3.0)));
}

TEST(CurveSet, DrawsRunsOfOneSeedEach)
{
    const RunSeries a = runOf(seriesOf({1}, {1.0}));
    const RunSeries repeated = runOf(seriesOf({1}, {5.0}));
    const RunSeries empty;
    CurveSet set({{"loss"}});
    set.update({drawn("a", a, "g", {10, true}), drawn("repeated", repeated, "g", {10, true}),
                drawn("without points", empty, "g", {20, false})},
               XAxis::Step, true);
    EXPECT_EQ(set.curves().size(), 2U);
    EXPECT_TRUE(set.meanNote().isEmpty());
}

TEST(CurveSet, MeanGrowsWithItsSeedsAsIfMadeAtOnce)
{
    const std::vector<std::int64_t> steps{1, 2, 3, 4, 5};
    const Series fullA = seriesOf(steps, {1, 2, 3, kNan, 5});
    const Series fullB = seriesOf({2, 3, 5}, {4, 4, 4});
    RunSeries a = runOf(seriesOf({1, 2}, {1, 2}));
    RunSeries b = runOf(seriesOf({2}, {4}));
    CurveSet growing({{"loss"}});
    growing.update({drawn("a", a, "g", {1}), drawn("b", b, "g", {2})}, XAxis::Tokens, true);
    a.byMetric["loss"] = fullA;
    b.byMetric["loss"] = fullB;
    growing.update({drawn("a", a, "g", {1}), drawn("b", b, "g", {2})}, XAxis::Tokens, true);
    CurveSet atOnce({{"loss"}});
    atOnce.update({drawn("a", a, "g", {1}), drawn("b", b, "g", {2})}, XAxis::Tokens, true);
    EXPECT_EQ(growing.curves().at(0).points, atOnce.curves().at(0).points);
    EXPECT_THAT(atOnce.curves().at(0).points,
                testing::ElementsAre(QPointF(1800, 3.0), QPointF(2700, 3.5), QPointF(4500, 4.5)));
}

TEST(CurveSet, RunsOfDifferentConfigurationsAreNotAveraged)
{
    const RunSeries run = runOf(seriesOf({1}, {1.0}));
    CurveSet set({{"loss"}});
    set.update({drawn("a", run, "g"), drawn("b", run, "h"), drawn("c", run), drawn("d", run)}, XAxis::Step, true);
    EXPECT_EQ(set.curves().size(), 4U);
    EXPECT_TRUE(set.meanNote().isEmpty());
}

TEST(CurveSet, MetricsOfOneRunAreToldApartByStrokeAndShade)
{
    RunSeries run = runOf(seriesOf({1}, {1.0}));
    run.byMetric["nll_loss"] = run.byMetric["kd_loss"] = run.byMetric["loss"];
    CurveSet set({{"loss", "nll_loss", "kd_loss"}});
    set.update({drawn("a", run)}, XAxis::Step, false);
    const std::vector<viz::Curve> curves = set.curves();
    ASSERT_EQ(curves.size(), 3U);
    EXPECT_FALSE(curves[0].dashed);
    EXPECT_TRUE(curves[1].dashed);
    EXPECT_NE(curves[1].color, curves[2].color);
}

TEST(SharedName, LeavesTheSeedOut)
{
    EXPECT_EQ(sharedName({"dual-kl-s10", "dual-kl-s20"}), "dual-kl");
    EXPECT_EQ(sharedName({"dual, seed 10", "dual, seed 12"}), "dual");
    EXPECT_EQ(sharedName({"dual", "dual"}), "dual");
    EXPECT_EQ(sharedName({"alpha", "beta"}), "alpha");
}

} // namespace
} // namespace dskd::ui
