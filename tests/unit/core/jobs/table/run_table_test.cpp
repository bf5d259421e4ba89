// Columns, groups and files of a table of runs.

#include "core/config/schema/experiment_json.h"
#include "core/jobs/table/run_edit.h"
#include "core/jobs/table/table_data.h"
#include "core/metrics/metric_table.h"
#include "tests/support/job_fixture.h"
#include "tests/unit/core/jobs/table/table_runs.h"

#include <cmath>
#include <limits>
#include <set>

namespace dskd::jobs
{
namespace
{

using jobs::test::made;
using jobs::test::MadeRun;
using testing::ElementsAre;

RunColumn column(const std::string& name)
{
    static const std::vector<RunColumn> all = runColumns();
    return *findColumn(all, name).value();
}

std::vector<TableRun> views(const std::vector<MadeRun>& runs)
{
    std::vector<TableRun> all;
    for (const MadeRun& run : runs) {
        all.push_back(run.view());
    }
    return all;
}

TEST(RunColumns, AreEveryFieldAndEveryMetricOnce)
{
    const std::vector<RunColumn> all = runColumns({"of_a_later_version", "loss"});
    std::set<std::string> ids;
    for (const RunColumn& one : all) {
        EXPECT_TRUE(ids.insert(one.id).second) << one.id << " is there twice";
        EXPECT_FALSE(one.title.empty()) << one.id;
    }
    for (const config::FieldInfo& field : config::fieldReference()) {
        if (!ids.contains(field.path)) {
            ADD_FAILURE() << field.path;
        }
    }
    EXPECT_TRUE(ids.contains("validation.rouge_l"));
    EXPECT_TRUE(ids.contains("of_a_later_version"));
    EXPECT_FALSE(ids.contains("seconds")) << "which comparisons alone have";
    for (const std::string& id : defaultColumns()) {
        EXPECT_TRUE(ids.contains(id)) << id;
    }
}

TEST(RunColumns, AreEditedWhereAPersonSaysSomethingOfTheRun)
{
    std::vector<std::string> edited;
    const std::vector<RunColumn> all = runColumns();
    for (const RunColumn& one : all) {
        if (one.edit != ColumnEdit::None) {
            edited.push_back(one.id);
        }
    }
    EXPECT_THAT(edited, ElementsAre("name", "group", "tags", "note"));
}

TEST(RunColumns, AreFoundByIdTailAndTitle)
{
    EXPECT_EQ(column("tag").id, "tags");
    EXPECT_EQ(column("Seed").id, "seed");
    EXPECT_EQ(column("lr").id, "train.lr") << "the field before the metric of its name";
    EXPECT_EQ(column("space").id, "method.space");
    EXPECT_EQ(column("rouge_l").id, "validation.rouge_l");
    EXPECT_EQ(column("ROUGE-L").id, "validation.rouge_l");
    EXPECT_EQ(column("learning rate").id, "lr") << "the metric by its title";
}

TEST(RunColumns, TellAMetricFromTheFieldOfItsName)
{
    MadeRun run = made("a", 1, {{"on_policy.threshold", 0.25}});
    run.config = {{"on_policy.threshold", "0.5"}};
    const TableRun view = run.view();
    EXPECT_EQ(exactText(column("on_policy.threshold"), valueOf(column("on_policy.threshold"), view)), "0.5");
    EXPECT_EQ(exactText(column("metric.on_policy.threshold"), valueOf(column("metric.on_policy.threshold"), view)),
              "0.25");
}

TEST(RunColumns, WriteValuesForPeopleAndForFiles)
{
    MadeRun run = made("a", 20'261'130, {{"memory_bytes", 2.5e9}, {"loss", 2.71828182845}});
    run.row.student = "/models/gpt2";
    run.row.tags = {"one", "two"};
    run.started = 1000.0;
    run.config = {{"train.lr", "0.001"}, {"train.batch_size", "4"}};
    const TableRun view = run.view();
    const auto shown = [&](const char* id) { return shownText(column(id), valueOf(column(id), view)); };
    const auto exact = [&](const char* id) { return exactText(column(id), valueOf(column(id), view)); };
    EXPECT_EQ(shown("seed"), "20261130") << "a seed is no measurement";
    EXPECT_EQ(shown("loss"), "2.718");
    EXPECT_EQ(exact("loss"), "2.71828182845");
    EXPECT_EQ(shown("memory_bytes"), "2.5 GB");
    EXPECT_EQ(shown("student"), "gpt2");
    EXPECT_EQ(exact("student"), "/models/gpt2");
    EXPECT_EQ(shown("tags"), "one, two");
    EXPECT_EQ(shown("time"), "2 h 30 m") << "it goes on: until now";
    EXPECT_EQ(shown("train.batch_size"), "4");
    EXPECT_EQ(shown("rouge_l"), "-") << "missing is no zero";
    EXPECT_EQ(exact("rouge_l"), "");
    EXPECT_EQ(shown("ended"), "-");
}

TEST(RunColumns, ShowSharesInPerCentAndExportThemAsRecorded)
{
    const MadeRun run = made("dual", 10, {{"validation.rouge_l", 0.25}});
    const RunValue value = valueOf(column("rouge_l"), run.view());
    EXPECT_EQ(shownTitle(column("rouge_l")), "ROUGE-L, %");
    EXPECT_EQ(shownText(column("rouge_l"), value), "25.00");
    EXPECT_EQ(exactText(column("rouge_l"), value), "0.25");
    EXPECT_EQ(shownTitle(column("train.lr")), column("train.lr").title);
}

TEST(RunColumns, SortWhatIsMissingLast)
{
    const RunValue nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_TRUE(comesBefore(RunValue(2.0), RunValue(10.0)));
    EXPECT_TRUE(comesBefore(RunValue(1e9), nan));
    EXPECT_FALSE(comesBefore(nan, RunValue(1.0)));
    EXPECT_FALSE(comesBefore(nan, RunValue())) << "both are missing";
    EXPECT_TRUE(comesBefore(RunValue(std::string("alpha")), RunValue(std::string("Beta"))));
    EXPECT_TRUE(comesBefore(RunValue(std::string("z")), RunValue()));
}

std::vector<MadeRun> threeSeeds()
{
    std::vector<MadeRun> runs = {made("dual, seed 10", 10, {{"loss", 2.0}}), made("sft", 10, {{"loss", 3.0}}),
                                 made("dual, seed 20", 20, {{"loss", 4.0}}),
                                 made("dual, seed 30", 30, {{"loss", 100.0}}, Status::Running)};
    runs[0].config = runs[2].config = runs[3].config = {{"train.lr", "0.001"}};
    runs[2].row.tags = {"paper"};
    return runs;
}

TEST(SeedGroups, AverageTheRunsThatAreDoneAndNameTheSeeds)
{
    const std::vector<MadeRun> runs = threeSeeds();
    const std::vector<TableRun> rows = views(runs);
    const std::vector<std::string> keys{"dual", "sft", "dual", "dual"};
    const std::vector<SeedGroup> groups = seedGroups(rows, keys);
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_THAT(groups[0].runs, ElementsAre(0U, 2U, 3U));
    EXPECT_THAT(groups[0].counted, ElementsAre(0U, 2U)) << "the third still runs";
    const GroupValue loss = valueOf(column("loss"), groups[0], rows);
    EXPECT_EQ(loss.mean->count, 2);
    EXPECT_DOUBLE_EQ(loss.mean->mean, 3.0);
    EXPECT_DOUBLE_EQ(loss.mean->deviation, std::sqrt(2.0));
    const auto shown = [&](const char* id, std::size_t group) {
        return shownText(column(id), valueOf(column(id), groups[group], rows), groups[group], rows);
    };
    EXPECT_EQ(shown("loss", 0), "3.000 ± 1.4");
    EXPECT_EQ(shown("loss", 1), "3.000") << "of one seed there is no deviation";
    EXPECT_EQ(shown("seed", 0), "10, 20, 30");
    EXPECT_EQ(shown("name", 0), "dual") << "the name without its seed";
    EXPECT_EQ(shown("train.lr", 0), "0.001") << "as it was configured";
    EXPECT_EQ(shown("tags", 0), "several");
    EXPECT_EQ(shown("rouge_l", 0), "-");
}

// Two of three seeds are done, and one of these has a ROUGE-L; of another configuration no run is done.
TEST(SeedGroups, CountTheRunsThatAMeanIsOver)
{
    std::vector<MadeRun> runs = threeSeeds();
    runs[2].latest["validation.rouge_l"] = 0.3;
    runs.push_back(made("wait", 1, {}, Status::Queued));
    runs.push_back(made("wait", 2, {{"loss", 5.0}}, Status::Running));
    const std::vector<TableRun> rows = views(runs);
    const std::vector<SeedGroup> groups =
        seedGroups(rows, std::vector<std::string>{"dual", "sft", "dual", "dual", "wait", "wait"});
    const auto n = [&](std::size_t group, const std::vector<RunColumn>& columns) {
        return toText(averagedRuns(columns, groups[group], rows));
    };
    EXPECT_EQ(n(0, {column("loss")}), "2");
    EXPECT_EQ(n(0, {column("rouge_l")}), "1");
    EXPECT_EQ(n(0, {column("loss"), column("rouge_l")}), "1-2");
    EXPECT_EQ(n(0, {column("name")}), "2") << "those that are done";
    EXPECT_EQ(groups[0].done, 2U);
    EXPECT_EQ(n(2, {column("loss")}), "1") << "of two seeds one has a value so far";
    EXPECT_EQ(n(2, {column("rouge_l")}), "0");
    EXPECT_EQ(n(2, {column("name")}), "0") << "none is done";
    EXPECT_EQ(groups[2].done, 0U);
}

TEST(SeedGroups, LeaveARunWithoutAKeyAlone)
{
    const std::vector<MadeRun> runs{made("a", 1), made("b", 2)};
    const std::vector<TableRun> rows = views(runs);
    const std::vector<std::string> keys{"", ""};
    EXPECT_EQ(seedGroups(rows, keys).size(), 2U) << "what cannot be read is not known to be equal";
}

TEST(RunTableCsv, HasIdAndSeedUnlessNothingButTheColumnsIsAskedFor)
{
    const std::vector<MadeRun> runs = threeSeeds();
    const std::vector<TableRun> rows = views(runs);
    const std::vector<RunColumn> chosen{column("name"), column("loss")};
    const std::vector<std::size_t> order{2, 1};
    EXPECT_EQ(toCsv(chosen, rows, order),
              "id,seed,name,loss\n\"dual, seed 20-20\",20,\"dual, seed 20\",4\nsft-10,10,sft,3\n");
    EXPECT_EQ(toCsv(chosen, rows, order, Identified::No), "name,loss\n\"dual, seed 20\",4\nsft,3\n");
    const std::vector<std::string> keys{"dual", "sft", "dual", "dual"};
    EXPECT_EQ(toCsv({&chosen[1], 1}, rows, seedGroups(rows, keys)),
              "runs,seeds,n,loss.mean,loss.deviation,loss.n\n"
              "\"dual, seed 10-10 dual, seed 20-20 dual, seed 30-30\",\"10, 20, 30\",2,3,1.4142135623730951,2\n"
              "sft-10,10,1,3,,1\n");
}

TEST(ParseTags, SplitsAtCommas)
{
    EXPECT_THAT(parseTags(" paper, lr sweep,, paper ").value(), ElementsAre("lr sweep", "paper"));
    EXPECT_TRUE(parseTags(" ").value().empty());
    EXPECT_FALSE(parseTags("a\x01"));
}

class RunTable : public dskd::test::JobTest
{
};

TEST_F(RunTable, EditsWhatPeopleSayOfARun)
{
    const std::string id = newRun("");
    ASSERT_TRUE(editRun(workspace, id, {.note = "a note", .tags = std::vector<std::string>{"one", "two"}}));
    ASSERT_TRUE(editRun(workspace, id, {.group = "g", .addedTags = {"three"}, .removedTags = {"one", "never there"}}));
    const store::RunRow row = workspace.run(id).value();
    EXPECT_EQ(row.note, "a note");
    EXPECT_EQ(row.group, "g");
    EXPECT_THAT(row.tags, ElementsAre("three", "two"));
    EXPECT_FALSE(editRun(workspace, id, {.addedTags = {"a, b"}})) << "those are two";
    EXPECT_FALSE(editRun(workspace, id, {.addedTags = {" "}}));
    EXPECT_FALSE(editRun(workspace, "nobody", {.note = "x"}));
}

TEST_F(RunTable, RefusesANameThatMeansSomethingElseAndKeepsTheOneThereIs)
{
    const std::string id = newRun("");
    const auto refused = editRun(workspace, id, {.name = "last", .note = "a note"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().kind, FailureKind::Usage);
    EXPECT_FALSE(editRun(workspace, id, {.group = "group:g", .note = "a note"}));
    EXPECT_EQ(workspace.run(id).value().note, "") << "nothing of it was stored";
    ASSERT_TRUE(workspace.rename(id, "dual@2")); // by a version that accepted it
    EXPECT_TRUE(editRun(workspace, id, {.name = "dual@2", .note = "a note"})) << "it has this name already";
    const RunEdit back = currentOf(workspace.run(id).value(), {.name = "dual"});
    ASSERT_TRUE(editRun(workspace, id, {.name = "dual"}));
    EXPECT_TRUE(editRun(workspace, id, back)) << "undoing brings back what was there";
    EXPECT_EQ(workspace.run(id).value().name, "dual@2");
}

TEST_F(RunTable, ReadsConfigurationsAsComparisonsGroupThem)
{
    const auto read = [&](config::Space space, std::uint64_t seed) {
        config::Experiment experiment = RunTable::experiment();
        experiment.method.space = space;
        experiment.seed = seed;
        const std::string id = createRun(workspace, experiment).value();
        return readTableConfig(workspace, layout(id)).value();
    };
    const TableConfig first = read(config::Space::Dual, 10);
    EXPECT_EQ(first.texts.at("method.space"), "dual") << "without the quotation marks of JSON";
    EXPECT_EQ(first.texts.at("teacher.model"), "/teacher");
    EXPECT_EQ(first.groupKey, read(config::Space::Dual, 20).groupKey);
    EXPECT_NE(first.groupKey, read(config::Space::Student, 10).groupKey);
    EXPECT_FALSE(readTableConfig(workspace, layout("nobody")));
    EXPECT_TRUE(areComparable(first, read(config::Space::Student, 10), "validation.loss"));
    config::Experiment elsewhere = RunTable::experiment();
    elsewhere.student.model = "/other";
    const TableConfig other = readTableConfig(workspace, layout(createRun(workspace, elsewhere).value())).value();
    EXPECT_FALSE(areComparable(first, other, "validation.loss")) << "another vocabulary";
    EXPECT_TRUE(areComparable(first, other, "validation.rouge_l"));
    EXPECT_TRUE(areComparable(first, other, "step_seconds"));
}

} // namespace
} // namespace dskd::jobs
