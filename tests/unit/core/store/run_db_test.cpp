// What run.db gives back of rows and attempts, also over resumes.

#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/unit/core/store/run_db.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <iterator>
#include <limits>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RunDb, IsEmptyForAReaderBeforeItExistsAndComesToLife)
{
    RunReader early = reader();
    EXPECT_FALSE(early.changed());
    EXPECT_THAT(early.metricsAfter(0), IsEmpty());
    EXPECT_EQ(early.heartbeat(), std::nullopt);
    EXPECT_EQ(early.plan(), std::nullopt);
    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    EXPECT_EQ(early.attempts().size(), 1u);
}

TEST_F(RunDb, GivesBackEveryMetricAlsoThoseThatAreNotFinite)
{
    const double inf = std::numeric_limits<double>::infinity();
    const auto writing = writer();
    writing->addMetrics(1, 100, {{"loss", 2.5}, {"lr", 1e-300}});
    writing->addMetrics(2, 200, {{"loss", std::nan("")}});
    writing->addMetrics(3, 300, {{"loss", inf}});
    writing->addMetrics(4, 400, {{"loss", -inf}});
    ASSERT_TRUE(writing->flush());
    RunReader reading = reader();
    const auto loss = reading.series("loss");
    ASSERT_EQ(loss.size(), 4u);
    EXPECT_EQ(loss[0].value, 2.5);
    EXPECT_EQ(loss[0].tokens, 100);
    EXPECT_NEAR(loss[0].time, unixTime(), 60);
    EXPECT_TRUE(std::isnan(loss[1].value));
    EXPECT_EQ(loss[2].value, inf);
    EXPECT_EQ(loss[3].value, -inf);
    EXPECT_EQ(reading.latest().at("lr").value, 1e-300);
    EXPECT_EQ(reading.latest().at("loss").step, 4);
    EXPECT_THAT(reading.metricNames(), ElementsAre("loss", "lr"));
    EXPECT_THAT(reading.series("none"), IsEmpty());
}

TEST_F(RunDb, HandsOutRowsOneByOneAndPointsInPortions)
{
    const auto writing = writer();
    writing->addMetrics(1, 10, {{"a", 1.5}, {"b", std::nan("")}});
    writing->addMetrics(2, 20, {{"a", 2.5}});
    ASSERT_TRUE(writing->flush());
    RunReader reading = reader();
    std::vector<std::string> names;
    std::vector<std::int64_t> ids;
    const auto take = [&](const std::string& name, const MetricPoint& point) {
        names.push_back(name);
        ids.push_back(point.id);
    };
    EXPECT_EQ(reading.eachMetricAfter(0, 2, take), 2);
    EXPECT_EQ(reading.eachMetricAfter(ids.back(), 2, take), 1);
    EXPECT_THAT(names, ElementsAre("a", "b", "a"));
    EXPECT_EQ(reading.lastMetricId(), ids.back());
    ASSERT_TRUE(reading.metricPoint(ids[1]));
    EXPECT_TRUE(std::isnan(reading.metricPoint(ids[1])->value));
    EXPECT_EQ(reading.metricPoint(ids.back())->step, 2);
    EXPECT_FALSE(reading.metricPoint(ids.back() + 1));
    const auto first = reading.series("a", 0, 1);
    EXPECT_THAT(stepsOf(first), ElementsAre(1));
    EXPECT_THAT(stepsOf(reading.series("a", first.back().id, 1)), ElementsAre(2));
}

TEST_F(RunDb, KnowsTheNewestRowBeforeATime)
{
    RunReader reading = reader();
    EXPECT_FALSE(reading.lastMetricTimeBefore(1e12)) << "there is no run.db";
    const auto writing = writer();
    EXPECT_FALSE(reading.lastMetricTimeBefore(1e12)) << "nor a row";
    for (std::int64_t step = 1; step <= 20; ++step) {
        writing->addMetrics(step, step, {{"a", 1.0}, {"b", 2.0}});
    }
    ASSERT_TRUE(writing->flush());
    std::vector<double> times;
    for (const MetricPoint& point : reading.series("b")) {
        times.push_back(point.time);
    }
    EXPECT_EQ(reading.lastMetricTimeBefore(1e12), times.back());
    EXPECT_FALSE(reading.lastMetricTimeBefore(times.front())) << "rows of the time itself are not before it";
    for (const double time : times) { // some may be of one microsecond
        const auto before = std::lower_bound(times.begin(), times.end(), time);
        if (before != times.begin()) {
            EXPECT_EQ(reading.lastMetricTimeBefore(time), *std::prev(before));
        }
    }
}

TEST_F(RunDb, HandsOutOnlyWhatIsNewSinceAnId)
{
    const auto writing = writer();
    RunReader reading = reader();
    writing->addMetrics(1, 1, {{"a", 1}, {"b", 2}});
    ASSERT_TRUE(writing->flush());
    EXPECT_TRUE(reading.changed());
    EXPECT_FALSE(reading.changed());
    const auto first = reading.metricsAfter(0);
    ASSERT_EQ(first.size(), 2u);
    EXPECT_EQ(first[1].name, "b");
    writing->addMetrics(2, 2, {{"a", 3}});
    EXPECT_THAT(reading.metricsAfter(first.back().id), IsEmpty()) << "not flushed yet";
    ASSERT_TRUE(writing->flush());
    EXPECT_TRUE(reading.changed());
    EXPECT_EQ(reading.metricsAfter(first.back().id).size(), 1u);
    EXPECT_EQ(reading.metricsAfter(0, 2).size(), 2u);
    EXPECT_EQ(reading.series("a", first.back().id).size(), 1u);
}

TEST_F(RunDb, ShowsOneStateWhileASnapshotLives)
{
    const auto writing =
        RunWriter::open(run, {.journal = Journal::Wal}).value(); // in rollback mode the writer would wait
    const auto write = [&](std::int64_t step) {
        writing->addMetrics(step, step, {{"loss", 1.0}});
        ASSERT_TRUE(writing->flush());
    };
    write(1);
    RunReader reading = reader();
    {
        const RunReader::Snapshot snapshot(reading);
        const RunReader::Snapshot inner(reading); // does nothing
        EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1));
        write(2);
        EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1));
    }
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1, 2));
}

TEST_F(RunDb, HasNoSnapshotBeforeItExists)
{
    RunReader early = reader();
    const RunReader::Snapshot snapshot(early);
    EXPECT_THAT(early.metricsAfter(0), IsEmpty());
}

TEST_F(RunDb, ForgetsStepsBeyondTheCheckpointOnResume)
{
    {
        const auto first = writer();
        ASSERT_TRUE(first->beginAttempt(std::nullopt));
        for (std::int64_t step = 1; step <= 6; ++step) {
            first->addMetrics(step, step, {{"loss", 1.0}});
            first->addAnswer({0, step, 0, "p", "r", "a", 0.5});
            first->addHeatMap({0, step, "cma.t2s", 0, {"x"}, {"y"}, {1.0f}});
        }
        first->addEvent(6, "warning", "kept");
    }
    RunReader reading = reader();
    const std::int64_t lastId = reading.metricsAfter(0).back().id;
    const auto second = writer();
    ASSERT_TRUE(second->beginAttempt(4));
    second->addMetrics(5, 5, {{"loss", 2.0}});
    ASSERT_TRUE(second->flush());
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(reading.series("loss").back().value, 2.0);
    EXPECT_GT(reading.series("loss").back().id, lastId) << "a reader that polls by id must see the new row";
    EXPECT_EQ(reading.answers().size(), 4u);
    EXPECT_EQ(reading.heatMaps().size(), 4u);
    EXPECT_EQ(reading.eventsAfter().size(), 1u) << "events are history";
    ASSERT_EQ(reading.attempts().size(), 2u);
    EXPECT_EQ(reading.attempts()[0].resumeStep, std::nullopt);
    EXPECT_EQ(reading.attempts()[1].resumeStep, 4);

    ASSERT_TRUE(writer()->beginAttempt(std::nullopt));
    EXPECT_THAT(reading.series("loss"), IsEmpty()) << "started again from the beginning";
}

TEST_F(RunDb, KeepsEveryRowInAnAttemptThatCannotDoAnything)
{
    {
        const auto first = writer();
        ASSERT_TRUE(first->beginAttempt(std::nullopt));
        first->addMetrics(7, 70, {{"loss", 1.0}});
    }
    ASSERT_TRUE(writer()->beginFailedAttempt());
    RunReader reading = reader();
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(7));
    EXPECT_EQ(reading.attempts()[1].resumeStep, 7) << "so that readers drop nothing";
}

TEST_F(RunDb, GivesAnAttemptThatVanishedItsLastHeartbeatAsItsEnd)
{
    {
        const auto first = writer();
        ASSERT_TRUE(first->beginAttempt(std::nullopt));
        ASSERT_TRUE(first->heartbeat(3, "training"));
    }
    const double beat = reader().heartbeat()->time;
    ASSERT_TRUE(writer()->beginAttempt(3));
    EXPECT_EQ(reader().attempts()[0].ended, beat);
    EXPECT_EQ(reader().attempts()[0].exitCode, std::nullopt);
}

TEST_F(RunDb, ForgetsWhatCameBeforeTheFirstStepWhenResumedThere)
{
    {
        const auto first = writer();
        ASSERT_TRUE(first->beginAttempt(std::nullopt));
        first->addMetrics(0, 0, {{"structure.cosine", 1.0}});
        first->addHeatMap({0, 0, "cma.t2s", 0, {"x"}, {"y"}, {1.0f}});
    }
    const auto second = writer();
    ASSERT_TRUE(second->beginAttempt(0));
    second->addMetrics(0, 0, {{"structure.cosine", 1.0}});
    ASSERT_TRUE(second->flush());
    RunReader reading = reader();
    EXPECT_THAT(stepsOf(reading.series("structure.cosine")), ElementsAre(0)) << "once, not twice";
    EXPECT_THAT(reading.heatMaps(), IsEmpty());
    EXPECT_EQ(reading.attempts()[1].resumeStep, 0);
}

TEST_F(RunDb, KeepsAnswersEventsPlanInfoAndHeartbeat)
{
    const auto writing = writer();
    const std::string odd("NUL \0 and \xff", 11);
    writing->addAnswer({0, 10, 1, "prompt", "reference", odd, 0.25});
    writing->addEvent(3, kFailedEvent, "The loss is NaN.", "Lower train.lr.");
    ASSERT_TRUE(writing->setPlan({300, 100}));
    ASSERT_TRUE(writing->setInfo("device", "cpu"));
    ASSERT_TRUE(writing->heartbeat(3, "training"));
    ASSERT_TRUE(writing->heartbeat(4, "saving"));
    RunReader reading = reader();
    ASSERT_EQ(reading.answers(10).size(), 1u);
    EXPECT_EQ(reading.answers(10)[0].answer, odd);
    EXPECT_EQ(reading.answers(10)[0].rougeL, 0.25);
    EXPECT_THAT(reading.answers(11), IsEmpty());
    EXPECT_EQ(reading.lastEvent(kFailedEvent)->hint, "Lower train.lr.");
    EXPECT_EQ(reading.lastEvent("done"), std::nullopt);
    EXPECT_EQ(reading.plan()->totalSteps, 300);
    EXPECT_EQ(reading.plan()->stepsPerEpoch, 100);
    EXPECT_EQ(reading.info().at("device"), "cpu");
    EXPECT_EQ(reading.heartbeat()->step, 4);
    EXPECT_EQ(reading.heartbeat()->phase, "saving");
}

TEST_F(RunDb, KeepsItsOwnMarkOfASaveToItself)
{
    const auto writing = writer();
    ASSERT_TRUE(writing->setInfo("device", "cpu"));
    ASSERT_TRUE(writing->flushToDisk());
    EXPECT_EQ(reader().info(), (std::map<std::string, std::string>{{"device", "cpu"}}));
}

TEST_F(RunDb, RecordsWhoRanAndHowItEnded)
{
    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(7));
    ASSERT_TRUE(writing->endAttempt(10, "Stopped at step 9."));
    const AttemptRow attempt = reader().attempts().at(0);
    EXPECT_EQ(livenessOf(attempt.process), Liveness::Alive);
    EXPECT_EQ(attempt.exitCode, 10);
    EXPECT_EQ(attempt.reason, "Stopped at step 9.");
    EXPECT_GE(*attempt.ended, attempt.started);
}

TEST_F(RunDb, SaysOnResumeWhichStepsBeforeTheCheckpointHaveNoRows)
{
    {
        const auto first = writer();
        ASSERT_TRUE(first->beginAttempt(std::nullopt));
        for (const std::int64_t step : {1, 2, 4, 5, 6}) {
            first->addMetrics(step, step, {{"loss", 1.0}});
        }
    }
    ASSERT_TRUE(writer()->beginAttempt(2));
    EXPECT_EQ(reader().lastEvent("warning"), std::nullopt) << "steps 1 and 2 are there";
    {
        const auto again = writer();
        for (const std::int64_t step : {4, 5, 6}) {
            again->addMetrics(step, step, {{"loss", 1.0}});
        }
    }
    ASSERT_TRUE(writer()->beginAttempt(8));
    ASSERT_TRUE(reader().lastEvent("warning"));
    EXPECT_EQ(reader().lastEvent("warning")->message,
              "run.db has no rows of 3 of the 8 steps before the checkpoint that this attempt goes on from, the first "
              "of them step 3.");
    EXPECT_EQ(reader().lastEvent("warning")->step, 8);
}

TEST_F(RunDb, SaysOnResumeThatAllCurvesBeforeTheCheckpointAreLost)
{
    ASSERT_TRUE(writer()->beginAttempt(8));
    const auto warning = reader().lastEvent("warning");
    ASSERT_TRUE(warning);
    EXPECT_EQ(warning->message, "run.db has no rows of the steps before the checkpoint that this attempt goes on from: "
                                "the curves begin at step 9.");
    EXPECT_GE(warning->time, reader().attempts().at(0).started) << "it is of this attempt, which is how it is shown";
}

TEST_F(RunDb, MeasuresAnAttemptByAClockThatNobodySets)
{
    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    EXPECT_EQ(reader().attempts().at(0).seconds, std::nullopt);
    { // as if the system's clock had been set back by two hours since
        const Database other(run.database(), Database::Access::ReadWrite);
        other.execute("UPDATE attempts SET started = started + 7200");
    }
    ASSERT_TRUE(writing->heartbeat(1, "training"));
    const auto soFar = reader().attempts().at(0).seconds;
    ASSERT_TRUE(soFar);
    EXPECT_GE(*soFar, 0.0);
    ASSERT_TRUE(writing->endAttempt(0, "Finished."));
    EXPECT_GE(*reader().attempts().at(0).seconds, *soFar);
    EXPECT_LT(*reader().attempts().at(0).seconds, 600.0);
}

TEST_F(RunDb, OfAnOlderVersionIsReadAsItIs)
{
    {
        const Database old(run.database(), Database::Access::Create);
        ASSERT_TRUE(migrate(old, Schema{kRunSchema.what, kRunSchema.steps.first(1)}, "run.db"));
        old.execute("INSERT INTO attempts(pid, start_ticks, boot_id, host, started) VALUES(1, 2, 'b', 'h', 3.0)");
    }
    EXPECT_EQ(reader().attempts().at(0).started, 3.0);
    EXPECT_EQ(reader().attempts().at(0).seconds, std::nullopt);
    ASSERT_TRUE(writer()->beginAttempt(std::nullopt));
    EXPECT_EQ(reader().attempts().size(), 2u);
}

} // namespace
} // namespace dskd::store
