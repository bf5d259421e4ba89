#include "core/store/experiment_table.h"

#include "core/store/chosen_names.h"
#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
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
    for (const std::string behind : {"@1", "abc", " ", "."}) {
        const auto found = table.find("#" + std::to_string(dual) + behind);
        EXPECT_FALSE(found) << behind;
        EXPECT_THAT(found.failure().what, HasSubstr("There is no experiment #"));
    }
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

TEST_F(Experiments, AreNotCalledWhatMeansSomethingElse)
{
    const auto refused = [&](const std::string& name) {
        const auto added = table.add(name, "{}");
        EXPECT_FALSE(added) << name;
        return added ? Failure{} : added.failure();
    };
    EXPECT_THAT(refused("abl@1").what, HasSubstr("ends like a revision"));
    EXPECT_EQ(refused("abl@1").hint, "Choose another name, for example \"abl-1\".");
    EXPECT_EQ(refused("abl@1").kind, FailureKind::Usage);
    EXPECT_THAT(refused("last").what, HasSubstr("stands for the newest run"));
    EXPECT_EQ(refused("last").hint, "Choose another name, for example \"last experiment\".");
    EXPECT_THAT(refused("group:demo").hint, HasSubstr("\"demo\""));
    EXPECT_THAT(refused("#2").hint, HasSubstr("\"2\""));
    EXPECT_THAT(refused(" \t").what, HasSubstr("needs a name"));
    const std::int64_t id = table.add("abl-1", "{}").value();
    EXPECT_THAT(refused("abl@1").hint, HasSubstr("\"abl-1 2\"")) << "what is proposed is free";
    EXPECT_THAT(refused("abl-1").hint, HasSubstr("\"abl-1 2\""));
    EXPECT_EQ(table.rename(id, "last").failure().kind, FailureKind::Usage);
}

TEST_F(Experiments, WithALongNameThatIsTakenAreNumberedWithinWhatANameMayHave)
{
    const std::string longest(kLongestName - 1, 'x');
    ASSERT_TRUE(table.add(longest + "é", "{}"));
    EXPECT_EQ(table.freeName(longest + "é"), std::string(kLongestName - 2, 'x') + " 2");
    ASSERT_TRUE(table.add(table.freeName(longest + "é"), "{}"));
    EXPECT_FALSE(table.add(longest + "éé", "{}"));
}

TEST_F(Experiments, AreMadeUnderAUsableNameForRunsThatAreCalledOtherwise)
{
    RunRow run;
    run.id = "a";
    ASSERT_TRUE(workspace.addRun(run));
    EXPECT_EQ(table.addFor({"a"}, "abl@1", "{}").value(), 1u);
    EXPECT_EQ(table.all().at(0).name, "abl-1");
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

TEST_F(Experiments, ComeBackWithARunOutOfTheTrash)
{
    const std::int64_t id = table.add("a", "{1}").value();
    (void)table.revise(id, "{2}").value();
    ASSERT_TRUE(table.setTags(id, {"paper"}));
    addRun("r1", id);
    addRun("r2", id);
    ASSERT_TRUE(workspace.setTrashed("r1", 5.0));
    ASSERT_TRUE(workspace.setTrashed("r2", 5.0));
    ASSERT_TRUE(table.forget(id));
    EXPECT_THAT(table.all(), IsEmpty());
    EXPECT_EQ(table.find("a").failure().kind, FailureKind::NotFound);
    EXPECT_EQ(table.find("#" + std::to_string(id)).failure().kind, FailureKind::NotFound);
    EXPECT_FALSE(table.rename(id, "b"));
    EXPECT_FALSE(table.setNote(id, "n"));
    EXPECT_FALSE(table.setTags(id, {}));
    EXPECT_FALSE(table.revise(id, "{3}"));
    EXPECT_FALSE(table.forget(id));
    ASSERT_TRUE(table.add("a", "{}")) << "its name is free";

    ASSERT_TRUE(workspace.setTrashed("r1", std::nullopt));
    const ExperimentRow row = table.find("a 2").value();
    EXPECT_EQ(row.id, id);
    EXPECT_EQ(row.revision, 2);
    EXPECT_THAT(row.tags, ElementsAre("paper"));
    EXPECT_THAT(table.runs(id), ElementsAre("r1"));
    EXPECT_EQ(workspace.run("r2").value().experiment, id);
}

TEST_F(Experiments, GoForGoodWithTheLastOfTheirRuns)
{
    const std::int64_t id = table.add("a", "{1}").value();
    addRun("r1", id);
    ASSERT_TRUE(workspace.setTrashed("r1", 5.0));
    ASSERT_TRUE(table.forget(id));
    EXPECT_EQ(table.revisions(id).size(), 1u);
    ASSERT_TRUE(workspace.forget("r1"));
    EXPECT_THAT(table.revisions(id), IsEmpty());
}

TEST_F(Experiments, ThatWereDeletedMeanwhileGetNoRuns)
{
    const std::int64_t gone = table.add("a", "{}").value();
    const std::int64_t hidden = table.add("b", "{}").value();
    const std::int64_t own = table.add("c", "{}").value();
    addRun("r1", own);
    addRun("r2", hidden);
    ASSERT_TRUE(workspace.setTrashed("r2", 5.0));
    ASSERT_TRUE(table.forget(gone));
    ASSERT_TRUE(table.forget(hidden)); // its row stays for the run in the trash
    for (const std::int64_t id : {gone, hidden, std::int64_t{99}}) {
        const auto placed = table.place({"r1"}, id, 1);
        ASSERT_FALSE(placed) << id;
        EXPECT_EQ(placed.failure().kind, FailureKind::NotFound);
        EXPECT_THAT(placed.failure().what, HasSubstr("#" + std::to_string(id) + " any more"));
    }
    EXPECT_EQ(workspace.run("r1").value().experiment, own);
    ASSERT_TRUE(table.place({"r1"}, table.add("d", "{}").value(), 1));
    EXPECT_THAT(table.runs(own), IsEmpty());
}

TEST_F(Experiments, ArePutBackAsTheyWere)
{
    const std::int64_t id = table.add("a", "{1}").value();
    (void)table.revise(id, "{2}").value();
    ASSERT_TRUE(table.setNote(id, "for table 2"));
    ASSERT_TRUE(table.setTags(id, {"paper", "gpt2"}));
    ASSERT_TRUE(table.setArchived(id, 12.5));
    const ExperimentRow row = table.find("a").value();
    const auto revisions = table.revisions(id);
    ASSERT_TRUE(table.forget(id));
    EXPECT_EQ(table.putBack(row, revisions).value(), "a");
    const ExperimentRow now = table.find("a").value();
    EXPECT_EQ(now.id, id);
    EXPECT_EQ(now.created, row.created);
    EXPECT_EQ(now.revision, 2);
    EXPECT_EQ(now.note, "for table 2");
    EXPECT_THAT(now.tags, ElementsAre("gpt2", "paper"));
    EXPECT_EQ(now.archived, 12.5);
    EXPECT_EQ(table.revision(id, 1).value().plan, "{1}");
    EXPECT_EQ(table.revision(id, 2).value().created, revisions[1].created);

    ASSERT_TRUE(table.forget(id));
    ASSERT_TRUE(table.add("a", "{}"));
    EXPECT_EQ(table.putBack(row, revisions).value(), "a 2") << "its name was taken meanwhile";
    EXPECT_EQ(table.find("a 2").value().id, id);
    EXPECT_EQ(table.putBack(row, revisions).value(), "a 2") << "it is there";
    EXPECT_EQ(table.all().size(), 2u);
}

TEST_F(Experiments, ArePutBackBesideTheirRunsInTheTrash)
{
    const std::int64_t id = table.add("a", "{1}").value();
    addRun("r1", id);
    ASSERT_TRUE(workspace.setTrashed("r1", 5.0));
    const ExperimentRow row = table.find("a").value();
    const auto revisions = table.revisions(id);
    ASSERT_TRUE(table.forget(id));
    EXPECT_EQ(table.putBack(row, revisions).value(), "a");
    EXPECT_EQ(table.find("a").value().id, id);
    EXPECT_EQ(table.revisions(id).size(), 1u);
    ASSERT_TRUE(workspace.setTrashed("r1", std::nullopt));
    EXPECT_THAT(table.runs(id), ElementsAre("r1"));
}

// A workspace as the program wrote it before deleted experiments could come back: the statements of schema 4.
TEST(WorkspaceOfVersionFour, KeepsItsExperiments)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout layout{folder / "w"};
    std::filesystem::create_directories(layout.runs());
    std::filesystem::create_directories(layout.trash());
    {
        const Database database(layout.database(), Database::Access::Create);
        ASSERT_TRUE(migrate(database, {kWorkspaceSchema.what, kWorkspaceSchema.steps.first(4)}, "workspace.db"));
        database.execute("INSERT INTO experiments(id, name, created, note) VALUES(4, 'dual', 1.5, 'for table 2');"
                         "INSERT INTO revisions(experiment_id, number, created, plan) VALUES(4, 1, 1.5, '{1}');"
                         "INSERT INTO runs(id, number, name, group_name, created, job, objective, space, alignment, "
                         "distance, seed, teacher, student, config_hash, note, trashed, method, method_label, "
                         "experiment_id, revision) VALUES('r1', 1, 'n', 'g', 1.5, 'train', 'kd', 'dual', 'none', "
                         "'kl', '7', '/t', '/s', 'h', '', 9.5, 'dskd', 'dskd', 4, 1);");
    }
    WorkspaceDb workspace = WorkspaceDb::open(layout.root).value();
    ExperimentTable table(workspace);
    EXPECT_EQ(table.find("dual").value().note, "for table 2");
    ASSERT_TRUE(table.forget(4));
    EXPECT_THAT(table.all(), IsEmpty());
    ASSERT_TRUE(workspace.setTrashed("r1", std::nullopt));
    EXPECT_EQ(table.find("dual").value().id, 4);
    EXPECT_EQ(Database(layout.database(), Database::Access::Read).pragma("user_version"), kWorkspaceSchema.version());
}

} // namespace
} // namespace dskd::store
