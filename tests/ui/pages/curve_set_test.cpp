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
    EXPECT_THAT(curves[0].points,
                testing::ElementsAre(QPointF(1, 3.0), QPointF(2, 2.0), QPointF(3, 5.0), QPointF(4, 5.0)))
        << "at 2 over a and c, at 4 over b";
    EXPECT_THAT(curves[0].counts, testing::ElementsAre(3, 2, 3, 1));
    ASSERT_EQ(curves[0].deviations.size(), 4U);
    EXPECT_NEAR(curves[0].deviations[0], std::sqrt((4.0 + 1.0 + 9.0) / 2.0), 1e-12);
    EXPECT_EQ(curves[0].deviations[1], 0.0) << "both are 2";
    EXPECT_NEAR(curves[0].deviations[2], std::sqrt((4.0 + 1.0 + 9.0) / 2.0), 1e-12);
    EXPECT_EQ(curves[0].deviations[3], 0.0) << "one has none";
    EXPECT_EQ(set.note(), "mean of 3 seeds, n falls to 1");
    EXPECT_EQ(curves[0].label, "dual, mean of 3 seeds");
}

TEST(CurveSet, MeanGoesOnWhereASeedEndedAndSaysHowManyAreLeft)
{
    const RunSeries a = runOf(seriesOf({1, 2, 3, 4}, {1.0, 1.0, 1.0, 1.0}));
    const RunSeries stopped = runOf(seriesOf({1, 2}, {3.0, 3.0}));
    CurveSet set({{"loss"}});
    const std::vector<DrawnRun> runs{drawn("a", a, "g", {10, true}), drawn("stopped", stopped, "g", {20, false})};
    set.update(runs, XAxis::Step, true);
    EXPECT_THAT(set.curves().at(0).points,
                testing::ElementsAre(QPointF(1, 2.0), QPointF(2, 2.0), QPointF(3, 1.0), QPointF(4, 1.0)));
    const std::vector<viz::Mark> marks = set.marks(runs, {});
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_EQ(marks[0].from, 3.0);
    EXPECT_EQ(marks[0].text, "n 1");
}

TEST(CurveSet, AMeanTakesInASeedThatCatchesUp)
{
    RunSeries fast = runOf(seriesOf({1, 2, 3}, {1.0, 2.0, 3.0}));
    RunSeries slow = runOf(seriesOf({1}, {3.0}));
    const auto runs = [&] {
        std::vector<DrawnRun> all{drawn("fast", fast, "g", {10}), drawn("slow", slow, "g", {20})};
        for (DrawnRun& run : all) {
            run.alive = true;
        }
        return all;
    };
    CurveSet set({{"loss"}});
    set.update(runs(), XAxis::Step, true);
    const viz::Curve before = set.curves().at(0);
    EXPECT_THAT(before.counts, testing::ElementsAre(2, 1, 1));
    slow.byMetric["loss"] = seriesOf({1, 2}, {3.0, 6.0});
    EXPECT_TRUE(set.update(runs(), XAxis::Step, true));
    EXPECT_THAT(set.curves().at(0).points, testing::ElementsAre(QPointF(1, 2.0), QPointF(2, 4.0), QPointF(3, 3.0)));
    EXPECT_THAT(set.curves().at(0).counts, testing::ElementsAre(2, 2, 1));
    EXPECT_THAT(before.points, testing::ElementsAre(QPointF(1, 2.0), QPointF(2, 2.0), QPointF(3, 3.0)))
        << "what was handed over stays";
    EXPECT_FALSE(set.update(runs(), XAxis::Step, true));
}

TEST(CurveSet, AMeanTakesInASeedThatIsResumed)
{
    const RunSeries whole = runOf(seriesOf({1, 2, 3}, {1.0, 2.0, 3.0}));
    RunSeries failed = runOf(seriesOf({1}, {3.0}));
    CurveSet set({{"loss"}});
    const auto update = [&] {
        return set.update({drawn("whole", whole, "g", {10, true}), drawn("failed", failed, "g", {20})}, XAxis::Step,
                          true);
    };
    update();
    failed.byMetric["loss"] = seriesOf({1, 2, 3}, {3.0, 4.0, 5.0});
    EXPECT_TRUE(update());
    EXPECT_THAT(set.curves().at(0).counts, testing::ElementsAre(2, 2, 2));
}

TEST(CurveSet, HasEpochsAndTheTimeWithoutPauses)
{
    RunSeries run = runOf(seriesOf({2, 4, 6}, {3.0, 2.0, 1.0})); // at 1004, 1008 and, after a pause, 2012
    run.byMetric["loss"].times[2] = 2012.0;
    run.attempts = {{0, 1000.0, 0.0}, {4, 2000.0, 1008.0}};
    run.stepsPerEpoch = 4;
    CurveSet set({{"loss"}});
    const std::vector<DrawnRun> runs{drawn("a", run)};
    set.update(runs, XAxis::Epoch, false);
    EXPECT_THAT(set.curves().at(0).points,
                testing::ElementsAre(QPointF(0.5, 3.0), QPointF(1.0, 2.0), QPointF(1.5, 1.0)));
    set.update(runs, XAxis::Active, false);
    EXPECT_THAT(set.curves().at(0).points, testing::ElementsAre(QPointF(0, 3.0), QPointF(4, 2.0), QPointF(16, 1.0)))
        << "992 s from the step that was kept to the next attempt";
    set.update(runs, XAxis::Time, false);
    EXPECT_EQ(set.curves().at(0).points[2], QPointF(1008, 1.0));
}

TEST(CurveSet, SaysOfWhichPointsALongSeriesShowsTheExtremes)
{
    RunSeries run = runOf(seriesOf({1, 2, 9}, {3.0, kNan, 1.0}));
    Series& loss = run.byMetric["loss"];
    loss.thinned = true;
    loss.total = 2'000'000;
    loss.notFinite = 7;
    CurveSet set({{"loss"}});
    EXPECT_TRUE(set.update({drawn("a", run)}, XAxis::Step, false));
    EXPECT_EQ(set.note(), QStringLiteral("extremes of 2,000,000 points"));
    EXPECT_EQ(set.curves().at(0).recorded, 2'000'000);
    EXPECT_EQ(set.curves().at(0).notFinite, 7);
    EXPECT_FALSE(set.update({drawn("a", run)}, XAxis::Step, false));
    loss.steps[1] = 5; // another point of it, at the same place
    loss.revision = 1;
    EXPECT_TRUE(set.update({drawn("a", run)}, XAxis::Step, false));
    EXPECT_EQ(set.curves().at(0).points[1].x(), 5.0);
}

TEST(CurveSet, WaitsWithAMeanForEveryPoint)
{
    RunSeries a = runOf(seriesOf({1, 2, 3}, {1.0, 2.0, 3.0}));
    const RunSeries b = runOf(seriesOf({1, 2, 3}, {3.0, 4.0, 5.0}));
    a.byMetric["loss"].thinned = true;
    CurveSet set({{"loss"}});
    set.update({drawn("a", a, "group", {1, true}), drawn("b", b, "group", {2, true})}, XAxis::Step, true);
    EXPECT_TRUE(set.empty());
    a.byMetric["loss"].thinned = false;
    set.update({drawn("a", a, "group", {1, true}), drawn("b", b, "group", {2, true})}, XAxis::Step, true);
    ASSERT_EQ(set.curves().size(), 1U);
    EXPECT_EQ(set.curves().at(0).points[0].y(), 2.0);
}

TEST(CurveSet, LeavesOutARunWithoutEpochsAndSaysSo)
{
    RunSeries with = runOf(seriesOf({2}, {3.0}));
    with.stepsPerEpoch = 2;
    const RunSeries without = runOf(seriesOf({2}, {3.0}));
    CurveSet set({{"loss"}});
    set.update({drawn("a", with), drawn("b", without)}, XAxis::Epoch, false);
    EXPECT_EQ(set.curves().size(), 1U);
    EXPECT_TRUE(set.note().contains("without epochs, left out: 1")) << set.note().toStdString();
    set.update({drawn("a", with), drawn("b", without)}, XAxis::Step, false);
    EXPECT_EQ(set.curves().size(), 2U);
    EXPECT_TRUE(set.note().isEmpty());
}

TEST(CurveSet, MarksWhereARunWasResumedAndWhatItIsTold)
{
    RunSeries run = runOf(seriesOf({2, 4, 6}, {3.0, 2.0, 1.0}));
    run.attempts = {{0, 1000.0, 0.0}, {4, 1009.0, 1008.0}};
    const std::vector<DrawnRun> runs{drawn("a", run)};
    const std::vector<RunMark> told{{"a", "loss", 2, 6, "diverges", Qt::red},
                                    {"a", "accuracy", 2, 2, "elsewhere", {}},
                                    {"gone", {}, 2, 2, "of another run", {}}};
    CurveSet set({{"loss"}});
    set.update(runs, XAxis::Tokens, false);
    const std::vector<viz::Mark> marks = set.marks(runs, told);
    ASSERT_EQ(marks.size(), 2U);
    EXPECT_EQ(marks[0].from, 1800.0);
    EXPECT_EQ(marks[0].to, 5400.0);
    EXPECT_EQ(marks[0].color, QColor(Qt::red));
    EXPECT_EQ(marks[1].from, 3600.0);
    EXPECT_EQ(marks[1].text, "resumed: a");
    CurveSet other({{"grad_norm"}});
    other.update(runs, XAxis::Tokens, false);
    EXPECT_TRUE(other.marks(runs, told).empty()) << "no curve of the run";
}

TEST(CurveSet, ABandKnowsTheRangeOfItsMetric)
{
    RunSeries a = runOf(seriesOf({1}, {0.1}));
    a.byMetric["validation.rouge_l"] = a.byMetric["loss"];
    CurveSet set({{"validation.rouge_l"}});
    set.update({drawn("a", a)}, XAxis::Step, false);
    EXPECT_EQ(set.curves().at(0).least, 0.0);
    EXPECT_EQ(set.curves().at(0).most, 1.0);
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
    EXPECT_EQ(set.note(), "mean of 2 seeds");
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
    EXPECT_TRUE(set.note().isEmpty());
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
    const auto grown = growing.curves().at(0);
    const auto made = atOnce.curves().at(0);
    ASSERT_EQ(grown.points.size(), made.points.size());
    for (std::size_t i = 0; i < made.points.size(); ++i) {
        EXPECT_EQ(grown.points[i].x(), made.points[i].x());
        EXPECT_TRUE(grown.points[i].y() == made.points[i].y() || std::isnan(made.points[i].y())) << i;
    }
    EXPECT_EQ(grown.counts, made.counts);
    EXPECT_THAT(
        atOnce.curves().at(0).points,
        testing::ElementsAre(QPointF(900, 1.0), QPointF(1800, 3.0), QPointF(2700, 3.5),
                             testing::Truly([](const QPointF& p) { return p.x() == 3600 && std::isnan(p.y()); }),
                             QPointF(4500, 4.5)));
}

TEST(CurveSet, RunsOfDifferentConfigurationsAreNotAveraged)
{
    const RunSeries run = runOf(seriesOf({1}, {1.0}));
    CurveSet set({{"loss"}});
    set.update({drawn("a", run, "g"), drawn("b", run, "h"), drawn("c", run), drawn("d", run)}, XAxis::Step, true);
    EXPECT_EQ(set.curves().size(), 4U);
    EXPECT_TRUE(set.note().isEmpty());
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
