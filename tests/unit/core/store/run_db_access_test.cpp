// run.db beside others: readers, other programs' locks, killed workers, disks that cannot be written, several threads.

#include "core/store/database.h"
#include "core/store/run_lock.h"
#include "tests/support/unwritable.h"
#include "tests/unit/core/store/run_db.h"

#include <atomic>
#include <gmock/gmock.h>
#include <optional>
#include <sys/stat.h>
#include <thread>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RunDb, IsNoPipe)
{
    ASSERT_EQ(::mkfifo(run.database().c_str(), 0600), 0);
    EXPECT_THAT(RunReader::open(run).failure().what, testing::HasSubstr("is a named pipe"));
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

// As the window and `dskd attach` follow a run: short snapshots, one after the other, from its beginning to its end.
TEST_F(RunDb, IsWholeByItselfThoughItIsFollowedAllTheTime)
{
    const auto writing = RunWriter::open(run, {.journal = Journal::Wal}).value();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    std::atomic<bool> ended = false;
    std::vector<std::thread> followers;
    for (int i = 0; i < 2; ++i) {
        followers.emplace_back([&] {
            RunReader following = reader();
            std::int64_t last = 0;
            while (!ended) {
                const RunReader::Snapshot snapshot(following);
                for (const MetricRow& row : following.metricsAfter(last)) {
                    last = row.id;
                }
            }
        });
    }
    constexpr int kSteps = 200;
    for (int step = 1; step <= kSteps; ++step) {
        writing->addMetrics(step, step, {{"loss", 1.0}});
        EXPECT_TRUE(step == kSteps / 2 ? writing->flushToDisk() : writing->flush());
    }
    const Result<void> end = writing->endAttempt(0, "Finished.");
    RunReader copy = readerOfACopy(run, {folder / "end"}); // beside readers that still have the file open
    ended = true;
    for (std::thread& follower : followers) {
        follower.join();
    }
    ASSERT_TRUE(end);
    EXPECT_EQ(copy.series("loss").size(), std::size_t{kSteps});
    EXPECT_EQ(copy.attempts().at(0).exitCode, 0);
}

TEST_F(RunDb, WaitsAtItsEndForAReaderWithASnapshot)
{
    const auto writing = RunWriter::open(run, {.journal = Journal::Wal}).value();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    RunReader slow = reader();
    std::optional<RunReader::Snapshot> snapshot(std::in_place, slow);
    EXPECT_EQ(slow.attempts().size(), 1u); // a snapshot begins with the first thing that is read
    writing->addMetrics(1, 1, {{"loss", 1.0}});
    std::thread ending([&] { EXPECT_TRUE(writing->endAttempt(0, "Finished.")); });
    std::this_thread::sleep_for(std::chrono::milliseconds(1200)); // longer than one try
    EXPECT_GT(std::filesystem::file_size(run.root / "run.db-wal"), 0u) << "the snapshot is not in the way";
    snapshot.reset();
    ending.join();
    RunReader copy = readerOfACopy(run, {folder / "end"});
    EXPECT_EQ(copy.series("loss").size(), 1u);
    EXPECT_EQ(copy.attempts().at(0).exitCode, 0);
}

// A run folder as a worker on a log beside the file leaves it that is killed: the rows are in the log alone.
void leaveLog(const RunLayout& killed, const std::filesystem::path& scratch)
{
    const RunLayout original{scratch};
    std::filesystem::create_directories(scratch);
    const auto writing = RunWriter::open(original, {.journal = Journal::Wal}).value();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    writing->addMetrics(1, 1, {{"loss", 1.5}});
    ASSERT_TRUE(writing->flush());
    for (const char* name : {"run.db", "run.db-wal"}) {
        std::filesystem::copy_file(original.root / name, killed.root / name);
    }
    ASSERT_TRUE(RunLock::take(killed)) << "every worker makes the file of its lock";
}

TEST_F(RunDb, TakesInTheLogOfAKilledWorkerWhenItIsRead)
{
    leaveLog(run, folder / "original");
    EXPECT_THAT(readerOfACopy(run, {folder / "before"}).series("loss"), IsEmpty())
        << "the rows are in the file already, so this test shows nothing";
    RunReader reading = reader();
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1));
    EXPECT_THAT(stepsOf(readerOfACopy(run, {folder / "after"}).series("loss")), ElementsAre(1));
    EXPECT_FALSE(std::filesystem::exists(run.root / "run.db-wal"));
}

TEST_F(RunDb, LeavesTheLogOfALivingWorkerAlone)
{
    leaveLog(run, folder / "original");
    const auto size = std::filesystem::file_size(run.root / "run.db-wal");
    const auto worker = RunLock::take(run);
    ASSERT_TRUE(worker);
    EXPECT_THAT(stepsOf(reader().series("loss")), ElementsAre(1));
    EXPECT_EQ(std::filesystem::file_size(run.root / "run.db-wal"), size);
}

TEST_F(RunDb, HasNothingBesideItAfterTheEndAndIsWrittenOnOverAResume)
{
    const auto beside = [&] {
        std::vector<std::string> names;
        for (const char* end : {"-wal", "-shm", "-journal"}) {
            if (std::filesystem::exists(run.database().string() + end)) {
                names.emplace_back(end);
            }
        }
        return names;
    };
    {
        const auto writing = RunWriter::open(run, {.journal = Journal::Wal}).value();
        ASSERT_TRUE(writing->beginAttempt(std::nullopt));
        writing->addMetrics(1, 1, {{"loss", 1.0}});
        ASSERT_TRUE(writing->flush());
        EXPECT_THAT(beside(), ElementsAre("-wal", "-shm"));
        ASSERT_TRUE(writing->endAttempt(10, "Stopped."));
        EXPECT_THAT(beside(), IsEmpty());
    }
    RunReader reading = reader();
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1));
    EXPECT_THAT(beside(), IsEmpty()) << "a look at an ended run leaves no files";
    const auto resumed = RunWriter::open(run, {.journal = Journal::Wal}).value();
    ASSERT_TRUE(resumed->beginAttempt(1));
    resumed->addMetrics(2, 2, {{"loss", 1.0}});
    ASSERT_TRUE(resumed->flush());
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1, 2)) << "the reader of before sees what comes";
    ASSERT_TRUE(resumed->endAttempt(0, "Finished."));
    EXPECT_THAT(stepsOf(reading.series("loss")), ElementsAre(1, 2));
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
