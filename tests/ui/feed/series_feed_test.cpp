#include "ui/feed/series_feed.h"

#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/time_scale.h"
#include "tests/ui/feed/event_loop.h"

#include <QSignalSpy>
#include <algorithm>
#include <cmath>
#include <filesystem>
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

// ---- long runs

constexpr std::int64_t kLong = 100'000; // beyond what is read row by row
constexpr std::int64_t kSpike = 61'803;

class LongSeriesTest : public SeriesFeedTest
{
protected:
    static double lossAt(std::int64_t step)
    {
        return step == kSpike ? 1e6 : std::sin(static_cast<double>(step * step));
    }
    std::unique_ptr<store::RunWriter> record()
    {
        auto writer = begin();
        append(*writer, 1, kLong);
        return writer;
    }
    static void append(store::RunWriter& writer, std::int64_t from, std::int64_t to)
    {
        for (std::int64_t step = from; step <= to; ++step) {
            writer.addMetrics(step, step * 10, {{"loss", lossAt(step)}, {"lr", 0.5}});
        }
        (void)writer.flush().value();
    }
    static SeriesRequests lossOf(bool every, std::optional<StepSpan> closely = std::nullopt)
    {
        return {{"run", {{{"loss", every}}, closely}}};
    }
    const Series* loss(const SeriesFeed& feed) const
    {
        const RunSeries* run = feed.series("run");
        const auto found =
            run == nullptr ? std::map<std::string, Series>::const_iterator() : run->byMetric.find("loss");
        return run == nullptr || found == run->byMetric.end() ? nullptr : &found->second;
    }
    bool isComplete(const SeriesFeed& feed) const { return feed.series("run")->complete && loss(feed) != nullptr; }
    static bool hasSpike(const Series& series)
    {
        const auto at = std::lower_bound(series.steps.begin(), series.steps.end(), kSpike);
        return at != series.steps.end() && *at == kSpike &&
               series.values[static_cast<std::size_t>(at - series.steps.begin())] == 1e6;
    }
    // Every point is one that was recorded, in order.
    static void expectRecorded(const Series& series)
    {
        for (std::size_t i = 0; i < series.size(); ++i) {
            ASSERT_EQ(series.values[i], lossAt(series.steps[i])) << series.steps[i];
            ASSERT_EQ(series.tokens[i], 10 * series.steps[i]);
            ASSERT_TRUE(i == 0 || series.steps[i] > series.steps[i - 1]);
        }
    }

    QObject page;
};

TEST_F(LongSeriesTest, OnlyWhatIsChartedIsReadAndTheRestIsNamed)
{
    const auto writer = begin();
    append(*writer, 1, 100);
    SeriesFeed feed(folder.path());
    feed.request(&page, lossOf(false));
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed); }));
    EXPECT_THAT(feed.series("run")->recorded, ElementsAre("loss", "lr"));
    EXPECT_FALSE(feed.series("run")->byMetric.contains("lr"));
    EXPECT_EQ(loss(feed)->size(), 100U);
    EXPECT_FALSE(loss(feed)->thinned);
    feed.request(&page, {{"run", {{{"lr", false}}, std::nullopt}}});
    EXPECT_FALSE(feed.series("run")->complete) << "until it is read";
    ASSERT_TRUE(spinUntil([&] { return feed.series("run")->complete; }));
    EXPECT_EQ(feed.series("run")->byMetric.at("lr").size(), 100U);
}

TEST_F(LongSeriesTest, ShowsTheSpikeOfALongRunAtEveryZoom)
{
    (void)record();
    SeriesFeed feed(folder.path());
    feed.request(&page, lossOf(false));
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed); }));
    EXPECT_TRUE(loss(feed)->thinned);
    EXPECT_EQ(loss(feed)->total, kLong);
    EXPECT_LT(loss(feed)->size(), static_cast<std::size_t>(kLong) / 8);
    EXPECT_TRUE(hasSpike(*loss(feed)));
    expectRecorded(*loss(feed));
    for (const std::int64_t reach : {20'000, 2'000, 200, 20, 2}) {
        const StepSpan span{kSpike - reach, kSpike + reach};
        const std::uint64_t before = loss(feed)->revision;
        feed.request(&page, lossOf(false, span));
        ASSERT_TRUE(spinUntil([&] { return loss(feed)->revision > before; })) << reach;
        const Series& series = *loss(feed);
        EXPECT_TRUE(hasSpike(series)) << reach;
        expectRecorded(series);
        const auto inside = std::count_if(series.steps.begin(), series.steps.end(),
                                          [&](std::int64_t step) { return step >= span.first && step <= span.last; });
        if (reach <= 2'000) {
            EXPECT_EQ(inside, 2 * reach + 1) << "every point";
        } else {
            EXPECT_GT(inside, 4'000) << "more than without the zoom";
        }
        EXPECT_EQ(series.steps.front(), 1);
        EXPECT_EQ(series.steps.back(), kLong);
    }
}

TEST_F(LongSeriesTest, HandsOverEveryPointWhereItIsAskedFor)
{
    (void)record();
    SeriesFeed feed(folder.path());
    feed.request(&page, lossOf(false));
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed); }));
    feed.request(&page, lossOf(true));
    EXPECT_FALSE(feed.series("run")->complete);
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed); }));
    EXPECT_FALSE(loss(feed)->thinned);
    ASSERT_EQ(loss(feed)->size(), static_cast<std::size_t>(kLong));
    expectRecorded(*loss(feed));
}

TEST_F(LongSeriesTest, KeepsAFileAndReadsTheNextTimeFromIt)
{
    (void)record();
    const auto readAll = [&](std::uintmax_t size = 0) { // of the file afterwards; 0: any
        SeriesFeed feed(folder.path());
        feed.request(&page, lossOf(false));
        feed.watch({"run"});
        const bool read = spinUntil([&] { return isComplete(feed) && loss(feed)->total == kLong; });
        const bool spike = read && hasSpike(*loss(feed));
        // The file is written by then, or soon.
        return spike && spinUntil([&] {
                   return std::filesystem::exists(layout.series()) &&
                          (size == 0 || std::filesystem::file_size(layout.series()) == size);
               });
    };
    ASSERT_TRUE(readAll());
    const auto made = std::filesystem::last_write_time(layout.series());
    ASSERT_TRUE(readAll());
    EXPECT_EQ(std::filesystem::last_write_time(layout.series()), made) << "it is used as it is";
    const auto size = std::filesystem::file_size(layout.series());
    std::filesystem::resize_file(layout.series(), size / 2); // torn
    EXPECT_TRUE(readAll(size)) << "it is made anew";
    std::filesystem::remove(layout.series());
    ASSERT_TRUE(readAll());
}

TEST_F(LongSeriesTest, WorksWithoutAFileWhereNoneCanBeWritten)
{
    (void)record();
    std::filesystem::create_directory(layout.series()); // in its place
    SeriesFeed feed(folder.path());
    feed.request(&page, lossOf(false, StepSpan{kSpike - 5, kSpike + 5}));
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed) && loss(feed)->total == kLong; }));
    EXPECT_TRUE(hasSpike(*loss(feed)));
    expectRecorded(*loss(feed));
}

TEST_F(LongSeriesTest, FollowsWhatIsAppendedAndDropsWhatAResumeMadeVoid)
{
    auto writer = record();
    SeriesFeed feed(folder.path());
    feed.request(&page, lossOf(false));
    feed.watch({"run"});
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed) && loss(feed)->total == kLong; }));
    append(*writer, kLong + 1, kLong + 50);
    ASSERT_TRUE(spinUntil([&] { return loss(feed)->total == kLong + 50; }));
    EXPECT_EQ(loss(feed)->steps.back(), kLong + 50);
    writer.reset();
    writer = begin(kSpike - 1); // the spike is void
    append(*writer, kSpike + 1, kSpike + 10);
    ASSERT_TRUE(spinUntil([&] { return isComplete(feed) && loss(feed)->total == kSpike + 9; }));
    EXPECT_FALSE(hasSpike(*loss(feed)));
    EXPECT_EQ(loss(feed)->steps.back(), kSpike + 10);
    expectRecorded(*loss(feed));
}

TEST_F(LongSeriesTest, SaysHowMuchOfItWasRead)
{
    (void)record();
    SeriesFeed feed(folder.path());
    feed.request(&page, lossOf(false));
    feed.watch({"run"});
    std::vector<double> shares;
    ASSERT_TRUE(spinUntil([&] {
        shares.push_back(feed.series("run")->share);
        return isComplete(feed);
    }));
    EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
    EXPECT_EQ(feed.series("run")->share, 1.0);
    EXPECT_TRUE(std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0.0 && share < 1.0; }));
}

} // namespace
} // namespace dskd::ui
