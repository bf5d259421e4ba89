#include "ui/feed/workspace_feed.h"

#include "core/base/regular_file.h"
#include "core/jobs/table/run_edit.h"
#include "core/store/database.h"
#include "core/store/run_reader.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/time_scale.h"
#include "tests/ui/feed/workspace_feed_fixture.h"
#include "ui/look/run_shade.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <csignal>
#include <map>
#include <memory>

namespace dskd::ui
{
namespace
{

using jobs::Status;
using test::spinUntil;
using testing::HasSubstr;

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
