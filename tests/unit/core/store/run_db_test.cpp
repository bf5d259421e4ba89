#include "core/store/database.h"
#include "core/store/run_lock.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/schema.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/unwritable.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <gmock/gmock.h>
#include <limits>
#include <thread>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

class RunDb : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    RunLayout run{folder.path()};

    std::unique_ptr<RunWriter> writer() { return RunWriter::open(run).value(); }
    RunReader reader() { return RunReader::open(run).value(); }
};

std::vector<std::int64_t> stepsOf(const std::vector<MetricPoint>& points)
{
    std::vector<std::int64_t> steps;
    for (const MetricPoint& point : points) {
        steps.push_back(point.step);
    }
    return steps;
}

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

TEST_F(RunDb, FillsUpAHeatMapThatLostCells)
{
    const auto writing = writer();
    writing->addHeatMap({0, 50, "cma.t2s", 0, {"a", "b"}, {"x", "y", "z"}, {1, 2, 3, 4, 5, 6}});
    ASSERT_TRUE(writing->flush());
    {
        const Database other(run.database(), Database::Access::ReadWrite);
        other.execute("UPDATE heatmaps SET cells = x'0000803f'"); // one cell of six
    }
    const auto map = reader().heatMap("cma.t2s", 0);
    ASSERT_EQ(map->values.size(), 6U) << "whoever draws it reads that many";
    EXPECT_EQ(map->values[0], 1.0F);
    EXPECT_TRUE(std::isnan(map->values[5]));
}

TEST_F(RunDb, KeepsHeatMapsToTheBit)
{
    HeatMapRow map{0, 50, "cma.t2s", 3, {"a", "\xff", "\"q\""}, {"é", ""}, {0.1f, 1e-30f, -0.0f, 1, 2, NAN}};
    const auto writing = writer();
    writing->addHeatMap(map);
    map.step = 100;
    writing->addHeatMap(map);
    ASSERT_TRUE(writing->flush());
    RunReader reading = reader();
    const auto list = reading.heatMaps();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_THAT(list[0].values, IsEmpty());
    const auto again = reading.heatMap(list[0].id);
    ASSERT_TRUE(again);
    EXPECT_THAT(again->rowTokens, ElementsAre("a", "\xEF\xBF\xBD", "\"q\"")) << "bytes that are no UTF-8 become U+FFFD";
    EXPECT_THAT(again->columnTokens, ElementsAre("é", ""));
    ASSERT_EQ(again->values.size(), map.values.size());
    EXPECT_EQ(std::memcmp(again->values.data(), map.values.data(), map.values.size() * sizeof(float)), 0);
    EXPECT_EQ(reading.heatMap("cma.t2s", 3)->step, 100);
    EXPECT_EQ(reading.heatMap("cma.t2s", 3, 99)->step, 50);
    EXPECT_EQ(reading.heatMap("cma.t2s", 3, 49), std::nullopt);
    EXPECT_EQ(reading.heatMap("cma.t2s", 4), std::nullopt);
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

TEST_F(RunDb, WorksOnARollbackJournalToo)
{
    {
        const auto writing = RunWriter::open(run, {.journal = Journal::Rollback}).value();
        writing->addMetrics(1, 1, {{"loss", 1.0}});
        ASSERT_TRUE(writing->flush());
        EXPECT_EQ(reader().series("loss").size(), 1u);
        EXPECT_FALSE(std::filesystem::exists(run.root / "run.db-wal"));
    }
    const auto wal = RunWriter::open(run, {.journal = Journal::Wal}).value();
    wal->addMetrics(2, 1, {{"loss", 1.0}});
    ASSERT_TRUE(wal->flush());
    EXPECT_TRUE(std::filesystem::exists(run.root / "run.db-wal"));
    EXPECT_EQ(reader().series("loss").size(), 2u);
}

// A run folder as a worker leaves it that is killed within a change on a rollback journal: the file is half written.
void leaveHalfAChange(const RunLayout& run, const std::filesystem::path& scratch)
{
    const RunLayout original{scratch};
    std::filesystem::create_directories(scratch);
    {
        const auto writing = RunWriter::open(original, {.journal = Journal::Rollback}).value();
        ASSERT_TRUE(writing->beginAttempt(std::nullopt));
        writing->addMetrics(1, 1, {{"loss", 1.5}});
        ASSERT_TRUE(writing->flush());
    }
    const Database other(original.database(), Database::Access::ReadWrite);
    other.execute("PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE metrics SET value = 99;"
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
                  "INSERT INTO events(time, step, kind, message, hint) SELECT 0, i, 'half', 'x', 'y' FROM n");
    for (const char* name : {"run.db", "run.db-journal"}) {
        std::filesystem::copy_file(original.root / name, run.root / name);
    }
    other.execute("ROLLBACK");
}

TEST_F(RunDb, IsReadThoughItsWorkerWasKilledWithinAChange)
{
    leaveHalfAChange(run, folder / "original");
    EXPECT_THROW((void)Database(run.database(), Database::Access::Read).pragma("user_version"), DatabaseError)
        << "SQLite lets no reader undo the change; without that this test shows nothing";
    RunReader reading = reader();
    EXPECT_EQ(reading.series("loss").at(0).value, 1.5) << "as it was before the change";
    EXPECT_THAT(reading.eventsAfter(), IsEmpty());
    EXPECT_EQ(reading.warning(), "");
    EXPECT_FALSE(std::filesystem::exists(run.root / "run.db-journal"));
}

TEST_F(RunDb, IsReadOnByAReaderThatWasThereBeforeTheKill)
{
    {
        const auto writing = RunWriter::open(run, {.journal = Journal::Rollback}).value();
        ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    }
    RunReader reading = reader();
    EXPECT_EQ(reading.attempts().size(), 1u);
    const RunLayout killed{folder / "killed"};
    std::filesystem::create_directories(killed.root);
    leaveHalfAChange(killed, folder / "original");
    for (const char* name : {"run.db", "run.db-journal"}) { // into the same file, which the reader holds open
        std::filesystem::copy_file(killed.root / name, run.root / name,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    EXPECT_TRUE(reading.changed());
    EXPECT_EQ(reading.series("loss").at(0).value, 1.5);
}

TEST_F(RunDb, IsNotTouchedBesideALivingWorker)
{
    leaveHalfAChange(run, folder / "original");
    const auto worker = RunLock::take(run);
    ASSERT_TRUE(worker);
    EXPECT_FALSE(RunLock::take(run));
    const Result<RunReader> reading = RunReader::open(run, std::chrono::milliseconds(50));
    ASSERT_FALSE(reading);
    EXPECT_THAT(reading.failure().text(), testing::HasSubstr("a worker is at work"));
    EXPECT_TRUE(std::filesystem::exists(run.root / "run.db-journal")) << "the worker itself undoes it";
}

TEST_F(RunDb, IsReadOnADiskThatCannotBeWritten)
{
    {
        const auto writing = writer();
        writing->addMetrics(1, 1, {{"loss", 1.5}});
    }
    const test::Unwritable closed(run.root);
    RunReader reading = reader();
    EXPECT_EQ(reading.series("loss").at(0).value, 1.5);
    EXPECT_EQ(reading.warning(), "") << "nothing is missing";
}

TEST_F(RunDb, SaysWhatItLeavesOutOnADiskThatCannotBeWritten)
{
    leaveHalfAChange(run, folder / "original");
    const test::Unwritable closed(run.root);
    RunReader reading = reader();
    EXPECT_THAT(reading.warning(), testing::AllOf(testing::HasSubstr(run.database().string()),
                                                  testing::HasSubstr("newest rows may be missing"),
                                                  testing::HasSubstr("You may not write")));
}

TEST_F(RunDb, LosesNothingWhenAFlushFailsAndTheNextOneSucceeds)
{
    const auto writing = writer();
    {
        const Database other(run.database(), Database::Access::ReadWrite);
        other.execute("CREATE TRIGGER no BEFORE INSERT ON metrics BEGIN SELECT RAISE(ABORT, 'not now'); END");
        writing->addMetrics(1, 1, {{"loss", 1.0}});
        const auto failed = writing->flush();
        ASSERT_FALSE(failed);
        EXPECT_THAT(failed.failure().what, testing::HasSubstr("not now"));
        other.execute("DROP TRIGGER no");
    }
    writing->addMetrics(2, 2, {{"loss", 2.0}, {"new", 1.0}});
    ASSERT_TRUE(writing->flush());
    EXPECT_THAT(stepsOf(reader().series("loss")), ElementsAre(1, 2));
    EXPECT_EQ(reader().series("new").size(), 1u);
}

TEST_F(RunDb, KeepsRowsInMemoryAsLongAsAnotherProgramHoldsTheFile)
{
    std::vector<std::string> told;
    WriterOptions impatient;
    impatient.patience = std::chrono::milliseconds(50);
    impatient.onLock = [&](const std::string& sentence) { told.push_back(sentence); };
    const auto writing = RunWriter::open(run, impatient).value();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    const Database other(run.database(), Database::Access::ReadWrite);
    other.execute("BEGIN IMMEDIATE");
    writing->addMetrics(1, 1, {{"loss", 1.0}});
    EXPECT_EQ(writing->flush().value(), Flushed::Kept);
    EXPECT_EQ(writing->flushToDisk().value(), Flushed::Kept) << "no reason to end a training";
    EXPECT_FALSE(writing->heartbeat(1, "training"));
    EXPECT_FALSE(writing->endAttempt(0, "Finished."));
    ASSERT_EQ(told.size(), 1u) << "once, however long it takes";
    EXPECT_THAT(told[0], testing::HasSubstr(run.database().string()));
    EXPECT_THAT(reader().series("loss"), IsEmpty());
    other.execute("ROLLBACK");
    EXPECT_EQ(writing->flushToDisk().value(), Flushed::Written);
    ASSERT_TRUE(writing->endAttempt(0, "Finished."));
    RunReader reading = reader();
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1));
    ASSERT_TRUE(reading.lastEvent("warning"));
    EXPECT_EQ(reading.lastEvent("warning")->step, 1);
    EXPECT_THAT(reading.lastEvent("warning")->message, testing::HasSubstr("Another program held run.db"));
}

TEST_F(RunDb, WaitsForALockThatPasses)
{
    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    std::optional<Database> other(std::in_place, run.database(), Database::Access::ReadWrite);
    other->execute("BEGIN EXCLUSIVE");
    writing->addMetrics(1, 1, {{"loss", 1.0}});
    std::thread release([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        other->execute("ROLLBACK");
    });
    EXPECT_EQ(writing->flushToDisk().value(), Flushed::Written);
    release.join();
    EXPECT_EQ(reader().series("loss").size(), 1u);
}

// run.db alone, without the log beside it: what a copy of one file holds.
RunReader readerOfACopy(const RunLayout& run, const RunLayout& copy)
{
    std::filesystem::create_directories(copy.root);
    std::filesystem::copy_file(run.database(), copy.database());
    return RunReader::open(copy).value();
}

TEST_F(RunDb, IsWholeByItselfAtACheckpointAndAtTheEndThoughItIsRead)
{
    const auto writing = RunWriter::open(run, {.journal = Journal::Wal}).value();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    RunReader attached = reader();
    EXPECT_EQ(attached.attempts().size(), 1u);
    writing->addMetrics(1, 1, {{"loss", 1.0}});
    ASSERT_TRUE(writing->flushToDisk());
    EXPECT_EQ(attached.series("loss").size(), 1u);
    EXPECT_EQ(readerOfACopy(run, {folder / "checkpoint"}).series("loss").size(), 1u);
    writing->addMetrics(2, 2, {{"loss", 1.0}});
    ASSERT_TRUE(writing->endAttempt(0, "Finished."));
    RunReader copy = readerOfACopy(run, {folder / "end"});
    EXPECT_EQ(copy.series("loss").size(), 2u);
    EXPECT_EQ(copy.attempts().at(0).exitCode, 0);
    EXPECT_EQ(attached.series("loss").size(), 2u);
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

TEST_F(RunDb, GivesBackTheRoomThatItKeptForItsEnd)
{
    const auto writing = writer();
    EXPECT_GT(std::filesystem::file_size(run.reserve()), 100'000u);
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    ASSERT_TRUE(writing->endAttempt(0, "Finished."));
    EXPECT_FALSE(std::filesystem::exists(run.reserve()));
}

TEST_F(RunDb, IsWrittenByManyThreadsAndReadMeanwhile)
{
    const auto writing = writer();
    constexpr int kThreads = 3;
    constexpr int kRows = 400;
    std::atomic<int> left = kThreads;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 1; i <= kRows; ++i) {
                writing->addMetrics(i, i, {{std::string(1, static_cast<char>('a' + t)), double(i)}});
                if (i % 10 == 0) {
                    EXPECT_TRUE(t == 0 ? writing->heartbeat(i, "training").ok() : writing->flush().ok());
                }
            }
            --left;
        });
    }
    RunReader reading = reader();
    std::int64_t last = 0;
    std::size_t seen = 0;
    while (left > 0 || writing->flush().ok()) {
        const bool finished = left == 0;
        for (const MetricRow& row : reading.metricsAfter(last)) {
            EXPECT_GT(row.id, last);
            last = row.id;
            ++seen;
        }
        if (finished) {
            break;
        }
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    ASSERT_TRUE(writing->flush());
    seen += reading.metricsAfter(last).size();
    EXPECT_EQ(seen, std::size_t{kThreads} * kRows);
    EXPECT_EQ(reading.series("c").size(), std::size_t{kRows});
}

} // namespace
} // namespace dskd::store
