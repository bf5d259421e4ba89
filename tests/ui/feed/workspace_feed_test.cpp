#include "ui/feed/workspace_feed.h"

#include "core/base/regular_file.h"
#include "core/jobs/table/run_edit.h"
#include "core/store/database.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/support/job_fixture.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/time_scale.h"
#include "tests/ui/feed/event_loop.h"
#include "tests/ui/feed/idle_cost.h"
#include "ui/feed/workspace_scan.h"
#include "ui/look/run_shade.h"

#include <QSignalSpy>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>

namespace dskd::ui
{
namespace
{

using jobs::Status;
using test::spinUntil;
using testing::HasSubstr;

// In rollback mode, because there a writer holds up readers.
class RollbackJournal
{
protected:
    RollbackJournal() { setenv("DSKD_JOURNAL", "rollback", 1); }
    ~RollbackJournal() { unsetenv("DSKD_JOURNAL"); }
};

class WorkspaceFeedTest : public RollbackJournal, public test::JobTest
{
protected:
    WorkspaceFeedTest()
    {
        setenv("DSKD", test::program("dskd").c_str(), 1);
        setenv("DSKD_WORKER", test::program("fake_worker").c_str(), 1);
    }
    ~WorkspaceFeedTest() override
    {
        unsetenv("DSKD");
        unsetenv("DSKD_WORKER");
    }
    [[nodiscard]] std::filesystem::path root() const { return workspace.layout().root; }
    static bool becomes(const WorkspaceFeed& feed, const std::string& run, Status status)
    {
        return spinUntil([&] { return feed.find(run) != nullptr && feed.find(run)->status.status == status; });
    }
    static bool load(const WorkspaceFeed& feed)
    {
        return spinUntil([&] { return feed.loaded(); });
    }
};

TEST_F(WorkspaceFeedTest, ShowsWhatTheWorkspaceHolds)
{
    const std::vector<std::string> ids = test::fillSampleWorkspace(workspace, "", 60);
    jobs::moveToTrash(workspace, ids[0]).value();
    ASSERT_TRUE(workspace.enqueue(ids[1]));
    WorkspaceFeed feed(root());
    EXPECT_FALSE(feed.loaded());
    ASSERT_TRUE(load(feed));
    ASSERT_EQ(feed.runs().size(), ids.size() - 1);
    for (std::size_t i = 1; i < ids.size(); ++i) {
        const RunRecord& record = feed.runs()[i - 1];
        EXPECT_EQ(record.row.id, ids[i]);
        EXPECT_EQ(record.status.sentence, jobs::readStatus(workspace, ids[i]).sentence);
        EXPECT_EQ(record.latest.at("loss"), store::RunReader::open(layout(ids[i])).value().latest().at("loss").value);
        EXPECT_GT(record.started, 0.0);
        EXPECT_GE(record.ended, record.started);
    }
    ASSERT_EQ(feed.trash().size(), 1U);
    EXPECT_EQ(feed.trash()[0].id, ids[0]);
    ASSERT_EQ(feed.queue().size(), 1U);
    EXPECT_EQ(feed.find(ids[0]), nullptr);
}

TEST_F(WorkspaceFeedTest, IsSilentWhileNothingDiffers)
{
    test::fillSampleWorkspace(workspace, "", 20);
    WorkspaceScan scan(root());
    const std::atomic<bool> cancelled{false};
    const auto differs = [](const WorkspaceChanges& changes) {
        return changes.runs || !changes.records.empty() || changes.experiments || changes.trash || changes.queue ||
               changes.trouble;
    };
    EXPECT_TRUE(differs(scan.look(cancelled))) << "the first look finds everything";
    constexpr int kEveryRunHadItsTurn = 20; // and what reading leaves behind counts for nothing
    for (int look = 1; look < 2 * kEveryRunHadItsTurn; ++look) {
        const bool differed = differs(scan.look(cancelled));
        EXPECT_TRUE(look < kEveryRunHadItsTurn || !differed) << "look " << look;
    }
    workspace.setNote(workspace.runs().front().id, "a change").value();
    EXPECT_TRUE(differs(scan.look(cancelled)));
}

TEST_F(WorkspaceFeedTest, LooksAtTwoThousandRunsForLittleWhenNothingHappens)
{
    const std::string run = newRun("");
    {
        const auto writer = store::RunWriter::open(layout(run)).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addMetrics(1, 1, {{"loss", 1.0}});
        writer->endAttempt(0, "Done.").value();
    }
    using namespace std::chrono_literals;
    std::filesystem::last_write_time(layout(run).database(), std::filesystem::file_time_type::clock::now() - 1h);
    const store::Database database(workspace.layout().database(), store::Database::Access::ReadWrite);
    store::Transaction transaction(database);
    for (int i = 0; i < 2000; ++i) {
        const std::string copy = "copy-" + std::to_string(i);
        std::filesystem::copy(layout(run).root, layout(copy).root,
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::create_hard_links);
        database
            .prepare(
                "INSERT INTO runs(id, name, group_name, created, job, objective, space, alignment, distance, seed, "
                "teacher, student, config_hash, note, trashed, number) SELECT ?, name, group_name, created, job, "
                "objective, space, alignment, distance, seed, teacher, student, config_hash, note, trashed, number "
                "+ ? FROM runs WHERE id = ?")
            .bind(1, copy)
            .bind(2, std::int64_t{i} + 1)
            .bind(3, run)
            .run();
    }
    transaction.commit();
    test::StatementCounter statements;
    const std::ptrdiff_t filesBefore = test::openFiles();
    WorkspaceScan scan(root());
    const std::atomic<bool> cancelled = false;
    QElapsedTimer timer;
    timer.start();
    ASSERT_EQ(scan.look(cancelled).runs->size(), 2001U);
    RecordProperty("firstLookMs", static_cast<int>(timer.restart()));
    constexpr int kOfTheWorkspace = 3; // workspace.db and, with a write-ahead log, its two companions
    EXPECT_LE(test::openFiles(), filesBefore + kOfTheWorkspace);
    EXPECT_GE(statements.take(), 2001) << "the counter sees no statements";
    constexpr int kLooks = 20;
    for (int i = 0; i < kLooks; ++i) {
        const WorkspaceChanges changes = scan.look(cancelled);
        EXPECT_FALSE(changes.runs || changes.queue || changes.trash || !changes.records.empty());
    }
    EXPECT_LE(statements.take(), kLooks) << "one a look: has workspace.db changed?";
    RecordProperty("idleLookUs", static_cast<int>(timer.nsecsElapsed() / 1000 / kLooks));
    EXPECT_LT(timer.elapsed() / kLooks, 25 * test::kTimeScale); // a tenth of the time between two looks
}

TEST_F(WorkspaceFeedTest, GivesEveryRunItsColourForGood)
{
    const std::vector<std::string> ids = test::fillSampleWorkspace(workspace, "", 5);
    std::map<std::string, int> colors;
    {
        WorkspaceFeed feed(root());
        ASSERT_TRUE(load(feed));
        for (const RunRecord& run : feed.runs()) {
            colors[run.row.id] = run.color;
        }
    }
    jobs::moveToTrash(workspace, ids[0]).value();
    (void)jobs::purge(workspace, ids[0]).value();
    WorkspaceFeed feed(root());
    ASSERT_TRUE(load(feed));
    for (const RunRecord& run : feed.runs()) {
        EXPECT_EQ(run.color, colors.at(run.row.id)) << run.row.id;
    }
    const auto seedsShare = [&](const RunRecord& a, const RunRecord& b) {
        return (a.row.configHash == b.row.configHash) == (hueOf(a.color) == hueOf(b.color)) &&
               (a.row.id == b.row.id) == (a.color == b.color);
    };
    for (const RunRecord& a : feed.runs()) {
        for (const RunRecord& b : feed.runs()) {
            EXPECT_TRUE(seedsShare(a, b)) << a.row.id << ' ' << b.row.id;
        }
    }
}

TEST_F(WorkspaceFeedTest, AddsRunsAndSeesThatTheyAreWorkedOn)
{
    WorkspaceFeed feed(root());
    QSignalSpy added(&feed, &WorkspaceFeed::added);
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    config::Experiment broken = experiment("steps=1");
    broken.data.train.clear();
    feed.add({experiment("steps=2"), broken, experiment("steps=3")});
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 1; }, 5000));
    EXPECT_EQ(added.count(), 0) << "all of them or none";
    EXPECT_TRUE(feed.queue().empty());
    feed.add({experiment("steps=2"), experiment("steps=3")});
    ASSERT_TRUE(spinUntil([&] { return added.count() == 1; }, 5000))
        << failed.count() << " failed: " << failed.last()[0].toString().toStdString();
    const QStringList ids = added[0][0].toStringList();
    ASSERT_EQ(ids.size(), 2);
    EXPECT_THAT(failed[0][0].toString().toStdString(), HasSubstr("data.train"));
    for (const QString& id : ids) {
        EXPECT_TRUE(becomes(feed, id.toStdString(), Status::Done)) << id.toStdString();
    }
    EXPECT_EQ(feed.find(ids[1].toStdString())->status.step, 3);
    EXPECT_TRUE(spinUntil([&] { return feed.queue().empty(); }));
    // The runner that was started goes by itself, before its workspace does.
    EXPECT_TRUE(
        spinUntil([&] { return readTextFile(root() / "queue.log").value().find("2 finished") != std::string::npos; }));
}

TEST_F(WorkspaceFeedTest, FindsAnExperimentForRunsThatHaveNone)
{
    config::Experiment loose = experiment("dual");
    loose.group = "demo";
    (void)jobs::createRun(workspace, loose).value();
    loose.seed += 1;
    (void)jobs::createRun(workspace, loose).value();
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing == 2; }))
        << "neither was started";
    EXPECT_EQ(feed.experiments()[0].unmade, 0u);
    EXPECT_EQ(feed.experiments()[0].row.name, "demo: dual");
    for (const RunRecord& run : feed.runs()) {
        EXPECT_EQ(run.row.experiment, feed.experiments()[0].row.id);
    }
}

TEST_F(WorkspaceFeedTest, SavesRevisionsAndMakesTheRunsThatAreMissing)
{
    WorkspaceFeed feed(root());
    QSignalSpy added(&feed, &WorkspaceFeed::added);
    config::Plan plan;
    plan.base = experiment();
    plan.seeds = {1, 2};
    feed.saveExperiment("pair", plan, false);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing == 2; }));
    EXPECT_EQ(added.count(), 0);
    const std::int64_t id = feed.experiments()[0].row.id;
    plan.seeds = {1, 2, 3};
    feed.saveExperiment("pair", plan, true);
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 3 && feed.experiments()[0].missing == 0; }));
    EXPECT_EQ(feed.experiments()[0].row.revision, 2);
    ASSERT_EQ(added.count(), 1);
    EXPECT_EQ(added[0][0].toStringList().size(), 3);
    const std::vector<RunRecord> made = feed.runs(); // the feed's own change while it is waited
    for (const RunRecord& run : made) {
        EXPECT_EQ(run.row.experiment, id);
        EXPECT_EQ(run.row.revision, 2);
        EXPECT_TRUE(becomes(feed, run.row.id, Status::Done));
    }
    feed.runMissing(id);
    feed.moveToTrash({feed.runs()[0].row.id});
    ASSERT_TRUE(spinUntil([&] { return feed.experiments()[0].missing == 1; })) << "what is in the trash is missing";
    feed.runMissing(id);
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 3 && feed.experiments()[0].missing == 0; }));
    feed.runAgain(id);
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 6; }));
    const auto finished = [&] { // as the queue runners say when they go
        std::istringstream log(readTextFile(root() / "queue.log").value());
        int runs = 0;
        for (std::string line; std::getline(log, line);) {
            runs += line.find(" finished, ") == std::string::npos ? 0 : std::stoi(line);
        }
        return runs;
    };
    EXPECT_TRUE(spinUntil([&] { return finished() == 7; })) << "three, the one in the trash once more, all again";
}

TEST_F(WorkspaceFeedTest, StartsAMissingRunThatIsThereInsteadOfMakingAnother)
{
    config::Plan plan;
    plan.base = experiment();
    const auto row = jobs::saveExperiment(workspace, "one", plan).value();
    const std::string id = jobs::createQueued(workspace, row, jobs::missingRuns(workspace, row).value()).value()[0];
    ASSERT_TRUE(workspace.dequeue(id)); // as "dskd queue clear" does
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing == 1; }));
    feed.runMissing(row.id);
    EXPECT_TRUE(becomes(feed, id, Status::Done));
    EXPECT_TRUE(spinUntil([&] { return feed.experiments()[0].missing == 0; })) << "it is counted again as it ends";
    EXPECT_EQ(feed.runs().size(), 1u);
    // The runner that was started goes by itself, before its workspace does.
    EXPECT_TRUE(
        spinUntil([&] { return readTextFile(root() / "queue.log").value().find("1 finished") != std::string::npos; }));
}

TEST_F(WorkspaceFeedTest, BringsARunBackIntoItsExperimentThatWasDeleted)
{
    config::Plan plan;
    plan.base = experiment();
    const auto row = jobs::saveExperiment(workspace, "one", plan).value();
    const std::string id = jobs::createQueued(workspace, row, jobs::missingRuns(workspace, row).value()).value()[0];
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 1 && feed.experiments().size() == 1; }));
    feed.moveToTrash({id});
    feed.deleteExperiment(row.id);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().empty() && feed.trash().size() == 1; }));
    feed.restore({id});
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.runs().size() == 1; }));
    EXPECT_EQ(feed.experiments()[0].row.name, "one");
    EXPECT_EQ(feed.runs()[0].row.experiment, row.id);
}

TEST_F(WorkspaceFeedTest, ChangesExperimentsAndSaysWhatItRefuses)
{
    config::Plan plan;
    plan.base = experiment();
    WorkspaceFeed feed(root());
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    feed.saveExperiment("one", plan, false);
    feed.saveExperiment("two", plan, false);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 2; }));
    const std::int64_t id = feed.experiments()[0].row.id;
    const auto row = [&]() -> const store::ExperimentRow& { return feed.experiments()[0].row; };
    feed.renameExperiment(id, "better");
    feed.setExperimentNote(id, "a note");
    feed.setExperimentTags(id, {"b", "a", "b"});
    feed.archiveExperiment(id, true);
    ASSERT_TRUE(spinUntil([&] { return row().archived.has_value(); }));
    EXPECT_EQ(row().name, "better");
    EXPECT_EQ(row().note, "a note");
    EXPECT_THAT(row().tags, testing::ElementsAre("a", "b"));
    EXPECT_EQ(failed.count(), 0);
    feed.renameExperiment(id, "two");
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 1; }));
    EXPECT_THAT(failed[0][0].toString().toStdString(), HasSubstr("\"two\" already"));
    feed.deleteExperiment(id);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1; }));
    EXPECT_EQ(row().name, "two");
    feed.runMissing(id);
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 2; })) << "it is gone";
}

TEST_F(WorkspaceFeedTest, WhatWasStoredCanBeTakenBackAndMadeAgain)
{
    const std::string run = newRun("");
    WorkspaceFeed feed(root());
    std::vector<Edit> edits;
    QObject::connect(&feed, &WorkspaceFeed::edited, [&](const Edit& edit) { edits.push_back(edit); });
    ASSERT_TRUE(becomes(feed, run, Status::Created));
    ASSERT_TRUE(spinUntil([&] { return feed.find(run)->row.experiment.has_value(); }));
    const std::string before = feed.find(run)->row.name;
    feed.rename(run, "a name");
    ASSERT_TRUE(spinUntil([&] { return feed.find(run)->row.name == "a name"; }));
    ASSERT_EQ(edits.size(), 1U);
    feed.setNote(run, "a note");
    feed.moveToTrash({"no-such-run", run});
    ASSERT_TRUE(spinUntil([&] { return feed.find(run) == nullptr; }));
    ASSERT_EQ(edits.size(), 3U);
    edits[2].undo();
    ASSERT_TRUE(spinUntil([&] { return feed.find(run) != nullptr; }));
    edits[1].undo();
    edits[0].undo();
    ASSERT_TRUE(spinUntil([&] { return feed.find(run)->row.name == before; }));
    EXPECT_EQ(feed.find(run)->row.note, "");
    edits[0].redo();
    ASSERT_TRUE(spinUntil([&] { return feed.find(run)->row.name == "a name"; }));

    const std::int64_t id = feed.experiments()[0].row.id;
    feed.archiveExperiment(id, true);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments()[0].row.archived.has_value(); }));
    ASSERT_EQ(edits.size(), 4U) << "undoing is no edit";
    edits[3].undo();
    EXPECT_TRUE(spinUntil([&] { return !feed.experiments()[0].row.archived.has_value(); }));
    feed.rename(run, "a name");
    QTest::qWait(300);
    EXPECT_EQ(edits.size(), 4U) << "nor is what changes nothing";
}

TEST_F(WorkspaceFeedTest, TakesBackWhatWasSaidOfManyRunsInOneStep)
{
    const std::vector<std::string> ids{newRun(""), newRun("")};
    ASSERT_TRUE(workspace.addTag(ids[0], "paper"));
    ASSERT_TRUE(workspace.setNote(ids[1], "older"));
    WorkspaceFeed feed(root());
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    std::vector<Edit> edits;
    QObject::connect(&feed, &WorkspaceFeed::edited, [&](const Edit& edit) { edits.push_back(edit); });
    ASSERT_TRUE(becomes(feed, ids[0], Status::Created));
    ASSERT_TRUE(becomes(feed, ids[1], Status::Created));
    const auto tags = [&](std::size_t run) { return feed.find(ids[run])->row.tags; };
    const std::vector<std::string> both{"odd", "paper"};
    std::vector<Failure> failures;
    feed.editRuns({ids[0], "no-such-run", ids[1]}, {.addedTags = both},
                  [&](const std::vector<Failure>& said) { failures = said; });
    ASSERT_TRUE(spinUntil([&] { return tags(0) == both && tags(1) == both && edits.size() == 1; }));
    ASSERT_EQ(edits.size(), 1U);
    EXPECT_EQ(edits[0].name, QStringLiteral("Change tags"));
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_THAT(failures[0].what, HasSubstr("no-such-run"));
    EXPECT_EQ(failed.count(), 0) << "who asked is told";
    feed.editRuns(ids, {.note = "newer"});
    ASSERT_TRUE(spinUntil([&] { return feed.find(ids[0])->row.note == "newer" && edits.size() == 2; }));
    feed.editRuns(ids, {.note = "newer", .removedTags = {"never there"}});
    edits[1].undo();
    ASSERT_TRUE(spinUntil([&] { return feed.find(ids[1])->row.note == "older"; }));
    EXPECT_EQ(feed.find(ids[0])->row.note, "");
    EXPECT_EQ(tags(1), both) << "nothing else";
    edits[0].undo();
    ASSERT_TRUE(spinUntil([&] { return tags(1).empty(); }));
    EXPECT_THAT(tags(0), testing::ElementsAre("paper")) << "which it had before";
    edits[0].redo();
    ASSERT_TRUE(spinUntil([&] { return tags(0) == both && tags(1) == both; }));
    EXPECT_EQ(edits.size(), 2U) << "what changes nothing is no edit";
}

TEST_F(WorkspaceFeedTest, StopsAndResumesARun)
{
    const std::string run = newRun("steps=100000 delay=10");
    launch(run);
    WorkspaceFeed feed(root());
    ASSERT_TRUE(becomes(feed, run, Status::Running));
    EXPECT_TRUE(spinUntil([&] { return feed.find(run)->latest.contains("loss"); }));
    feed.checkpointNow({run});
    EXPECT_TRUE(spinUntil([&] { return feed.find(run)->status.checkpoint.has_value(); }));
    feed.stop({run});
    ASSERT_TRUE(becomes(feed, run, Status::Stopped));
    feed.enqueue({run});
    ASSERT_TRUE(becomes(feed, run, Status::Running));
    feed.kill({run});
    EXPECT_TRUE(becomes(feed, run, Status::Stopped)) << "on request";
    EXPECT_TRUE(spinUntil([&] { return feed.queue().empty(); }));
}

TEST_F(WorkspaceFeedTest, ShowsASuspendedWorkerAsStalledAndItsReturn)
{
    // As on a local disk. A worker suspended in the middle of a commit of a rollback journal would lock its readers
    // out.
    qputenv("DSKD_JOURNAL", "wal");
    const std::string run = newRun("steps=100000 delay=10");
    const int pid = launch(run);
    WorkspaceFeed feed(root());
    ASSERT_TRUE(becomes(feed, run, Status::Running));
    ::kill(pid, SIGSTOP);
    EXPECT_TRUE(becomes(feed, run, Status::Stalled));
    EXPECT_THAT(feed.find(run)->status.sentence, HasSubstr("suspended"));
    ::kill(pid, SIGCONT);
    EXPECT_TRUE(becomes(feed, run, Status::Running));
}

TEST_F(WorkspaceFeedTest, TrashesRestoresAndPurges)
{
    const std::string run = newRun("");
    WorkspaceFeed feed(root());
    ASSERT_TRUE(becomes(feed, run, Status::Created));
    feed.rename(run, "a name");
    feed.setNote(run, "a note");
    feed.editRuns({run}, {.group = "a group"});
    EXPECT_TRUE(spinUntil([&] { return feed.find(run)->row.group == "a group"; }));
    EXPECT_EQ(feed.find(run)->row.name, "a name");
    EXPECT_EQ(feed.find(run)->row.note, "a note");
    feed.moveToTrash({run});
    EXPECT_TRUE(spinUntil([&] { return feed.find(run) == nullptr && feed.trash().size() == 1; }));
    feed.restore({run});
    EXPECT_TRUE(spinUntil([&] { return feed.find(run) != nullptr && feed.trash().empty(); }));
    feed.moveToTrash({run});
    feed.purge({run});
    EXPECT_TRUE(spinUntil([&] { return feed.find(run) == nullptr && feed.trash().empty(); }));
    EXPECT_TRUE(spinUntil([&] { return !std::filesystem::exists(workspace.layout().trash() / run); }));
}

TEST_F(WorkspaceFeedTest, SaysWhatACommandCouldNotDoAndDoesTheRest)
{
    const std::string run = newRun("");
    WorkspaceFeed feed(root());
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    ASSERT_TRUE(load(feed));
    feed.moveToTrash({"no-such-run", run});
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 1; }));
    EXPECT_THAT(failed[0][0].toString().toStdString(), HasSubstr("no-such-run"));
    EXPECT_TRUE(spinUntil([&] { return feed.trash().size() == 1; }));
}

TEST_F(WorkspaceFeedTest, KeepsTheLastStateWhileTheDatabaseIsLockedAndRecovers)
{
    const std::string run = newRun("");
    WorkspaceFeed feed(root());
    QSignalSpy trouble(&feed, &WorkspaceFeed::troubleChanged);
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    ASSERT_TRUE(becomes(feed, run, Status::Created));
    {
        const store::Database other(workspace.layout().database(), store::Database::Access::ReadWrite);
        other.execute("BEGIN EXCLUSIVE");
        const test::GapMeter gaps;
        feed.rename(run, "while locked");
        ASSERT_TRUE(spinUntil([&] { return trouble.count() == 1; }));
        EXPECT_THAT(trouble[0][0].toString().toStdString(), HasSubstr("locked"));
        EXPECT_NE(feed.find(run), nullptr);
        ASSERT_TRUE(spinUntil([&] { return failed.count() == 1; }));
        EXPECT_LT(gaps.longestMs(), 100 * test::kTimeScale);
    }
    ASSERT_TRUE(spinUntil([&] { return trouble.count() == 2; }));
    EXPECT_EQ(trouble[1][0].toString(), QString());
    feed.rename(run, "after it");
    EXPECT_TRUE(spinUntil([&] { return feed.find(run)->row.name == "after it"; }));
}

TEST_F(WorkspaceFeedTest, KeepsTheLastStateWhileTheFolderIsAwayAndRecovers)
{
    const std::string run = newRun("");
    WorkspaceFeed feed(root());
    QSignalSpy trouble(&feed, &WorkspaceFeed::troubleChanged);
    ASSERT_TRUE(becomes(feed, run, Status::Created));
    std::filesystem::rename(root(), folder / "away");
    ASSERT_TRUE(spinUntil([&] { return trouble.count() == 1; }));
    EXPECT_THAT(trouble[0][0].toString().toStdString(), HasSubstr("not mounted"));
    EXPECT_NE(feed.find(run), nullptr);
    std::filesystem::rename(folder / "away", root());
    ASSERT_TRUE(spinUntil([&] { return trouble.count() == 2; }));
    EXPECT_EQ(trouble[1][0].toString(), QString());
}

TEST_F(WorkspaceFeedTest, EndsSoonWhileItWaitsForALock)
{
    const std::string run = newRun("");
    auto feed = std::make_unique<WorkspaceFeed>(root());
    ASSERT_TRUE(becomes(*feed, run, Status::Created));
    const store::Database other(workspace.layout().database(), store::Database::Access::ReadWrite);
    other.execute("BEGIN EXCLUSIVE");
    feed->rename(run, "while locked");
    QTest::qWait(300);
    QElapsedTimer timer;
    timer.start();
    feed.reset();
    EXPECT_LT(timer.elapsed(), 5000 * test::kTimeScale);
}

} // namespace
} // namespace dskd::ui
