#include "ui/models/queue_model.h"
#include "ui/models/run_filter.h"
#include "ui/models/run_tree_model.h"

#include <QAbstractItemModelTester>
#include <QMimeData>
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

TEST_F(RunTree, PutsRunsUnderTheirGroupsTheNewestGroupFirst)
{
    model.setRuns({run("a", "old"), run("b", "old"), run("c", "new")});
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_THAT(model.index(0, 0).data().toString().toStdString(), testing::StartsWith("new"));
    EXPECT_EQ(model.rowCount(model.index(1, 0)), 2);
    EXPECT_EQ(text("a", RunTreeModel::Method), "dskd rkl");
    EXPECT_EQ(text("a", RunTreeModel::Step), "5 / 10");
    EXPECT_EQ(text("a", RunTreeModel::ValidationLoss), "–") << "what is missing is no zero";
}

TEST_F(RunTree, NamesAndGroupsCannotTurnOrBreakTheTextAroundThem)
{
    RunRecord hostile = run("a", "group\u202e\nend");
    hostile.row.name = "name\u2066\n\x1b[31m";
    model.setRuns({hostile});
    EXPECT_THAT(model.index(0, 0).data().toString().toStdString(), testing::StartsWith("group\\u202e end   "));
    EXPECT_EQ(text("a", RunTreeModel::Name), "name\\u2066 \\u001b[31m");
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), hostile.row.name)
        << "editing begins with the name itself";
    EXPECT_EQ(nameWithSeed(hostile.row).toStdString(), "name\\u2066 \\u001b[31m, seed 10");
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

TEST_F(RunTree, RunsOfOneNameAreToldByTheirSeeds)
{
    RunRecord first = run("a", "old");
    RunRecord second = run("b", "old");
    RunRecord elsewhere = run("c", "new");
    first.row.name = second.row.name = elsewhere.row.name = "dual";
    second.row.seed = 20;
    model.setRuns({first, second, elsewhere});
    EXPECT_EQ(text("a", RunTreeModel::Name), "dual, seed 10");
    EXPECT_EQ(text("b", RunTreeModel::Name), "dual, seed 20");
    EXPECT_EQ(text("c", RunTreeModel::Name), "dual");
    first.row.name = second.row.name = "dskd-s10"; // run twice; its own name says the seed
    second.row.seed = 10;
    model.setRuns({first, second});
    EXPECT_EQ(text("a", RunTreeModel::Name), "dskd-s10");
    first.row.name = second.row.name = "dual";
    second.row.seed = 20;
    model.setRuns({first, second, elsewhere});
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), "dual") << "the seed is not renamed";
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
    model.setRuns({run("a", "g"), run("b", "g")});
    const QPersistentModelIndex index = model.indexOf("b");
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setRuns({run("a", "g"), run("b", "g", jobs::Status::Running, 0.5), run("c", "g")});
    EXPECT_EQ(resets.count(), 0);
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

TEST_F(RunTree, TheCheckBoxOfAGroupIsThatOfItsRuns)
{
    model.setRuns({run("a", "g"), run("b", "g")});
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
    EXPECT_EQ(text("a", RunTreeModel::Name), "a name");
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
        model.setQueue({{0, "a", store::QueueState::Running, 0}},
                       [&](const store::QueueRow&) -> QueueModel::Shown { return {"a", "crashed", left, true}; });
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
