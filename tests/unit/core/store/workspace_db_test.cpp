#include "core/store/workspace_db.h"

#include "core/config/schema/experiment_json.h"
#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/unwritable.h"

#include <fstream>
#include <gmock/gmock.h>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Workspace : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    WorkspaceDb workspace = WorkspaceDb::create(folder / "w").value();

    void add(const std::string& id, const std::string& name = {})
    {
        RunRow run;
        run.id = id;
        run.name = name;
        ASSERT_TRUE(workspace.addRun(run));
    }
    std::vector<std::string> queued()
    {
        std::vector<std::string> lines;
        for (const QueueRow& row : workspace.queue()) {
            lines.push_back(std::to_string(row.position) + ":" + row.runId);
        }
        return lines;
    }
};

TEST_F(Workspace, KeepsEveryColumnOfARun)
{
    RunRow run{"r1",         "name",      "group", 12.5,       "train",    "kd",
               "dual",       "cma",       "kl",    "dskd-cma", "dskd",     18446744073709551615u,
               "/t",         "/s",        "abc",   "note",     {"b", "a"}, std::nullopt,
               std::nullopt, std::nullopt};
    ASSERT_TRUE(workspace.addRun(run));
    const RunRow again = WorkspaceDb::open(folder / "w").value().run("r1").value();
    EXPECT_EQ(again.name, "name");
    EXPECT_EQ(again.group, "group");
    EXPECT_EQ(again.created, 12.5);
    EXPECT_EQ(again.job + again.objective + again.space + again.alignment + again.distance, "trainkddualcmakl");
    EXPECT_EQ(again.method + " " + again.methodLabel, "dskd-cma dskd");
    EXPECT_EQ(again.seed, run.seed);
    EXPECT_EQ(again.teacher + again.student + again.configHash + again.note, "/t/sabcnote");
    EXPECT_THAT(again.tags, ElementsAre("a", "b"));
    EXPECT_THAT(workspace.addRun(run).failure().what, HasSubstr("already a run r1"));
}

// A workspace as the program wrote it before runs had the name of their method: schema 1, configurations beside it.
class WorkspaceOfVersionOne : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    const WorkspaceLayout layout{folder / "w"};

    WorkspaceOfVersionOne()
    {
        std::filesystem::create_directories(layout.runs());
        const Database database(layout.database(), Database::Access::Create);
        EXPECT_TRUE(migrate(database, {kWorkspaceSchema.what, kWorkspaceSchema.steps.first(1)}, "workspace.db"));
    }

    void add(const std::string& id, const std::string& columns, const std::optional<config::Experiment>& experiment,
             bool trashed = false) const
    {
        Database(layout.database(), Database::Access::ReadWrite)
            .execute("INSERT INTO runs(id, number, name, group_name, created, job, objective, space, alignment, "
                     "distance, seed, teacher, student, config_hash, note, trashed) VALUES('" +
                     id + "', (SELECT COUNT(*) + 1 FROM runs), 'n', 'g', 1.5, " + columns + ", '7', '/t', '/s', 'h', " +
                     "'kept', " + (trashed ? "5.0" : "NULL") + ")");
        const RunLayout run = trashed ? RunLayout{layout.trash() / id} : layout.run(id);
        if (experiment) {
            std::filesystem::create_directories(run.root);
            std::ofstream(run.config()) << config::toText(*experiment);
        }
    }
    static config::Experiment experiment(const std::string& method)
    {
        config::Experiment made;
        EXPECT_TRUE(config::setField(made, "method", method));
        return made;
    }
};

TEST_F(WorkspaceOfVersionOne, LearnsTheMethodsOfItsRunsFromTheirConfigurations)
{
    config::Experiment reverse = experiment("dskd-cma");
    reverse.method.distance = Distance::Rkl;
    config::Experiment unnamed = experiment("dskd-eta");
    unnamed.projector.bias = true;
    config::Experiment evaluation = experiment("sft");
    evaluation.job = config::JobKind::Evaluate;
    add("v2", "'train', 'kd', 'dual', 'none', 'kl'", experiment("dskd-v2"));
    add("reverse", "'train', 'kd', 'dual', 'cma', 'rkl'", reverse);
    add("seqkd", "'train', 'sft', 'dual', 'none', 'kl'", experiment("seqkd"));
    add("unnamed", "'train', 'kd', 'dual', 'eta', 'kl'", unnamed);
    add("evaluation", "'evaluate', 'sft', 'dual', 'none', 'kl'", evaluation);
    add("trashed", "'train', 'kd', 'diff', 'none', 'gjs'", experiment("gkd"), true);
    add("lost", "'train', 'kd', 'dual', 'cma', 'kl'", std::nullopt);
    for (int time = 0; time < 2; ++time) { // the second finds them named
        WorkspaceDb workspace = WorkspaceDb::open(layout.root).value();
        const auto is = [&](const std::string& id) {
            const RunRow row = workspace.run(id).value();
            return row.method + "|" + row.methodLabel;
        };
        EXPECT_EQ(is("v2"), "dskd-v2|dskd-v2");
        EXPECT_EQ(is("reverse"), "dskd-cma|dskd-cma rkl");
        EXPECT_EQ(is("seqkd"), "seqkd|seqkd");
        EXPECT_EQ(is("unnamed"), "|dual kl eta");
        EXPECT_EQ(is("evaluation"), "|evaluate");
        EXPECT_EQ(is("trashed"), "gkd|gkd");
        EXPECT_EQ(is("lost"), "|dual kl cma") << "by the columns, as before";
        const RunRow kept = workspace.run("v2").value();
        EXPECT_EQ(kept.name + kept.group + kept.note + kept.configHash, "ngkepth");
        EXPECT_EQ(kept.seed, 7u);
        EXPECT_EQ(workspace.runs().size(), 6u);
    }
}

TEST_F(WorkspaceOfVersionOne, NamesARunLaterWhoseConfigurationCouldNotBeReadAtFirst)
{
    add("away", "'train', 'kd', 'dual', 'cma', 'kl'", std::nullopt);
    EXPECT_EQ(WorkspaceDb::open(layout.root).value().run("away").value().methodLabel, "dual kl cma");
    std::filesystem::create_directories(layout.run("away").root);
    std::ofstream(layout.run("away").config()) << config::toText(experiment("dskd-cma"));
    EXPECT_EQ(WorkspaceDb::open(layout.root).value().run("away").value().methodLabel, "dskd-cma");
}

TEST_F(Workspace, SaysThatAFolderIsNoWorkspaceAndHowToMakeOne)
{
    const auto none = WorkspaceDb::open(folder / "elsewhere");
    ASSERT_FALSE(none);
    EXPECT_THAT(none.failure().hint, HasSubstr("dskd init"));
    EXPECT_TRUE(std::filesystem::is_directory(workspace.layout().runs()));
}

TEST_F(Workspace, FindsTheRunAPersonMeans)
{
    add("20261123-051200-dual-kl-s10", "dual");
    add("20261123-051300-diff-kl-s10", "diff");
    EXPECT_EQ(workspace.findRun("dual").value(), "20261123-051200-dual-kl-s10");
    EXPECT_EQ(workspace.findRun("20261123-0513").value(), "20261123-051300-diff-kl-s10");
    EXPECT_EQ(workspace.findRun("last").value(), "20261123-051300-diff-kl-s10");
    EXPECT_THAT(workspace.findRun("20261123").failure().what, HasSubstr("several"));
    EXPECT_THAT(workspace.findRun("duel").failure().hint, HasSubstr("Did you mean dual?"));
    EXPECT_EQ(workspace.findRun("duel").failure().kind, FailureKind::NotFound);
    EXPECT_FALSE(workspace.findRun(""));
}

TEST_F(Workspace, ChangesNamesGroupsNotesTagsAndTrash)
{
    add("r");
    ASSERT_TRUE(workspace.rename("r", "new"));
    ASSERT_TRUE(workspace.setGroup("r", "g"));
    ASSERT_TRUE(workspace.setNote("r", "n"));
    ASSERT_TRUE(workspace.addTag("r", "t"));
    ASSERT_TRUE(workspace.addTag("r", "t"));
    EXPECT_EQ(workspace.runs()[0].name + workspace.runs()[0].group + workspace.runs()[0].note, "newgn");
    EXPECT_THAT(workspace.runs()[0].tags, ElementsAre("t"));
    ASSERT_TRUE(workspace.removeTag("r", "t"));
    EXPECT_FALSE(workspace.removeTag("r", "t"));
    ASSERT_TRUE(workspace.setTrashed("r", 5.0));
    EXPECT_THAT(workspace.runs(), IsEmpty());
    EXPECT_EQ(workspace.runs(true).size(), 1u);
    ASSERT_TRUE(workspace.forget("r"));
    EXPECT_FALSE(workspace.rename("r", "x"));
    EXPECT_FALSE(workspace.forget("r"));
    EXPECT_FALSE(workspace.addTag("r", "x"));
}

TEST_F(Workspace, KeepsTheQueueInOrderWithoutGaps)
{
    for (const char* id : {"a", "b", "c", "d"}) {
        add(id);
        ASSERT_TRUE(workspace.enqueue(id));
    }
    EXPECT_EQ(workspace.enqueue("c").value(), 3) << "queueing twice keeps the place";
    ASSERT_TRUE(workspace.moveInQueue("d", 1));
    EXPECT_THAT(queued(), ElementsAre("1:d", "2:a", "3:b", "4:c"));
    ASSERT_TRUE(workspace.moveInQueue("d", 99));
    EXPECT_TRUE(workspace.dequeue("b"));
    EXPECT_FALSE(workspace.dequeue("b"));
    EXPECT_THAT(queued(), ElementsAre("1:a", "2:c", "3:d"));
    EXPECT_EQ(workspace.takeNext(), "a");
    EXPECT_THAT(queued(), ElementsAre("0:a", "1:c", "2:d"));
    workspace.putBack("a");
    EXPECT_THAT(queued(), ElementsAre("1:a", "2:c", "3:d"));
    ASSERT_TRUE(workspace.forget("c"));
    EXPECT_THAT(queued(), ElementsAre("1:a", "2:d"));
    EXPECT_FALSE(workspace.enqueue("nobody"));
    EXPECT_FALSE(workspace.moveInQueue("nobody", 1));
}

TEST_F(Workspace, GivesAQueuedRunToOneTakerOnly)
{
    add("a");
    ASSERT_TRUE(workspace.enqueue("a"));
    WorkspaceDb other = WorkspaceDb::open(folder / "w").value();
    EXPECT_EQ(workspace.takeNext(), "a");
    EXPECT_EQ(other.takeNext(), std::nullopt);
}

TEST_F(Workspace, RemembersSettings)
{
    EXPECT_EQ(workspace.setting("x"), std::nullopt);
    workspace.setSetting("x", "1");
    workspace.setSetting("x", "2");
    EXPECT_EQ(WorkspaceDb::open(folder / "w").value().setting("x"), "2");
}

TEST(WorkspaceDbOnAReadOnlyDisk, IsReadAndSaysWhyItCannotBeWritten)
{
    const test::TemporaryFolder folder;
    {
        WorkspaceDb made = WorkspaceDb::create(folder.path()).value();
        EXPECT_EQ(made.whyReadOnly(), "");
        RunRow run;
        run.id = "r1";
        ASSERT_TRUE(made.addRun(run));
    }
    const test::Unwritable closed(folder.path());
    WorkspaceDb workspace = WorkspaceDb::open(folder.path()).value();
    EXPECT_EQ(workspace.runs().size(), 1u);
    EXPECT_THAT(workspace.whyReadOnly(), HasSubstr("You may not write in " + folder.path().string()));
    EXPECT_THROW((void)workspace.rename("r1", "other"), Error);
}

TEST(WorkspaceDbWithTrash, SaysOfARunInTheTrashThatItIsThere)
{
    const test::TemporaryFolder folder;
    WorkspaceDb workspace = WorkspaceDb::create(folder.path()).value();
    RunRow run;
    run.id = "20260101-000000-sft-s1";
    run.name = "mine";
    ASSERT_TRUE(workspace.addRun(run));
    ASSERT_TRUE(workspace.setTrashed(run.id, 1.0));
    for (const std::string& word : {run.id, run.name}) {
        const auto found = workspace.findRun(word);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.failure().what, "The run " + word + " is in the trash.");
        EXPECT_THAT(found.failure().hint, HasSubstr("dskd restore " + run.id));
    }
    EXPECT_EQ(workspace.findRun("mein").failure().hint, "`dskd runs` lists the runs.")
        << "nothing that is in the trash";
}

TEST(NestedWorkspaces, AreRefused)
{
    namespace fs = std::filesystem;
    const test::TemporaryFolder folder;
    const fs::path root = folder / "w";
    ASSERT_TRUE(WorkspaceDb::create(root));
    EXPECT_TRUE(WorkspaceDb::create(root)) << "itself";
    fs::create_directory_symlink(root / "runs", folder / "link");
    for (const fs::path& place :
         {root / "inner", root / "runs", root / "runs" / "a" / "deep", root / "inner" / "", folder / "link" / "b"}) {
        const auto refused = WorkspaceDb::create(place);
        ASSERT_FALSE(refused) << place;
        EXPECT_EQ(refused.failure().kind, FailureKind::Usage);
        EXPECT_NE(refused.failure().what.find("lies in the workspace " + fs::canonical(root).string()),
                  std::string::npos)
            << refused.failure().what;
        EXPECT_FALSE(fs::exists(place / "workspace.db"));
    }
    EXPECT_FALSE(fs::exists(root / "inner")) << "nothing is made";
    EXPECT_TRUE(WorkspaceDb::create(folder / "beside"));
}

} // namespace
} // namespace dskd::store
