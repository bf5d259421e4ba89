#include "ui/models/queue_model.h"

#include "ui/models/run_tree_model.h"

#include <QAbstractItemModelTester>
#include <QMimeData>
#include <gtest/gtest.h>
#include <memory>

namespace dskd::ui
{
namespace
{

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
