// What the dialog of an experiment is called, and what it knows of the workspace that it is in.

#include "core/jobs/run_folder.h"
#include "core/store/database.h"
#include "core/store/experiment_table.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "tests/ui/experiment/demo_experiment.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/plan_estimate.h"
#include "ui/experiment/preflight_panel.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;
using testing::StartsWith;

TEST(DialogOfAnExperiment, ChangesNothingByItself)
{
    config::Plan plan;
    plan.base = demo("dual"); // its name and group are of no account, and stay
    plan.axes = {{"method.space", {"diff", "student"}}, {"train.lr", {"1e-3", "2e-3"}}};
    plan.excluded = {{{"method.space", "diff"}, {"train.lr", "1e-3"}}};
    plan.seeds = {3, 4};
    const ExperimentDialog dialog("my ablation", plan);
    EXPECT_EQ(dialog.windowTitle().toStdString(), "Edit \"my ablation\"");
    EXPECT_EQ(dialog.name(), "my ablation");
    EXPECT_EQ(config::toText(dialog.plan()), config::toText(plan));
    config::Plan methods;
    methods.base = demo("dual");
    methods.axes = {{"method", {"dskd", "gkd"}}};
    methods.fixed = {{"method.temperature", "4"}};
    const ExperimentDialog byMethod("methods", methods);
    EXPECT_EQ(config::toText(byMethod.plan()), config::toText(methods));
}

TEST(DialogOfANewExperiment, IsCalledAfterItsMethodUntilANameIsTyped)
{
    config::Experiment unnamed = demo("cma");
    unnamed.name.clear();
    unnamed.method.alignment = config::Alignment::None;
    ExperimentDialog dialog(unnamed);
    dialog.show();
    const std::string before = dialog.name();
    EXPECT_FALSE(before.empty());
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    ASSERT_TRUE(spy.wait(20'000));
    QPushButton* useCma = nullptr;
    for (auto* button : dialog.findChildren<QPushButton*>("remedy")) {
        useCma = button->text() == QStringLiteral("Use CMA") ? button : useCma;
    }
    ASSERT_NE(useCma, nullptr);
    useCma->click();
    EXPECT_THAT(dialog.name(), HasSubstr("cma"));
    EXPECT_NE(dialog.name(), before);
    auto* name = dialog.findChild<QLineEdit*>("name");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, "mine");
    dialog.findChild<QPushButton*>("ablation")->click();
    EXPECT_EQ(dialog.name(), "mine");
    name->selectAll();
    QTest::keyClick(name, Qt::Key_Backspace);
    EXPECT_THAT(dialog.findChild<QLabel*>("whyNot")->text().toStdString(), HasSubstr("Give the experiment a name"));
    dialog.findChild<QToolButton*>("end:method.space")->click();
    EXPECT_EQ(dialog.name(), "distance") << "after what varies";
}

// It may be of a version that accepted such names.
TEST(DialogOfAnExperiment, KeepsTheNameThatItHas)
{
    ExperimentDialog dialog("last", config::Plan{demo("dual"), {}, {}, {}, {}});
    dialog.show();
    EXPECT_THAT(dialog.findChild<QLabel*>("whyNot")->text().toStdString(), testing::Not(HasSubstr("newest run")));
    EXPECT_TRUE(dialog.findChild<QPushButton*>("save")->isEnabled());
}

TEST(DialogOfANewExperiment, TakesNoNameThatIsThere)
{
    ExperimentDialog dialog(demo("dual"));
    const std::string name = demo("dual").name;
    dialog.setWorkspace({}, {name, name + " 2"});
    EXPECT_EQ(dialog.name(), name + " 3");
}

TEST(DialogInAWorkspace, MeasuresByItsRunsAndSaysWhatIsThere)
{
    const test::EnvironmentVariable oneAtATime("CUDA_VISIBLE_DEVICES", "-1");
    const test::TemporaryFolder folder;
    auto workspace = store::WorkspaceDb::create(folder / "w").value();
    auto experiment = demo("dual");
    experiment.name = "measured";
    const RunLayout layout = workspace.layout().run(jobs::createRun(workspace, experiment).value());
    {
        auto writer = store::RunWriter::open(layout).value();
        writer->beginAttempt(std::nullopt).value();
        for (std::int64_t step = 1; step <= 600; ++step) {
            writer->addMetrics(step, step, {{"loss", 1.0}});
        }
        writer->endAttempt(0, "Finished.").value();
    }
    {
        const store::Database rows(layout.database(), store::Database::Access::ReadWrite);
        rows.execute("UPDATE attempts SET started = 1000, ended = 1600, seconds = 600;"
                     "UPDATE metrics SET time = 1000 + step");
    }
    ASSERT_TRUE(
        store::ExperimentTable(workspace).add("taken", config::toText(config::Plan{experiment, {}, {}, {}, {}})));
    ExperimentDialog dialog(experiment);
    dialog.setWorkspace(folder / "w", {"taken"});
    dialog.show();
    auto* seeds = dialog.findChild<QLineEdit*>("seeds");
    seeds->setText("1-6");
    const auto estimate = [&] {
        QSignalSpy spy(&dialog.estimate(), &PlanEstimateLine::finished);
        while (dialog.estimate().busy() && spy.wait(20'000)) {
        }
        return dialog.estimate().text().toStdString();
    };
    EXPECT_THAT(estimate(), StartsWith("6 runs, about 1 h 0 m (measured on \"measured\"), "));
    EXPECT_TRUE(dialog.findChild<QPushButton*>("probe")->isHidden()) << "it is known";
    QSignalSpy checked(&dialog.preflight(), &PreflightPanel::finished);
    while (dialog.preflight().busy() && checked.wait(20'000)) {
    }
    bool timed = false;
    for (const auto& finding : dialog.preflight().findings()) {
        timed = timed || (finding.topic == "time" && finding.sentence == "About 10 m 0 s, measured on \"measured\".");
    }
    EXPECT_TRUE(timed);
    auto* name = dialog.findChild<QLineEdit*>("name");
    name->selectAll();
    QTest::keyClicks(name, "taken");
    EXPECT_THAT(estimate(), HasSubstr("\"taken\" is there already: this becomes a new revision"));
    seeds->setText(QString::number(experiment.seed));
    EXPECT_THAT(estimate(), HasSubstr("\"taken\" has this plan already: no new revision is made"));
}

} // namespace
} // namespace dskd::ui
