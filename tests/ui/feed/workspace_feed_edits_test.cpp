// What was stored through the feed is taken back and made again.

#include "core/jobs/table/run_edit.h"
#include "tests/ui/feed/workspace_feed_fixture.h"

#include <QSignalSpy>
#include <QTest>

namespace dskd::ui
{
namespace
{

using jobs::Status;
using test::spinUntil;
using testing::HasSubstr;

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

TEST_F(WorkspaceFeedTest, RefusesANameThatMeansSomethingElse)
{
    const std::string run = newRun("");
    WorkspaceFeed feed(root());
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    ASSERT_TRUE(becomes(feed, run, Status::Created));
    const std::string before = feed.find(run)->row.name;
    feed.rename(run, "last");
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 1; }));
    EXPECT_THAT(failed[0][0].toString().toStdString(), HasSubstr("stands for the newest run"));
    EXPECT_EQ(feed.find(run)->row.name, before);
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

} // namespace
} // namespace dskd::ui
