#include "ui/window/findings_bar.h"

#include "core/base/exit_codes.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/workspace_feed.h"

#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <cmath>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

// Two runs: one that NaN ended, a healthy one.
class FindingsBarTest : public testing::Test
{
protected:
    void SetUp() override
    {
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        bad = makeRun(workspace, "bad", std::nan(""));
        good = makeRun(workspace, "good", 2.5);
        feed = std::make_unique<WorkspaceFeed>(folder / "w");
        ASSERT_TRUE(QTest::qWaitFor([this] { return feed->loaded() && feed->runs().size() == 2; }));
        bar = std::make_unique<FindingsBar>(*feed);
    }

    std::string makeRun(store::WorkspaceDb& workspace, const std::string& name, double last) const
    {
        config::Experiment experiment;
        experiment.name = name;
        experiment.student.model = "/s";
        experiment.teacher.model = "/t";
        experiment.data.train = "/d.jsonl";
        const std::string id = jobs::createRun(workspace, experiment).value();
        auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
        EXPECT_TRUE(writer->beginAttempt(std::nullopt));
        writer->addMetrics(1, 10, {{"loss", 3.0}});
        writer->addMetrics(2, 20, {{"loss", last}});
        EXPECT_TRUE(writer->endAttempt(toInt(ExitCode::Done), "Finished."));
        return id;
    }

    test::TemporaryFolder folder;
    std::string bad;
    std::string good;
    std::unique_ptr<WorkspaceFeed> feed;
    std::unique_ptr<FindingsBar> bar;
};

TEST_F(FindingsBarTest, SaysWhatIsFoundInTheSelectedRun)
{
    bar->setRuns({good, bad}, {bad});
    ASSERT_TRUE(QTest::qWaitFor([this] { return !bar->text().isEmpty(); }));
    EXPECT_FALSE(bar->isHidden());
    EXPECT_EQ(bar->text().toStdString(), "bad, seed 10: Not a number. The loss was NaN at step 2.") << "one line";
    bar->findChild<QToolButton*>("findingWhy")->click();
    EXPECT_THAT(bar->text().toStdString(), AllOf(HasSubstr("The loss was NaN at step 2."), HasSubstr("learning rate")));
    EXPECT_THAT(bar->findings(bad), SizeIs(1));
    bar->setRuns({good, bad}, {good});
    ASSERT_TRUE(QTest::qWaitFor([this] { return !bar->text().isEmpty(); })) << "of those that are shown";
    bar->setRuns({good}, {good});
    EXPECT_TRUE(bar->isHidden());
}

TEST_F(FindingsBarTest, OpensTheDialogWithWhatMayCureIt)
{
    bar->setRuns({bad}, {bad});
    ASSERT_TRUE(QTest::qWaitFor([this] { return !bar->text().isEmpty(); }));
    std::optional<config::Plan> asked;
    QObject::connect(bar.get(), &FindingsBar::experimentRequested, bar.get(),
                     [&](const std::string&, const std::optional<config::Plan>& plan) { asked = plan; });
    auto* remedy = bar->findChild<QPushButton*>(QStringLiteral("findingRemedy"));
    EXPECT_EQ(remedy->text(), QStringLiteral("Duplicate with lr \u00f7 10"));
    remedy->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return asked.has_value(); }));
    EXPECT_DOUBLE_EQ(asked->base.train.lr, 5e-5);
    EXPECT_EQ(asked->base.student.model, "/s");
    EXPECT_EQ(asked->base.name, "") << "it is another configuration";
}

TEST_F(FindingsBarTest, PutsTheButtonsBelowTheTextWhereBesideItTheyLeaveNoRoom)
{
    bar->setRuns({bad}, {bad});
    ASSERT_TRUE(QTest::qWaitFor([this] { return !bar->text().isEmpty(); }));
    const auto* text = bar->findChild<QLabel*>(QStringLiteral("findingText"));
    const auto* remedy = bar->findChild<QPushButton*>(QStringLiteral("findingRemedy"));
    bar->resize(1400, 60);
    EXPECT_TRUE(QTest::qWaitFor([&] { return remedy->x() > text->geometry().right(); })) << "beside it";
    bar->resize(640, 120);
    EXPECT_TRUE(QTest::qWaitFor([&] { return remedy->y() > text->geometry().bottom(); })) << "below it";
    EXPECT_GT(text->width(), 500) << "the whole width is the text's";
}

TEST_F(FindingsBarTest, IsDismissedUntilThereIsSomethingElse)
{
    bar->setRuns({bad}, {bad});
    ASSERT_TRUE(QTest::qWaitFor([this] { return !bar->text().isEmpty(); }));
    for (auto* button : bar->findChildren<QToolButton*>()) {
        if (button->accessibleName() == "Dismiss this finding") {
            button->click();
        }
    }
    EXPECT_TRUE(bar->isHidden());
    bar->setRuns({}, {});
    bar->setRuns({bad}, {bad});
    EXPECT_TRUE(bar->isHidden());
}

TEST_F(FindingsBarTest, ReadsRunsThatGoOnByTurns)
{
    struct Growing {
        std::string id;
        std::unique_ptr<store::RunWriter> writer;
        void grow(std::int64_t step, const std::string& failure) const
        {
            writer->addEvent(step, store::kFailedEvent, failure);
            EXPECT_TRUE(writer->heartbeat(step, "training"));
        }
    };
    auto workspace = store::WorkspaceDb::open(folder / "w").value();
    std::vector<Growing> runs;
    for (const char* name : {"one", "two"}) {
        const std::string id = makeRun(workspace, name, std::nan(""));
        runs.push_back({id, store::RunWriter::open(workspace.layout().run(id)).value()});
        ASSERT_TRUE(runs.back().writer->beginAttempt(2));
        EXPECT_TRUE(runs.back().writer->heartbeat(2, "training"));
    }
    const std::vector<std::string> both{runs[0].id, runs[1].id};
    const auto areAt = [&](std::int64_t first, std::int64_t second) {
        return QTest::qWaitFor([&, first, second] {
            const RunRecord* one = feed->find(both[0]);
            const RunRecord* two = feed->find(both[1]);
            return one != nullptr && two != nullptr && one->status.step == first && two->status.step == second;
        });
    };
    ASSERT_TRUE(areAt(2, 2));
    bar->setRuns(both, both);
    ASSERT_TRUE(
        QTest::qWaitFor([&] { return bar->findings(both[0]).size() == 1 && bar->findings(both[1]).size() == 1; }));

    const std::string failure = "both sides must have the same rows, not 31 and 28";
    runs[0].grow(3, failure);
    runs[1].grow(3, failure);
    ASSERT_TRUE(areAt(3, 3));
    bar->setRuns(both, both);
    ASSERT_TRUE(QTest::qWaitFor([&] { return bar->findings(both[0]).size() == 2; }));
    runs[0].grow(4, failure);
    ASSERT_TRUE(areAt(4, 3));
    bar->setRuns(both, both); // reads one at once
    EXPECT_TRUE(QTest::qWaitFor([&] { return bar->findings(both[1]).size() == 2; }, 4000)) << "it waited longer";
}

} // namespace
} // namespace dskd::ui
