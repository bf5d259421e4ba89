// What the charts of a page ask the feed for.

#include "ui/pages/curves/drawn_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <utility>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;
using testing::Pair;

Series seriesTo(std::int64_t last)
{
    Series series;
    for (std::int64_t step = 1; step <= last; ++step) {
        series.add({0, step, 100 * step, 1000.0 + 2.0 * static_cast<double>(step), 1.0});
    }
    return series;
}

class SeriesRequestsTest : public testing::Test
{
protected:
    SeriesRequestsTest()
    {
        series.began = 1002.0; // of step 1
        series.stepsPerEpoch = 10;
        series.recorded = {"loss", "nll_loss", "kd_loss"};
        series.byMetric["loss"] = seriesTo(100);
        page.charts = {ChartSpec{{"loss"}}, ChartSpec{{"lr"}}};
    }
    DrawnRun drawn(const std::string& id, const std::string& seedGroup = {}) const
    {
        DrawnRun run;
        run.id = id;
        run.seedGroup = seedGroup;
        run.series = &series;
        return run;
    }
    std::optional<StepSpan> spanOf(XAxis axis, double from, double to)
    {
        page.axis = axis;
        return seriesRequests({drawn("a")}, page, std::pair(from, to)).at("a").closely;
    }

    RunSeries series;
    CurvesPageState page;
};

TEST_F(SeriesRequestsTest, ALineNeedsTheExtremesOfWhatIsCharted)
{
    const SeriesRequests requests = seriesRequests({drawn("a"), drawn("b")}, page, std::nullopt);
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_THAT(requests.at("a").metrics, ElementsAre(Pair("loss", false), Pair("lr", false)));
    EXPECT_EQ(requests.at("a").closely, std::nullopt);
}

TEST_F(SeriesRequestsTest, SmoothingNeedsEveryPoint)
{
    page.smoothing = 0.9;
    EXPECT_TRUE(seriesRequests({drawn("a")}, page, std::nullopt).at("a").metrics.at("loss"));
    page.smoothingKind = viz::SmoothingKind::Off;
    EXPECT_FALSE(seriesRequests({drawn("a")}, page, std::nullopt).at("a").metrics.at("loss"));
}

TEST_F(SeriesRequestsTest, AMeanNeedsEveryPointOfItsSeeds)
{
    page.meanOverSeeds = true;
    const SeriesRequests requests =
        seriesRequests({drawn("a", "group"), drawn("b", "group"), drawn("c", "alone"), drawn("d")}, page, std::nullopt);
    EXPECT_TRUE(requests.at("a").metrics.at("loss"));
    EXPECT_TRUE(requests.at("b").metrics.at("loss"));
    EXPECT_FALSE(requests.at("c").metrics.at("loss"));
    EXPECT_FALSE(requests.at("d").metrics.at("loss"));
}

TEST_F(SeriesRequestsTest, AStackNeedsEveryPointOfItsRunAlone)
{
    ChartSpec stack{{"nll_loss", "kd_loss", "loss"}};
    stack.kind = ChartKind::LossTerms;
    page.charts = {stack};
    DrawnRun stacked = drawn("a");
    stacked.experiment = std::make_shared<const config::Experiment>();
    const SeriesRequests requests = seriesRequests({stacked, drawn("b")}, page, std::nullopt);
    EXPECT_THAT(requests.at("a").metrics,
                ElementsAre(Pair("kd_loss", true), Pair("loss", true), Pair("nll_loss", true)));
    EXPECT_THAT(requests.at("b").metrics, ElementsAre(Pair("loss", false))) << "by which the next run is found";
    series.recorded = {"loss"};
    EXPECT_THAT(seriesRequests({stacked}, page, std::nullopt).at("a").metrics, ElementsAre(Pair("loss", false)))
        << "there is nothing to stack";
}

TEST_F(SeriesRequestsTest, AZoomIsToldInStepsWhateverTheAxisCounts)
{
    EXPECT_EQ(spanOf(XAxis::Step, 20, 30), (StepSpan{19, 30}));
    EXPECT_EQ(spanOf(XAxis::Step, 20.5, 29.5), (StepSpan{20, 30}));
    EXPECT_EQ(spanOf(XAxis::Epoch, 2.0, 3.0), (StepSpan{19, 30}));
    EXPECT_EQ(spanOf(XAxis::Tokens, 2000, 3000), (StepSpan{19, 30}));
    EXPECT_EQ(spanOf(XAxis::Time, 38.0, 58.0), (StepSpan{19, 30}));
    EXPECT_EQ(spanOf(XAxis::Step, -50, 500), (StepSpan{1, 100}));
    series.byMetric.clear();
    EXPECT_EQ(spanOf(XAxis::Step, 20, 30), std::nullopt) << "nothing has been read";
}

TEST(PartToRead, IsWiderThanWhatIsVisibleAndStaysAsLongAsItWillDo)
{
    using Part = viz::XPart;
    const auto part = [](double from, double to) { return Part(std::pair(from, to)); };
    EXPECT_EQ(partToRead(std::nullopt, std::nullopt), Part());
    const Part read = partToRead(std::nullopt, part(100.0, 200.0));
    EXPECT_EQ(read, part(0.0, 300.0));
    EXPECT_EQ(partToRead(read, part(150.0, 250.0)), read) << "moved a little";
    EXPECT_EQ(partToRead(read, part(250.0, 350.0)), part(150.0, 450.0)) << "moved beyond";
    EXPECT_EQ(partToRead(read, part(100.0, 150.0)), read) << "zoomed in a little";
    EXPECT_EQ(partToRead(read, part(100.0, 110.0)), part(90.0, 120.0)) << "zoomed in far";
    EXPECT_EQ(partToRead(read, std::nullopt), Part());
}

TEST(ReadingNote, SaysHowMuchOfAllRunsWasRead)
{
    RunSeries whole;
    whole.complete = true;
    RunSeries half;
    half.share = 0.5;
    DrawnRun a;
    a.series = &whole;
    DrawnRun b;
    b.series = &half;
    EXPECT_TRUE(readingNote({a}).isEmpty());
    EXPECT_EQ(readingNote({a, b}), QStringLiteral("Reading 75 %"));
    half.complete = true;
    EXPECT_TRUE(readingNote({a, b}).isEmpty());
    DrawnRun unread;
    EXPECT_EQ(readingNote({unread}), QStringLiteral("Reading\u2026"));
}

} // namespace
} // namespace dskd::ui
