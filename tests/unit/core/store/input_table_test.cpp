#include "core/store/input_table.h"

#include "core/store/database.h"
#include "core/store/experiment_table.h"
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
using testing::SizeIs;

class Inputs : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    WorkspaceDb workspace = WorkspaceDb::create(folder / "w").value();
    InputTable table{workspace};

    static ModelRow model(const std::string& path)
    {
        ModelRow row;
        row.path = path;
        row.name = std::filesystem::path(path).filename().string();
        return row;
    }
    static DatasetRow data(const std::string& path)
    {
        DatasetRow row;
        row.path = path;
        row.name = std::filesystem::path(path).filename().string();
        return row;
    }
    std::vector<std::string> paths()
    {
        std::vector<std::string> all;
        for (const ModelRow& row : table.models()) {
            all.push_back(row.path);
        }
        return all;
    }
};

TEST_F(Inputs, KeepEveryColumnOfAModel)
{
    ModelRow row;
    row.path = "/m/qwen";
    row.tokenizer = "/t";
    row.name = "qwen";
    row.kind = "model";
    row.family = "qwen2";
    row.parameters = 7'000'000'000;
    row.headRows = 152064;
    row.vocabulary = 151646;
    row.specialTokens = {{"eos", "<|endoftext|>"}, {"pad", "p\xff"}};
    row.chatTemplate = "ChatML";
    row.hash = "abc";
    row.stamp = "def";
    row.seen = 12.5;
    row.problem = "it burns";
    row.teacher = true;
    const std::int64_t id = table.keep(row).value();
    const ModelRow again = table.findModel("qwen").value();
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(again.path + again.tokenizer + again.name + again.kind + again.family, "/m/qwen/tqwenmodelqwen2");
    EXPECT_EQ(again.parameters, 7'000'000'000);
    EXPECT_EQ(again.headRows, 152064);
    EXPECT_EQ(again.vocabulary, 151646);
    EXPECT_EQ(again.specialTokens.at("eos"), "<|endoftext|>");
    EXPECT_EQ(again.specialTokens.at("pad"), "p\xef\xbf\xbd") << "bytes that are no text become U+FFFD";
    EXPECT_EQ(again.chatTemplate + again.hash + again.stamp + again.problem, "ChatMLabcdefit burns");
    EXPECT_EQ(again.seen, 12.5);
    EXPECT_TRUE(again.teacher);
    EXPECT_FALSE(again.student);
}

TEST_F(Inputs, KeepEveryColumnOfADataSet)
{
    const std::int64_t id =
        table.keep(DatasetRow{0, "/d/a.jsonl", "a.jsonl", "alpaca", 7, 1, 900, "h", "s", 2.5, "p"}).value();
    const DatasetRow again = table.findDataset("/d/a.jsonl").value();
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(again.path + again.name + again.kind + again.hash + again.stamp + again.problem,
              "/d/a.jsonla.jsonlalpacahsp");
    EXPECT_EQ(again.records, 7);
    EXPECT_EQ(again.broken, 1);
    EXPECT_EQ(again.bytes, 900);
    EXPECT_EQ(again.seen, 2.5);
}

TEST_F(Inputs, AreKnownOnceByPathAndTokenizer)
{
    const std::int64_t id = table.keep(model("/m/a")).value();
    EXPECT_EQ(table.keep(model("/m/a")).value(), id);
    ModelRow other = model("/m/a");
    other.tokenizer = "/t";
    EXPECT_NE(table.keep(other).value(), id);
    ModelRow moved = model("/m/b");
    moved.id = id;
    EXPECT_EQ(table.keep(moved).value(), id);
    EXPECT_THAT(paths(), ElementsAre("/m/a", "/m/b"));
    moved.tokenizer = "/t";
    moved.path = "/m/a";
    EXPECT_THAT(table.keep(moved).failure().what, HasSubstr("known already"));
}

TEST_F(Inputs, MoveToThePlaceOfAForgottenOne)
{
    ASSERT_TRUE(table.forgetModel(table.keep(model("/m/new")).value()));
    ModelRow moved = model("/m/old");
    moved.id = table.keep(moved).value();
    moved.path = "/m/new";
    EXPECT_EQ(table.keep(moved).value(), moved.id);
    EXPECT_THAT(paths(), ElementsAre("/m/new"));
    EXPECT_FALSE(table.isForgotten(model("/m/new")));

    ASSERT_TRUE(table.forgetDataset(table.keep(data("/d/new")).value()));
    DatasetRow file = data("/d/old");
    file.id = table.keep(file).value();
    file.path = "/d/new";
    EXPECT_EQ(table.keep(file).value(), file.id);
    EXPECT_FALSE(table.isForgotten(data("/d/new")));
}

TEST_F(Inputs, AreFoundByNamePathAndNumber)
{
    const std::int64_t a = table.keep(model("/x/gpt2")).value();
    EXPECT_EQ(table.findModel("gpt2").value().id, a);
    EXPECT_EQ(table.findModel("#" + std::to_string(a)).value().id, a);
    EXPECT_EQ(table.findModel("#" + std::to_string(a) + "abc").failure().kind, FailureKind::NotFound);
    EXPECT_EQ(table.findModel("/x/gpt2").value().id, a);
    EXPECT_EQ(table.findModel("gtp2").failure().hint, "Did you mean gpt2?");
    const std::int64_t b = table.keep(model("/y/gpt2")).value();
    EXPECT_THAT(table.findModel("gpt2").failure().what, HasSubstr("There are 2 models called gpt2"));
    EXPECT_EQ(table.findModel("/y/gpt2").value().id, b);
    EXPECT_EQ(table.findDataset("d.jsonl").failure().kind, FailureKind::NotFound);
}

TEST_F(Inputs, StayForgottenUntilTheyAreAddedAgain)
{
    ModelRow row = model("/m/a");
    row.id = table.keep(row).value();
    ASSERT_TRUE(table.forgetModel(row.id));
    EXPECT_FALSE(table.forgetModel(row.id));
    EXPECT_THAT(table.models(), IsEmpty());
    EXPECT_TRUE(table.isForgotten(model("/m/a")));
    ModelRow other = row;
    other.tokenizer = "/t";
    EXPECT_FALSE(table.isForgotten(other));
    ASSERT_TRUE(table.keep(row)) << "a look at what was known a moment ago";
    EXPECT_THAT(table.models(), IsEmpty());
    ASSERT_TRUE(table.keep(model("/m/a")));
    EXPECT_THAT(table.models(), SizeIs(1));

    const std::int64_t file = table.keep(data("/d")).value();
    ASSERT_TRUE(table.forgetDataset(file));
    EXPECT_TRUE(table.isForgotten(data("/d")));
    EXPECT_THAT(table.datasets(), IsEmpty());
}

TEST_F(Inputs, KeepAnalysesByTheirKey)
{
    EXPECT_EQ(table.analysis("k"), std::nullopt);
    table.keepAnalysis("k", "{1}");
    table.keepAnalysis("k", "{2}");
    EXPECT_EQ(table.analysis("k"), "{2}");
    EXPECT_EQ(WorkspaceDb::open(folder / "w").ok(), true);
}

// A workspace as the program wrote it before it knew models and data sets: the statements of schema 3, with an
// experiment, its revisions and runs, a queue, tags and settings in it.
void writeWorkspaceOfVersionThree(const WorkspaceLayout& layout)
{
    std::filesystem::create_directories(layout.runs());
    std::filesystem::create_directories(layout.trash());
    const Database database(layout.database(), Database::Access::Create);
    ASSERT_TRUE(migrate(database, {kWorkspaceSchema.what, kWorkspaceSchema.steps.first(3)}, "workspace.db"));
    database.execute("INSERT INTO experiments(id, name, created, note) VALUES(4, 'dual', 1.5, 'for table 2');"
                     "INSERT INTO revisions(experiment_id, number, created, plan) VALUES(4, 1, 1.5, '{1}');"
                     "INSERT INTO revisions(experiment_id, number, created, plan) VALUES(4, 2, 2.5, '{2}');"
                     "INSERT INTO experiment_tags(experiment_id, tag) VALUES(4, 'paper');"
                     "INSERT INTO runs(id, number, name, group_name, created, job, objective, space, alignment, "
                     "distance, seed, teacher, student, config_hash, note, trashed, method, method_label, "
                     "experiment_id, revision) VALUES('r1', 1, 'n', 'g', 1.5, 'train', 'kd', 'dual', 'none', 'kl', "
                     "'7', '/t', '/s', 'h', 'kept', NULL, 'dskd', 'dskd', 4, 2);"
                     "INSERT INTO tags(run_id, tag) VALUES('r1', 'best');"
                     "INSERT INTO queue(run_id, place, running, added) VALUES('r1', 1, 0, 3.5);"
                     "INSERT INTO settings(key, value) VALUES('colors', 'x');");
    EXPECT_EQ(database.pragma("user_version"), 3);
}

TEST(WorkspaceOfVersionThree, KeepsWhatItHasAndLearnsToKnowInputs)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout layout{folder / "w"};
    writeWorkspaceOfVersionThree(layout);
    for (int time = 0; time < 2; ++time) { // the second finds it converted
        WorkspaceDb workspace = WorkspaceDb::open(layout.root).value();
        const ExperimentRow experiment = ExperimentTable(workspace).find("dual").value();
        EXPECT_EQ(experiment.id, 4);
        EXPECT_EQ(experiment.revision, 2);
        EXPECT_EQ(experiment.note, "for table 2");
        EXPECT_THAT(experiment.tags, ElementsAre("paper"));
        const RunRow run = workspace.run("r1").value();
        EXPECT_EQ(run.experiment, 4);
        EXPECT_EQ(run.revision, 2);
        EXPECT_EQ(run.method + run.note, "dskdkept");
        EXPECT_THAT(run.tags, ElementsAre("best"));
        EXPECT_EQ(workspace.queue().at(0).runId, "r1");
        EXPECT_EQ(workspace.setting("colors"), "x");
        InputTable table(workspace);
        EXPECT_THAT(table.models(), SizeIs(time));
        ModelRow row;
        row.path = "/m";
        ASSERT_TRUE(table.keep(row));
        EXPECT_THAT(table.models(), SizeIs(1));
        EXPECT_THAT(table.datasets(), IsEmpty());
        EXPECT_EQ(table.analysis("k"), std::nullopt);
    }
    EXPECT_EQ(Database(layout.database(), Database::Access::Read).pragma("user_version"), kWorkspaceSchema.version());
}

} // namespace
} // namespace dskd::store
