#include "core/store/experiment_table.h"

#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Experiments : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    WorkspaceDb workspace = WorkspaceDb::create(folder / "w").value();
    ExperimentTable table{workspace};

    void addRun(const std::string& id, std::int64_t experiment)
    {
        RunRow run;
        run.id = id;
        run.experiment = experiment;
        run.revision = 1;
        ASSERT_TRUE(workspace.addRun(run));
    }
};

TEST_F(Experiments, KeepEveryRevision)
{
    const std::int64_t id = table.add("dual", "{1}").value();
    EXPECT_EQ(table.revise(id, "{2}").value(), 2);
    EXPECT_EQ(table.revise(id, "{2}").value(), 2) << "nothing has changed";
    EXPECT_EQ(table.revise(id, "{1}").value(), 3) << "back to an earlier plan is a change";
    const auto revisions = table.revisions(id);
    ASSERT_EQ(revisions.size(), 3u);
    EXPECT_EQ(revisions[1].plan, "{2}");
    EXPECT_GE(revisions[2].created, revisions[0].created);
    EXPECT_EQ(table.revision(id, 1).value().plan, "{1}");
    EXPECT_EQ(table.revision(id, 4).failure().kind, FailureKind::NotFound);
    EXPECT_EQ(table.find("dual").value().revision, 3);
    EXPECT_EQ(table.revise(99, "{}").failure().kind, FailureKind::NotFound);
}

TEST_F(Experiments, AreMadeOnceForRunsThatHaveNone)
{
    for (const char* id : {"a", "b"}) {
        RunRow run;
        run.id = id;
        ASSERT_TRUE(workspace.addRun(run));
    }
    (void)table.add("dual", "{}").value();
    EXPECT_EQ(table.addFor({"a"}, "dual", "{1}").value(), 1u);
    EXPECT_EQ(workspace.run("a").value().experiment, table.find("dual 2").value().id) << "the name was taken";
    EXPECT_EQ(workspace.run("a").value().revision, 1);
    EXPECT_EQ(table.addFor({"a", "b"}, "sft", "{2}").value(), 1u) << "another program was first with one of them";
    EXPECT_EQ(table.addFor({"a", "b"}, "too late", "{3}").value(), 0u);
    EXPECT_EQ(table.all().size(), 3u);
    EXPECT_EQ(table.addFor({"b"}, "", "{}").failure().kind, FailureKind::Usage);
}

TEST_F(Experiments, AreFoundByNameAndNumber)
{
    const std::int64_t dual = table.add("dual space", "{}").value();
    EXPECT_EQ(table.find("dual space").value().id, dual);
    EXPECT_EQ(table.find("#" + std::to_string(dual)).value().name, "dual space");
    EXPECT_EQ(table.find("dual spade").failure().hint, "Did you mean dual space?");
    EXPECT_EQ(table.find("#").failure().kind, FailureKind::NotFound);
}

TEST_F(Experiments, HaveNamesOfTheirOwn)
{
    const std::int64_t a = table.add("a", "{}").value();
    EXPECT_THAT(table.add("a", "{}").failure().what, HasSubstr("\"a\" already"));
    EXPECT_FALSE(table.add("", "{}"));
    EXPECT_FALSE(table.add("#2", "{}"));
    EXPECT_EQ(table.freeName("a"), "a 2");
    ASSERT_TRUE(table.add("a 2", "{}"));
    EXPECT_EQ(table.freeName("a"), "a 3");
    EXPECT_EQ(table.freeName("b"), "b");
    EXPECT_FALSE(table.rename(a, "a 2"));
    EXPECT_TRUE(table.rename(a, "a")) << "its own name is free for it";
    EXPECT_TRUE(table.rename(a, "c"));
    EXPECT_EQ(table.find("c").value().id, a);
}

TEST_F(Experiments, KeepNoteTagsAndArchive)
{
    const std::int64_t id = table.add("a", "{}").value();
    ASSERT_TRUE(table.setNote(id, "for table 2"));
    ASSERT_TRUE(table.setTags(id, {"paper", "gpt2", "paper"}));
    ASSERT_TRUE(table.setArchived(id, 12.5));
    ExperimentRow row = table.find("a").value();
    EXPECT_EQ(row.note, "for table 2");
    EXPECT_THAT(row.tags, ElementsAre("gpt2", "paper"));
    EXPECT_EQ(row.archived, 12.5);
    ASSERT_TRUE(table.setTags(id, {}));
    ASSERT_TRUE(table.setArchived(id, std::nullopt));
    row = table.find("a").value();
    EXPECT_THAT(row.tags, IsEmpty());
    EXPECT_EQ(row.archived, std::nullopt);
    EXPECT_FALSE(table.setTags(99, {"x"}));
}

TEST_F(Experiments, KnowTheirRunsAndLeaveThemBehind)
{
    const std::int64_t id = table.add("a", "{}").value();
    addRun("r1", id);
    addRun("r2", id);
    ASSERT_TRUE(workspace.setTrashed("r1", 5.0));
    EXPECT_THAT(table.runs(id), ElementsAre("r2"));
    EXPECT_EQ(workspace.run("r2").value().experiment, id);
    EXPECT_EQ(workspace.run("r2").value().revision, 1);
    ASSERT_TRUE(table.forget(id));
    EXPECT_EQ(workspace.run("r2").value().experiment, std::nullopt);
    EXPECT_THAT(table.all(), IsEmpty());
    EXPECT_NE(table.add("b", "{}").value(), id) << "a number never comes back";
}

} // namespace
} // namespace dskd::store
