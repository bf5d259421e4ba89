#include "ui/look/theme.h"
#include "ui/models/queue_model.h"
#include "ui/models/run_filter.h"
#include "ui/models/run_tree_model.h"
#include "ui/models/status_mark.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QImage>
#include <QMimeData>
#include <QPalette>
#include <QSignalSpy>
#include <cmath>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;

RunRecord run(const std::string& id, const std::string& group, jobs::Status status = jobs::Status::Done,
              double loss = 1.0)
{
    RunRecord record;
    record.row.id = id;
    record.row.name = id + " name";
    record.row.group = group;
    record.row.job = "train";
    record.row.method = id == "a" ? "dskd" : "dskd-student";
    record.row.methodLabel = record.row.method + " rkl";
    record.row.seed = 10;
    record.status.status = status;
    record.status.step = 5;
    record.status.totalSteps = 10;
    record.latest["loss"] = loss;
    return record;
}

RunRecord runOf(std::int64_t experiment, const std::string& id, jobs::Status status = jobs::Status::Done)
{
    RunRecord record = run(id, "g" + std::to_string(experiment), status);
    record.row.experiment = experiment;
    record.row.revision = 1;
    return record;
}

ExperimentRecord experiment(std::int64_t id, const std::string& name, std::optional<std::size_t> missing = 0)
{
    ExperimentRecord record;
    record.row.id = id;
    record.row.name = name;
    record.row.revision = 1;
    record.missing = missing;
    record.unmade = missing.value_or(0);
    return record;
}

class RunTree : public testing::Test
{
protected:
    RunTreeModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};

    [[nodiscard]] std::string text(const std::string& id, int column) const
    {
        return model.indexOf(id).siblingAtColumn(column).data().toString().toStdString();
    }
};

TEST_F(RunTree, PutsRunsUnderTheirExperimentsTheNewestFirstAndOtherRunsLast)
{
    model.setRuns({runOf(1, "a"), runOf(1, "b"), run("e", "eval"), runOf(2, "c")},
                  {experiment(1, "old"), experiment(2, "new"), experiment(3, "without runs", 4)});
    ASSERT_EQ(model.rowCount(), 4);
    const auto title = [&](int row) { return model.index(row, 0).data().toString().toStdString(); };
    EXPECT_EQ(title(0), "without runs   0 of 4 done");
    EXPECT_EQ(title(1), "new   1 of 1 done");
    EXPECT_EQ(title(2), "old   2 of 2 done");
    EXPECT_EQ(title(3), "Other runs   1 run");
    EXPECT_EQ(model.rowCount(model.index(2, 0)), 2);
    EXPECT_EQ(model.index(3, 0).data(RunTreeModel::ExperimentRole).toLongLong(), 0);
    EXPECT_EQ(model.indexOf("c").data(RunTreeModel::ExperimentRole).toLongLong(), 2);
    EXPECT_THAT(model.runsOf(1), ElementsAre("a", "b"));
    EXPECT_EQ(text("a", RunTreeModel::Method), "dskd rkl");
    EXPECT_EQ(text("a", RunTreeModel::Step), "5 / 10");
    EXPECT_EQ(text("a", RunTreeModel::ValidationLoss), "–") << "what is missing is no zero";
}

TEST_F(RunTree, AnExperimentSaysHowFarItsRunsAre)
{
    using jobs::Status;
    std::vector<RunRecord> runs{runOf(1, "a"), runOf(1, "b", Status::Running), runOf(1, "c", Status::OutOfMemory),
                                runOf(1, "d", Status::Queued)};
    ExperimentRecord ablation = experiment(1, "ablation", 3);
    ablation.row.note = "<b>x";
    ablation.row.tags = {"paper"};
    model.setRuns(runs, {ablation});
    const QModelIndex index = model.index(0, 0);
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   1 of 7 done");
    EXPECT_EQ(index.data(Qt::ToolTipRole).toString().toStdString(),
              "<qt>Revision 1<br>1 done · 1 running · 1 failed · 1 waiting · 3 missing<br>#paper<br>&lt;b&gt;x</qt>");
    runs[1].status.status = Status::Done;
    ablation.missing.reset(); // other runs than before: not counted yet
    ablation.unmade = 0;
    model.setRuns(runs, {ablation});
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   2 of 4 done");
    ablation.missing = 3; // the run that failed is to be run again, beside two that were never made
    ablation.unmade = 2;
    model.setRuns(runs, {ablation});
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   2 of 6 done") << "a run that is there counts once";
}

TEST_F(RunTree, NamesCannotTurnOrBreakTheTextAroundThem)
{
    RunRecord hostile = runOf(1, "a");
    hostile.row.name = "name\u2066\n\x1b[31m";
    model.setRuns({hostile}, {experiment(1, "group\u202e\nend")});
    EXPECT_THAT(model.index(0, 0).data().toString().toStdString(), testing::StartsWith("group\\u202e end   "));
    EXPECT_EQ(text("a", RunTreeModel::Name), "name\\u2066 \\u001b[31m, seed 10");
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), hostile.row.name)
        << "editing begins with the name itself";
}

TEST_F(RunTree, ShowsTheNewestOfALargeGroupAtFirst)
{
    std::vector<RunRecord> runs;
    for (int number = 1000; number < 1250; ++number) {
        runs.push_back(run(std::to_string(number), "large"));
    }
    model.setRuns(runs);
    const std::vector<std::string> shown = model.shownRuns();
    ASSERT_EQ(shown.size(), 100U);
    EXPECT_EQ(shown.front(), "1150");
    EXPECT_EQ(shown.back(), "1249");
}

TEST_F(RunTree, EveryRunIsToldByItsSeed)
{
    RunRecord first = runOf(1, "a");
    first.row.name = "dual";
    RunRecord second = runOf(1, "b");
    second.row.name = "dskd-s10"; // its own name says the seed
    model.setRuns({first, second}, {experiment(1, "e")});
    EXPECT_EQ(text("a", RunTreeModel::Name), "dual, seed 10");
    EXPECT_EQ(text("b", RunTreeModel::Name), "dskd-s10");
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), "dual") << "the seed is not renamed";
}

TEST_F(RunTree, ArchivedExperimentsAreListedOnRequest)
{
    ExperimentRecord archived = experiment(1, "old");
    archived.row.archived = 1.0;
    const std::vector<RunRecord> runs{runOf(1, "a"), runOf(2, "b")};
    const std::vector<ExperimentRecord> experiments{archived, experiment(2, "new")};
    model.setRuns(runs, experiments);
    ASSERT_EQ(model.rowCount(), 1) << "its runs are no other runs";
    EXPECT_FALSE(model.indexOf("a").isValid());
    EXPECT_THAT(model.shownRuns(), ElementsAre("b"));
    model.showArchived(true);
    model.setRuns(runs, experiments);
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.index(1, 0).data().toString().toStdString(), "old   1 of 1 done · archived");
}

TEST_F(RunTree, ARunThatFindsItsExperimentMovesThereAndStaysShown)
{
    model.setRuns({run("a", "demo"), run("b", "demo")});
    EXPECT_EQ(model.index(0, 0).data().toString().toStdString(), "Other runs   2 runs");
    model.setShown({"b"});
    RunRecord a = runOf(1, "a");
    RunRecord b = runOf(1, "b");
    a.row.group = b.row.group = "demo";
    model.setRuns({a, b}, {experiment(1, "demo: dual")});
    ASSERT_EQ(model.rowCount(), 1);
    EXPECT_EQ(model.rowCount(model.index(0, 0)), 2);
    EXPECT_THAT(model.shownRuns(), ElementsAre("b"));
}

TEST_F(RunTree, SortsARunWhoseLossIsNoNumberBehindTheOthers)
{
    model.setRuns({run("a", "g", jobs::Status::Failed, std::nan("")), run("b", "g", jobs::Status::Done, 2.0),
                   run("c", "g", jobs::Status::Done, 1.0)});
    const auto key = [&](const char* id) {
        return model.indexOf(id).siblingAtColumn(RunTreeModel::Loss).data(RunTreeModel::SortRole).toDouble();
    };
    EXPECT_GT(key("a"), key("b"));
    EXPECT_GT(key("b"), key("c"));
}

TEST_F(RunTree, UpdatesInPlaceWithoutAReset)
{
    const auto experimentNamed = [](const char* name) { return std::vector{experiment(1, name)}; };
    model.setRuns({runOf(1, "a"), runOf(1, "b")}, experimentNamed("e"));
    const QPersistentModelIndex index = model.indexOf("b");
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    RunRecord running = runOf(1, "b", jobs::Status::Running);
    running.latest["loss"] = 0.5;
    model.setRuns({runOf(1, "a"), running, runOf(1, "c")}, experimentNamed("renamed"));
    EXPECT_EQ(resets.count(), 0);
    EXPECT_THAT(model.index(0, 0).data().toString().toStdString(), testing::StartsWith("renamed   2 of 3"));
    ASSERT_TRUE(index.isValid());
    EXPECT_EQ(text("b", RunTreeModel::Loss), "0.5000");
    EXPECT_EQ(model.rowCount(model.index(0, 0)), 3);
}

TEST_F(RunTree, ShowsTheNewestGroupAtFirstAndNewRunsBesideShownOnes)
{
    model.setRuns({run("a", "old"), run("b", "new")});
    EXPECT_THAT(model.shownRuns(), ElementsAre("b"));
    model.setRuns({run("a", "old"), run("b", "new"), run("c", "new")});
    EXPECT_THAT(model.shownRuns(), ElementsAre("b", "c"));
}

TEST_F(RunTree, TheNewestGroupAlsoSpansExperiments)
{
    const auto inDemo = [](std::int64_t experimentId, const std::string& id) {
        RunRecord record = runOf(experimentId, id);
        record.row.group = "demo";
        record.row.created = 2;
        return record;
    };
    model.setRuns({run("before", "old"), inDemo(1, "a"), inDemo(2, "b")},
                  {experiment(1, "sft"), experiment(2, "dual")});
    EXPECT_THAT(model.shownRuns(), ElementsAre("b", "a")) << "in the order of the list";
}

TEST_F(RunTree, TheCheckBoxOfAnExperimentIsThatOfItsRuns)
{
    model.setRuns({runOf(1, "a"), runOf(1, "b")}, {experiment(1, "e"), experiment(2, "without runs")});
    EXPECT_FALSE(model.index(0, 0).data(Qt::CheckStateRole).isValid()) << "there is nothing to draw";
    model.setRuns({runOf(1, "a"), runOf(1, "b")}, {experiment(1, "e")});
    QSignalSpy shown(&model, &RunTreeModel::shownChanged);
    model.setData(model.indexOf("a"), Qt::Unchecked, Qt::CheckStateRole);
    EXPECT_EQ(model.index(0, 0).data(Qt::CheckStateRole).toInt(), Qt::PartiallyChecked);
    EXPECT_EQ(shown.count(), 1);
    model.setData(model.index(0, 0), Qt::Checked, Qt::CheckStateRole);
    EXPECT_THAT(model.shownRuns(), ElementsAre("a", "b"));
    model.toggleShown({"a", "b"});
    EXPECT_TRUE(model.shownRuns().empty());
}

TEST_F(RunTree, ANewNameIsAskedForNotShownBeforeItIsStored)
{
    model.setRuns({run("a", "g")});
    std::string renamed;
    QObject::connect(&model, &RunTreeModel::renamed,
                     [&](const std::string& id, const QString& name) { renamed = id + "=" + name.toStdString(); });
    model.setData(model.indexOf("a"), " better ", Qt::EditRole);
    EXPECT_EQ(renamed, "a=better");
    EXPECT_EQ(text("a", RunTreeModel::Name), "a name, seed 10");
}

TEST_F(RunTree, ANewNameOfAnExperimentIsAskedForToo)
{
    model.setRuns({runOf(7, "a"), run("e", "eval")}, {experiment(7, "e")});
    std::vector<std::pair<std::int64_t, std::string>> renamed;
    QObject::connect(&model, &RunTreeModel::experimentRenamed,
                     [&](std::int64_t id, const QString& name) { renamed.emplace_back(id, name.toStdString()); });
    EXPECT_EQ(model.index(0, 0).data(Qt::EditRole).toString().toStdString(), "e") << "not how many runs are done";
    model.setData(model.index(0, 0), "e", Qt::EditRole);
    model.setData(model.index(0, 0), "better", Qt::EditRole);
    EXPECT_THAT(renamed, ElementsAre(testing::Pair(7, "better")));
    EXPECT_FALSE(model.flags(model.index(1, 0)).testFlag(Qt::ItemIsEditable)) << "the node of other runs has no name";
}

TEST_F(RunTree, FilterFindsExperimentsAndTags)
{
    ExperimentRecord tagged = experiment(2, "dual space");
    tagged.row.tags = {"paper"};
    RunRecord ownTag = runOf(1, "a");
    ownTag.row.tags = {"odd"};
    model.setRuns({ownTag, runOf(1, "b"), runOf(2, "c")}, {experiment(1, "sft"), tagged, experiment(3, "empty")});
    RunFilter filter;
    filter.setSourceModel(&model);
    const auto left = [&] {
        std::vector<std::string> ids;
        for (int row = 0; row < filter.rowCount(); ++row) {
            for (int child = 0; child < filter.rowCount(filter.index(row, 0)); ++child) {
                ids.push_back(filter.index(child, 0, filter.index(row, 0))
                                  .data(RunTreeModel::RunIdRole)
                                  .toString()
                                  .toStdString());
            }
        }
        return ids;
    };
    EXPECT_FALSE(filter.active());
    EXPECT_EQ(left().size(), 3U);
    filter.setText("experiment:dual");
    EXPECT_TRUE(filter.active());
    EXPECT_THAT(left(), ElementsAre("c"));
    filter.setText("tag:paper");
    EXPECT_THAT(left(), ElementsAre("c"));
    filter.setText("tag:odd");
    EXPECT_THAT(left(), ElementsAre("a"));
    filter.setText("experiment:empty");
    EXPECT_EQ(filter.rowCount(), 1) << "an experiment without runs is found by its own name";
    EXPECT_TRUE(left().empty());
}

TEST(Marks, ASelectedRowKeepsItsSwatchInBothThemes)
{
    for (const Appearance appearance : {Appearance::Light, Appearance::Dark}) {
        applyTheme(*qApp, appearance);
        const QColor selection = qApp->palette().color(QPalette::Highlight);
        const QColor frame = qApp->palette().color(QPalette::HighlightedText);
        for (int color = 0; color < 12; ++color) {
            const QImage picture = runSwatch(color).pixmap(QSize(12, 12), QIcon::Selected).toImage();
            ASSERT_FALSE(picture.isNull());
            const QPoint centre(picture.width() / 2, picture.height() / 2);
            EXPECT_EQ(picture.pixelColor(centre), runColor(color)) << color;
            EXPECT_EQ(picture.pixelColor(0, 0), frame) << color;
            EXPECT_NE(picture.pixelColor(0, 0), selection) << "the frame tells it from the selected row";
        }
    }
    applyTheme(*qApp, Appearance::Light);
}

TEST(Marks, TheBarOfAnExperimentHasTheSharesOfItsStates)
{
    StateCounts counts;
    counts.done = 2;
    counts.failed = 1;
    counts.missing = 1;
    EXPECT_EQ(counts.total(), 4U);
    const QImage bar = stateBar(counts).pixmap(QSize(32, 16)).toImage();
    const auto at = [&](double share) {
        return bar.pixelColor(static_cast<int>(bar.width() * share), bar.height() / 2);
    };
    EXPECT_EQ(at(0.1), palette().good);
    EXPECT_EQ(at(0.4), palette().good);
    EXPECT_EQ(at(0.6), palette().bad);
    EXPECT_EQ(at(0.9), palette().raised) << "what is missing";
}

TEST_F(RunTree, FilterLooksInOneFieldOrInAll)
{
    model.setRuns({run("a", "g"), run("b", "g", jobs::Status::Failed)});
    RunFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester filterTester(&filter);
    const auto left = [&] { return filter.rowCount() == 0 ? 0 : filter.rowCount(filter.index(0, 0)); };
    for (const auto& [words, count] : {std::pair("", 2),
                                       {"method:dskd-student", 1},
                                       {"status:failed", 1},
                                       {"name", 2},
                                       {"status:done method:dskd-student", 0},
                                       {"seed:10 b", 1}}) {
        filter.setText(words);
        EXPECT_EQ(left(), count) << words;
    }
}

TEST(QueueModel, ListsPlacesNamesAndStates)
{
    QueueModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QString state = statusText(jobs::Status::Running);
    const auto set = [&] {
        model.setQueue({{0, "a", store::QueueState::Running, 0}, {1, "b", store::QueueState::Waiting, 0}},
                       [&](const store::QueueRow& row) -> QueueModel::Shown {
                           return {QString::fromStdString("run " + row.runId),
                                   row.state == store::QueueState::Running ? state : QStringLiteral("waiting")};
                       });
    };
    set();
    EXPECT_EQ(model.index(0, QueueModel::Run).data().toString(), QStringLiteral("run a"));
    EXPECT_EQ(model.index(1, QueueModel::Run).data().toString(), QStringLiteral("run b"));
    EXPECT_EQ(model.index(0, QueueModel::Place).data().toString(), QStringLiteral("–"));
    EXPECT_EQ(model.index(1, QueueModel::Place).data().toString(), QStringLiteral("1"));
    EXPECT_EQ(model.index(0, QueueModel::State).data().toString(), QStringLiteral("running"));
    state = statusText(jobs::Status::Crashed); // its worker died; the queue's rows are as before
    set();
    EXPECT_EQ(model.index(0, QueueModel::State).data().toString(), QStringLiteral("crashed"));
    EXPECT_EQ(model.index(1, QueueModel::State).data().toString(), QStringLiteral("waiting"));
}

TEST(QueueModel, MarksWhatFailedAndSaysWhenRunsEnd)
{
    QueueModel model;
    int resets = 0;
    QObject::connect(&model, &QueueModel::modelReset, [&] { ++resets; });
    QString left = QStringLiteral("5 m 0 s");
    const auto set = [&] {
        model.setQueue({{0, "a", store::QueueState::Running, 0}}, [&](const store::QueueRow&) -> QueueModel::Shown {
            return {"a", "crashed", left, true};
        });
    };
    set();
    EXPECT_EQ(model.index(0, QueueModel::State).data().toString(), QStringLiteral("✕ crashed"));
    EXPECT_TRUE(model.index(0, QueueModel::State).data(Qt::ForegroundRole).isValid());
    EXPECT_FALSE(model.index(0, QueueModel::Run).data(Qt::ForegroundRole).isValid());
    EXPECT_EQ(model.index(0, QueueModel::Left).data().toString(), left);
    left = QStringLiteral("4 m 59 s");
    set();
    EXPECT_EQ(model.index(0, QueueModel::Left).data().toString(), left);
    EXPECT_EQ(resets, 1) << "the selection stays while time goes by";
}

TEST(QueueModel, AWaitingRunIsDraggedBetweenOthers)
{
    QueueModel model;
    model.setQueue({{0, "r", store::QueueState::Running, 0},
                    {1, "a", store::QueueState::Waiting, 0},
                    {2, "b", store::QueueState::Waiting, 0},
                    {3, "c", store::QueueState::Waiting, 0}},
                   [](const store::QueueRow& row) -> QueueModel::Shown {
                       return {QString::fromStdString(row.runId), QStringLiteral("waiting")};
                   });
    EXPECT_FALSE(model.flags(model.index(0, 0)) & Qt::ItemIsDragEnabled) << "it runs";
    EXPECT_TRUE(model.flags(model.index(1, 0)) & Qt::ItemIsDragEnabled);
    std::string moved;
    int place = 0;
    QObject::connect(&model, &QueueModel::moveRequested, [&](const std::string& id, int to) {
        moved = id;
        place = to;
    });
    const auto drop = [&](int what, int before) {
        const std::unique_ptr<QMimeData> data(model.mimeData({model.index(what, 0)}));
        EXPECT_FALSE(model.dropMimeData(data.get(), Qt::MoveAction, before, 0, {})) << "the queue moves it";
        return moved + " " + std::to_string(place);
    };
    EXPECT_EQ(drop(3, 1), "c 1");
    EXPECT_EQ(drop(3, 0), "c 1") << "never before what runs";
    EXPECT_EQ(drop(1, 3), "a 2") << "before c, which is then third";
    EXPECT_EQ(drop(1, -1), "a 3") << "behind all";
    EXPECT_EQ(drop(1, 4), "a 3");
}

} // namespace
} // namespace dskd::ui
