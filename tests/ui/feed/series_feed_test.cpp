#include "ui/feed/series_feed.h"

#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/time_scale.h"
#include "tests/ui/feed/event_loop.h"

#include <QSignalSpy>
#include <cmath>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::ui
{
namespace
{

using test::spinUntil;
using testing::ElementsAre;

class SeriesFeedTest : public testing::Test
{
protected:
    SeriesFeedTest() { std::filesystem::create_directories(layout.root); }
    std::unique_ptr<store::RunWriter> begin(std::optional<std::int64_t> resumeStep = std::nullopt)
    {
        auto writer = store::RunWriter::open(layout).value();
        writer->beginAttempt(resumeStep).value();
        return writer;
    }
    static void write(store::RunWriter& writer, std::int64_t from, std::int64_t to, double value = 1.0)
    {
        for (std::int64_t step = from; step <= to; ++step) {
            writer.addMetrics(step, step * 10, {{"loss", value}});
        }
        (void)writer.flush().value();
    }
    std::size_t points(const SeriesFeed& feed) const
    {
        const RunSeries* run = feed.series("run");
        const auto loss = run == nullptr ? std::map<std::string, Series>::const_iterator() : run->byMetric.find("loss");
        return run == nullptr || loss == run->byMetric.end() ? 0 : loss->second.steps.size();
    }

    test::TemporaryFolder folder;
    RunLayout layout = WorkspaceLayout{folder.path()}.run("run");
};

TEST_F(SeriesFeedTest, HandsOverWhatAWorkerWritesWhileItRuns)
{
    SeriesFeed feed(folder.path());
    QSignalSpy changed(&feed, &SeriesFeed::changed);
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return feed.series("run")->complete; })); // before there is a run.db
    const auto writer = begin();
    write(*writer, 1, 2);
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 2; }));
    writer->addMetrics(3, 30, {{"loss", std::numeric_limits<double>::quiet_NaN()}});
    (void)writer->flush().value();
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 3; }));
    const Series& loss = feed.series("run")->byMetric.at("loss");
    EXPECT_THAT(loss.steps, ElementsAre(1, 2, 3));
    EXPECT_THAT(loss.tokens, ElementsAre(10, 20, 30));
    EXPECT_TRUE(std::isnan(loss.values[2]));
    EXPECT_EQ(feed.series("run")->began, loss.times[0]);
    ASSERT_TRUE(spinUntil([&] { return changed.count() >= 3; }));
    EXPECT_EQ(changed.last().at(0).toString(), "run");
}

TEST_F(SeriesFeedTest, DropsTheRowsThatAResumeMadeVoid)
{
    auto writer = begin();
    write(*writer, 1, 10, 1.0);
    SeriesFeed feed(folder.path());
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 10; }));
    writer.reset();
    writer = begin(4);
    write(*writer, 5, 6, 2.0);
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 6; }));
    EXPECT_THAT(feed.series("run")->byMetric.at("loss").steps, ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(feed.series("run")->byMetric.at("loss").values, ElementsAre(1, 1, 1, 1, 2, 2));
    writer.reset();
    writer = begin();
    write(*writer, 1, 1, 3.0);
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 1; }));
    EXPECT_THAT(feed.series("run")->byMetric.at("loss").values, ElementsAre(3));
    EXPECT_EQ(feed.series("run")->began, feed.series("run")->byMetric.at("loss").times[0]);
}

TEST_F(SeriesFeedTest, HandsOverTheEpochAndTheAttempts)
{
    auto writer = begin();
    writer->setPlan({40, 8}).value();
    write(*writer, 1, 10);
    SeriesFeed feed(folder.path());
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 10; }));
    EXPECT_EQ(feed.series("run")->stepsPerEpoch, 8);
    ASSERT_EQ(feed.series("run")->attempts.size(), 1U);
    EXPECT_EQ(feed.series("run")->attempts[0].resumeStep, 0);
    writer.reset();
    writer = begin(4);
    write(*writer, 5, 5);
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 5; }));
    ASSERT_EQ(feed.series("run")->attempts.size(), 2U);
    EXPECT_EQ(feed.series("run")->attempts[1].resumeStep, 4);
    EXPECT_LE(feed.series("run")->attempts[1].started, feed.series("run")->byMetric.at("loss").times.back());
}

TEST_F(SeriesFeedTest, ForgetsWhatIsNoLongerWatchedAndReadsItAnew)
{
    const auto writer = begin();
    write(*writer, 1, 5);
    SeriesFeed feed(folder.path());
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 5; }));
    feed.watch({});
    EXPECT_EQ(feed.series("run"), nullptr);
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return points(feed) == 5; }));
}

TEST_F(SeriesFeedTest, ReadsAMillionRowsWhileTheWindowAnswers)
{
    constexpr std::int64_t kSteps = 100000;
    {
        const auto writer = begin();
        std::map<std::string, double> values;
        for (int i = 0; i < 9; ++i) {
            values["metric" + std::to_string(i)] = i;
        }
        values["loss"] = 1.0;
        for (std::int64_t step = 1; step <= kSteps; ++step) {
            writer->addMetrics(step, step, values);
            if (step % 10000 == 0) {
                (void)writer->flush().value();
            }
        }
    }
    SeriesFeed feed(folder.path());
    std::size_t portions = 0;
    std::size_t last = 0;
    const test::GapMeter gaps;
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] {
        portions += points(feed) != last ? 1 : 0;
        last = points(feed);
        return feed.series("run")->complete;
    }));
    EXPECT_EQ(points(feed), static_cast<std::size_t>(kSteps));
    EXPECT_GE(portions, 10U);
    EXPECT_LT(gaps.longestMs(), 100 * test::kTimeScale);
}

TEST_F(SeriesFeedTest, EndsAtOnceWhileItReads)
{
    const auto writer = begin();
    write(*writer, 1, 200000);
    auto feed = std::make_unique<SeriesFeed>(folder.path());
    feed->watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return points(*feed) > 0; }));
    EXPECT_FALSE(feed->series("run")->complete);
    QElapsedTimer timer;
    timer.start();
    feed.reset();
    EXPECT_LT(timer.elapsed(), 1000 * test::kTimeScale);
}

} // namespace
} // namespace dskd::ui
