#include "ui/pages/table/run_table_model.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QPersistentModelIndex>
#include <QSignalSpy>
#include <functional>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;

const std::vector<jobs::RunColumn>& allColumns()
{
    static const std::vector<jobs::RunColumn> all = jobs::runColumns();
    return all;
}

jobs::RunColumn column(const std::string& name)
{
    return *jobs::findColumn(allColumns(), name).value();
}

RunRecord record(const std::string& name, std::uint64_t seed, double loss, jobs::Status status = jobs::Status::Done)
{
    RunRecord run;
    run.row.id = name + std::to_string(seed);
    run.row.name = name;
    run.row.seed = seed;
    run.status.status = status;
    run.latest = {{"validation.loss", loss}, {"validation.rouge_l", 1.0 / loss}};
    return run;
}

class RunTableModelTest : public testing::Test
{
protected:
    RunTableModelTest()
    {
        m_runs = {record("sft", 10, 3.0), record("dual", 10, 2.0), record("dual", 20, 2.5),
                  record("dual", 30, 9.0, jobs::Status::Running)};
        RunTableView view;
        view.columns = {column("name"), column("seed"), column("validation.loss"), column("tags")};
        m_model.setView(std::move(view));
        m_model.setRuns(m_runs, {});
    }

    void change(const std::function<void(RunTableView&)>& how)
    {
        RunTableView view = m_model.view();
        how(view);
        m_model.setView(std::move(view));
    }
    void query(const std::string& text)
    {
        change([&](RunTableView& view) { view.query = jobs::RunQuery::parse(text, allColumns()).value(); });
    }
    // Runs of one experiment have the same key.
    void readConfigs()
    {
        std::map<std::string, jobs::TableConfig> configs;
        for (const RunRecord& run : m_runs) {
            configs[run.row.id] = {{{"method.space", run.row.name}}, run.row.name, "gpt2", "data"};
        }
        m_model.addConfigs(std::move(configs));
    }
    std::vector<std::string> firstRuns() const
    {
        std::vector<std::string> ids;
        for (int row = 0; row < m_model.rowCount(); ++row) {
            ids.push_back(m_model.runsOf(row).front());
        }
        return ids;
    }
    std::string text(int row, int at) const { return m_model.data(m_model.index(row, at)).toString().toStdString(); }

    std::vector<RunRecord> m_runs;
    RunTableModel m_model;
    QAbstractItemModelTester m_tester{&m_model, QAbstractItemModelTester::FailureReportingMode::Fatal};
};

TEST_F(RunTableModelTest, HasTheNewestRunFirst)
{
    EXPECT_THAT(firstRuns(), ElementsAre("dual30", "dual20", "dual10", "sft10"));
    EXPECT_EQ(text(0, 2), "9.000");
    EXPECT_EQ(text(0, 3), "–") << "what is missing is no empty cell";
    EXPECT_EQ(m_model.headerData(2, Qt::Horizontal).toString(), "validation loss");
}

TEST_F(RunTableModelTest, SortsByAColumnWithWhatIsMissingLast)
{
    m_runs[0].latest.clear();
    m_model.setRuns(m_runs, {});
    const QSignalSpy sorted(&m_model, &RunTableModel::sorted);
    m_model.sort(2, Qt::AscendingOrder);
    EXPECT_THAT(firstRuns(), ElementsAre("dual10", "dual20", "dual30", "sft10"));
    m_model.sort(2, Qt::DescendingOrder);
    EXPECT_THAT(firstRuns(), ElementsAre("dual30", "dual20", "dual10", "sft10"));
    EXPECT_EQ(sorted.size(), 2);
    EXPECT_EQ(m_model.view().sortedBy, "validation.loss");
}

TEST_F(RunTableModelTest, KeepsWhatPointsToARowWhileTheOrderChanges)
{
    m_model.sort(2, Qt::AscendingOrder);
    const QPersistentModelIndex best(m_model.index(0, 0));
    const QSignalSpy resets(&m_model, &QAbstractItemModel::modelReset);
    m_runs[1].latest["validation.loss"] = 4.0; // dual10 is no longer the best
    m_model.setRuns(m_runs, {});
    EXPECT_EQ(best.row(), 2);
    EXPECT_THAT(firstRuns(), ElementsAre("dual20", "sft10", "dual10", "dual30"));
    EXPECT_EQ(resets.size(), 0);
}

TEST_F(RunTableModelTest, ShowsTheRunsOfAQueryAndPinnedOnesAbove)
{
    query("name:dual seed<30");
    EXPECT_THAT(firstRuns(), ElementsAre("dual20", "dual10"));
    EXPECT_EQ(m_model.numMatching(), 2U);
    change([](RunTableView& view) { view.pinned = {"sft10"}; });
    EXPECT_THAT(firstRuns(), ElementsAre("sft10", "dual20", "dual10")) << "whatever the query";
    EXPECT_EQ(m_model.numMatching(), 2U);
    EXPECT_TRUE(m_model.isPinned(0));
    EXPECT_FALSE(m_model.isPinned(1));
}

TEST_F(RunTableModelTest, SetsSeedsSideBySideOnceTheirConfigurationsAreRead)
{
    EXPECT_FALSE(m_model.needsConfigs());
    change([](RunTableView& view) { view.acrossSeeds = true; });
    EXPECT_TRUE(m_model.needsConfigs());
    EXPECT_EQ(m_model.withoutConfig().size(), 4U);
    EXPECT_EQ(m_model.rowCount(), 4) << "nobody knows yet which belong together";
    readConfigs();
    EXPECT_TRUE(m_model.withoutConfig().empty());
    ASSERT_EQ(m_model.rowCount(), 2);
    EXPECT_THAT(m_model.runsOf(0), ElementsAre("dual10", "dual20", "dual30"));
    EXPECT_EQ(text(0, 0), "dual");
    EXPECT_EQ(text(0, 1), "10, 20, 30");
    EXPECT_EQ(text(0, 2), "2.250 ± 0.35") << "the third seed still runs";
    EXPECT_EQ(text(1, 2), "3.000");
    EXPECT_EQ(m_model.rowOf("dual20"), 0);
    EXPECT_FALSE(m_model.flags(m_model.index(0, 0)) & Qt::ItemIsEditable) << "of which of them?";
}

TEST_F(RunTableModelTest, ShowsSignedDifferencesToTheBaseline)
{
    readConfigs();
    change([](RunTableView& view) { view.baseline = "sft10"; });
    EXPECT_EQ(text(3, 0), "sft (baseline)");
    EXPECT_EQ(text(3, 2), "3.000");
    EXPECT_EQ(text(2, 2), "2.000  (-1.00)");
    EXPECT_EQ(text(0, 2), "9.000  (+6.00)");
    EXPECT_EQ(text(2, 1), "10") << "a seed is not measured";
    query("dual");
    EXPECT_EQ(text(2, 2), "2.000  (-1.00)") << "also when the query hides the baseline";
    std::map<std::string, jobs::TableConfig> other;
    other["dual10"] = {{}, "dual", "llama", "data"};
    m_model.addConfigs(std::move(other));
    EXPECT_EQ(text(2, 2), "2.000") << "the loss of another vocabulary says nothing";
}

TEST_F(RunTableModelTest, AsksAgainForAConfigurationThatCouldNotBeReadOnceTheRunStandsOtherwise)
{
    readConfigs();
    m_model.addConfigs({}, {{"dual30", jobs::Status::Running}});
    EXPECT_TRUE(m_model.withoutConfig().empty()) << "not at every snapshot";
    m_runs.back().status.status = jobs::Status::Done;
    m_model.setRuns(m_runs, {});
    EXPECT_THAT(m_model.withoutConfig(), ElementsAre("dual30"));
    readConfigs();
    EXPECT_TRUE(m_model.withoutConfig().empty());
}

TEST_F(RunTableModelTest, MeasuresMeansAgainstTheMeanOfTheBaselinesSeeds)
{
    readConfigs();
    change([](RunTableView& view) {
        view.acrossSeeds = true;
        view.baseline = "dual10";
    });
    EXPECT_EQ(text(0, 0), "dual (baseline)");
    EXPECT_EQ(text(1, 2), "3.000  (+0.750)");
}

TEST_F(RunTableModelTest, SaysWhatAPersonTypedAndKeepsItsOwnValue)
{
    QSignalSpy edited(&m_model, &RunTableModel::edited);
    const QModelIndex tags = m_model.index(0, 3);
    EXPECT_TRUE(m_model.flags(tags) & Qt::ItemIsEditable);
    EXPECT_FALSE(m_model.flags(m_model.index(0, 2)) & Qt::ItemIsEditable) << "a measured value";
    EXPECT_TRUE(m_model.setData(tags, QStringLiteral("paper"), Qt::EditRole));
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(edited[0][0].toString(), "dual30");
    EXPECT_EQ(edited[0][1].toString(), "tags");
    EXPECT_EQ(edited[0][2].toString(), "paper");
    EXPECT_EQ(text(0, 3), "–") << "the workspace decides";
    EXPECT_TRUE(m_model.setData(tags, QString(), Qt::EditRole));
    EXPECT_EQ(edited.size(), 1) << "the same text is no change";
    EXPECT_FALSE(m_model.setData(m_model.index(0, 2), 1.0, Qt::EditRole));
}

TEST_F(RunTableModelTest, ShowsNothingNewWhileACellIsEdited)
{
    const QSignalSpy changes(&m_model, &QAbstractItemModel::dataChanged);
    m_model.setHeld(true);
    m_runs[3].latest["validation.loss"] = 1.0;
    m_model.setRuns(m_runs, {});
    EXPECT_EQ(changes.size(), 0);
    m_model.setHeld(false);
    m_model.setRuns(m_runs, {});
    EXPECT_EQ(changes.size(), 1);
    EXPECT_EQ(text(0, 2), "1.000");
}

TEST_F(RunTableModelTest, FollowsRunsThatComeAndGo)
{
    m_runs.push_back(record("cma", 10, 1.0));
    m_model.setRuns(m_runs, {});
    EXPECT_EQ(firstRuns().front(), "cma10");
    m_runs.erase(m_runs.begin());
    m_model.setRuns(m_runs, {});
    EXPECT_THAT(firstRuns(), ElementsAre("cma10", "dual30", "dual20", "dual10"));
    m_runs.clear();
    m_model.setRuns(m_runs, {});
    EXPECT_EQ(m_model.rowCount(), 0);
}

TEST_F(RunTableModelTest, WritesTabsAndCsv)
{
    m_runs[3].row.note = "a\tb";
    change([](RunTableView& view) { view.columns = {column("name"), column("note"), column("validation.loss")}; });
    m_model.setRuns(m_runs, {});
    EXPECT_EQ(m_model.toTsv({0}).toStdString(), "name\tnote\tvalidation loss\ndual\ta b\t9\n");
    EXPECT_EQ(m_model.toTsv({}).count('\n'), 5);
    query("sft");
    EXPECT_EQ(m_model.toCsv(), "id,seed,name,note,validation.loss\nsft10,10,sft,,3\n");
}

TEST_F(RunTableModelTest, NamesTheExperimentOfARun)
{
    m_runs[0].row.experiment = 7;
    change([](RunTableView& view) { view.columns = {column("name"), column("experiment")}; });
    m_model.setRuns(m_runs, {{7, "ablation"}});
    EXPECT_EQ(text(3, 1), "ablation");
    EXPECT_EQ(text(0, 1), "–");
}

// What a snapshot and a screen of cells cost with 2,000 runs of 50 metrics each: far below a frame of 16 ms a screen.
TEST(RunTableModelOfManyRuns, WritesOnlyWhatIsAskedFor)
{
    std::vector<RunRecord> runs;
    for (int number = 0; number < 2000; ++number) {
        runs.push_back(record("run" + std::to_string(number), 10, 2.0 + 0.001 * ((number * 7919) % 2000)));
        for (int metric = 0; metric < 50; ++metric) {
            runs.back().latest["metric" + std::to_string(metric)] = metric;
        }
    }
    RunTableModel model;
    RunTableView view;
    for (const std::string& id : jobs::defaultColumns()) {
        view.columns.push_back(column(id));
    }
    view.sortedBy = "validation.loss";
    view.query = jobs::RunQuery::parse("run", allColumns()).value();
    model.setView(view);
    QElapsedTimer took;
    took.start();
    model.setRuns(runs, {});
    ASSERT_EQ(model.rowCount(), 2000);
    EXPECT_LT(took.elapsed(), 500) << "ms, with a query and an order";
    took.restart();
    constexpr int kScreen = 40;
    for (int first = 0; first + kScreen <= 2000; first += kScreen) { // all of them, screen by screen
        for (int row = first; row < first + kScreen; ++row) {
            for (int at = 0; at < model.columnCount(); ++at) {
                (void)model.data(model.index(row, at));
            }
        }
    }
    EXPECT_LT(took.elapsed() / (2000 / kScreen), 16) << "ms a screen";
    for (int row = 1; row < 2000; ++row) {
        const auto lossOf = [&](int of) { return model.data(model.index(of, 5), Qt::EditRole).toString().toDouble(); };
        ASSERT_LE(lossOf(row - 1), lossOf(row)) << row;
    }
}

} // namespace
} // namespace dskd::ui
