// Making an ablation: fields with several values, what is left out, seeds, names, what the foot says.

#include "core/config/plan/ablation.h"
#include "tests/support/environment.h"
#include "tests/ui/experiment/demo_experiment.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/plan_estimate.h"
#include "ui/experiment/preflight_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <gmock/gmock.h>
#include <utility>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class Ablation : public testing::Test
{
protected:
    Ablation() : dialog(demo("dual")) { dialog.show(); }

    template <typename Widget>
    Widget* find(const char* name)
    {
        auto* found = dialog.findChild<Widget*>(QString::fromUtf8(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }
    void typeOver(QLineEdit* line, const QString& text)
    {
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, text);
    }
    void tick(const char* box) { find<QCheckBox>(box)->click(); }
    void vary(const char* field) { find<QToolButton>((std::string("vary:") + field).c_str())->click(); }
    std::string estimate()
    {
        QSignalSpy spy(&dialog.estimate(), &PlanEstimateLine::finished);
        while (dialog.estimate().busy() && spy.wait(20'000)) {
        }
        return dialog.estimate().text().toStdString();
    }
    std::string start() { return find<QPushButton>("start")->text().toStdString(); }
    std::string why() { return find<QLabel>("whyNot")->text().toStdString(); }

    test::EnvironmentVariable oneAtATime{"CUDA_VISIBLE_DEVICES", "-1"}; // whatever this machine has
    ExperimentDialog dialog;
};

TEST_F(Ablation, ANumberBecomesAListOfValues)
{
    vary("train.lr");
    EXPECT_TRUE(find<QLineEdit>("train.lr")->isHidden());
    auto* line = find<QLineEdit>("line:train.lr");
    EXPECT_FALSE(line->isHidden());
    EXPECT_EQ(line->text().toStdString(), "0.002") << "it begins with the value that there was";
    EXPECT_EQ(start(), "Start 1 run");
    typeOver(line, "1e-3, 5e-4,2e-4");
    EXPECT_EQ(start(), "Start 3 runs");
    EXPECT_EQ(line->text().toStdString(), "1e-3, 5e-4,2e-4") << "as it was typed";
    const config::Plan plan = dialog.plan();
    ASSERT_THAT(plan.axes, SizeIs(1));
    EXPECT_EQ(plan.axes[0].field, "train.lr");
    EXPECT_THAT(plan.axes[0].values, ElementsAre("1e-3", "5e-4", "2e-4"));
    EXPECT_EQ(find<QLabel>("axis:train.lr")->text().toStdString(), "train.lr: 1e-3, 5e-4, 2e-4");
    typeOver(line, "1e-3, fast");
    EXPECT_THAT(why(), HasSubstr("train.lr is \"fast\""));
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
    EXPECT_FALSE(find<QPushButton>("save")->isEnabled());
    typeOver(line, "1e-3, 1e-3");
    EXPECT_THAT(why(), HasSubstr("twice"));
    typeOver(line, "7e-4, 1e-3");
    EXPECT_TRUE(find<QPushButton>("start")->isEnabled());
    find<QToolButton>("end:train.lr")->click();
    EXPECT_THAT(dialog.plan().axes, IsEmpty());
    EXPECT_FALSE(find<QLineEdit>("train.lr")->isHidden());
    EXPECT_DOUBLE_EQ(dialog.experiment().train.lr, 7e-4) << "the first value";
}

TEST_F(Ablation, AChoiceBecomesCheckBoxes)
{
    vary("method.space");
    EXPECT_TRUE(find<QCheckBox>("value:method.space=dual")->isChecked());
    tick("value:method.space=diff");
    EXPECT_THAT(dialog.plan().axes.front().values, ElementsAre("diff", "dual")) << "in the order of the choices";
    tick("value:method.space=diff");
    tick("value:method.space=dual");
    EXPECT_THAT(why(), HasSubstr("Choose or type the values that method.space takes"));
    EXPECT_EQ(dialog.experiment().method.space, config::Space::Dual) << "the configuration keeps its own";
}

TEST_F(Ablation, TheKeyboardAloneMakesAnAxis)
{
    dialog.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&dialog));
    auto* button = find<QToolButton>("vary:method.distance");
    dialog.findChild<QTabWidget*>()->setCurrentIndex(1); // the method
    button->setFocus(Qt::TabFocusReason);
    QTest::keyClick(button, Qt::Key_Space);
    ASSERT_THAT(dialog.plan().axes, SizeIs(1));
    ASSERT_NE(dialog.focusWidget(), nullptr);
    EXPECT_EQ(dialog.focusWidget()->objectName(), "value:method.distance=kl") << "typing goes on there";
    auto* second = find<QCheckBox>("value:method.distance=rkl");
    second->setFocus(Qt::TabFocusReason);
    QTest::keyClick(second, Qt::Key_Space);
    EXPECT_EQ(start(), "Start 2 runs");
    EXPECT_FALSE(button->accessibleName().isEmpty());
}

TEST_F(Ablation, AFieldThatOneValueUsesIsNotGrey)
{
    auto* lambda = find<QToolButton>("vary:method.skew_lambda");
    EXPECT_FALSE(lambda->isEnabled());
    vary("method.distance");
    tick("value:method.distance=srkl");
    EXPECT_TRUE(lambda->isEnabled());
    EXPECT_TRUE(find<QLineEdit>("method.skew_lambda")->isEnabled());
}

TEST_F(Ablation, ThePapersAblationIsOneClick)
{
    find<QPushButton>("ablation")->click();
    EXPECT_EQ(dialog.plan().axes, config::spacesAndDistances());
    EXPECT_EQ(find<QLineEdit>("seeds")->text().toStdString(), "10-14");
    EXPECT_EQ(start(), "Start 90 runs");
    EXPECT_THAT(estimate(), StartsWith("90 runs, time not known yet (no run like them), "));
    EXPECT_THAT(dialog.estimate().text().toStdString(), HasSubstr(" of checkpoints"));
    EXPECT_FALSE(find<QPushButton>("probe")->isHidden()) << "no run says how long it takes";
    EXPECT_THAT(config::expand(dialog.plan()).value(), SizeIs(90));
    EXPECT_EQ(dialog.name(), demo("dual").name) << "that was given";
}

// Of the distances only the skewed ones have a lambda.
TEST_F(Ablation, CellsThatAreTheSameRunCountOnce)
{
    vary("method.distance");
    tick("value:method.distance=srkl");
    vary("method.skew_lambda");
    typeOver(find<QLineEdit>("line:method.skew_lambda"), "0.1, 0.2, 0.3");
    EXPECT_THAT(estimate(), StartsWith("6 cells, 4 runs: 2 have no effect"));
    EXPECT_EQ(start(), "Start 4 runs");
}

TEST_F(Ablation, ANameThatMeansSomethingElseIsRefusedWithAnother)
{
    auto* name = find<QLineEdit>("name");
    for (const auto& [typed, proposed] : {std::pair("abl@1", "abl-1"), std::pair("last", "last experiment")}) {
        typeOver(name, typed);
        EXPECT_THAT(why(), HasSubstr(std::string("For example: ") + proposed)) << typed;
        EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
        EXPECT_FALSE(find<QPushButton>("save")->isEnabled());
    }
    typeOver(name, "abl-1");
    EXPECT_TRUE(find<QPushButton>("save")->isEnabled());
}

TEST_F(Ablation, CombinationsAreLeftOutInAGrid)
{
    EXPECT_TRUE(find<QWidget>("excludedCells")->isHidden());
    find<QPushButton>("ablation")->click();
    auto* grid = find<QTableWidget>("combinations");
    ASSERT_EQ(grid->rowCount(), 3);
    ASSERT_EQ(grid->columnCount(), 6);
    grid->setCurrentCell(0, 1);
    grid->setFocus();
    QTest::keyClick(grid, Qt::Key_Space);
    EXPECT_EQ(grid->item(0, 1)->checkState(), Qt::Unchecked);
    const auto excluded = dialog.plan().excluded;
    ASSERT_THAT(excluded, SizeIs(1));
    EXPECT_EQ(excluded[0].at("method.space"), "diff");
    EXPECT_EQ(excluded[0].at("method.distance"), "rkl");
    EXPECT_EQ(start(), "Start 85 runs");
    EXPECT_THAT(estimate(), StartsWith("85 runs"));
    grid->item(0, 1)->setCheckState(Qt::Checked);
    EXPECT_THAT(dialog.plan().excluded, IsEmpty());
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 6; ++column) {
            grid->item(row, column)->setCheckState(Qt::Unchecked);
        }
    }
    EXPECT_EQ(start(), "Start 0 runs");
    (void)estimate();
    EXPECT_THAT(why(), HasSubstr("Every combination is excluded"));
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
}

TEST_F(Ablation, AnExclusionOfAnAxisThatIsGoneIsSaidAndCanBeTakenBack)
{
    find<QPushButton>("ablation")->click();
    find<QTableWidget>("combinations")->item(0, 1)->setCheckState(Qt::Unchecked);
    find<QToolButton>("end:method.distance")->click();
    (void)estimate();
    EXPECT_THAT(why(), HasSubstr("fits no combination"));
    QToolButton* back = nullptr;
    for (auto* button : find<QWidget>("excludedCells")->findChildren<QToolButton*>()) {
        back = button;
    }
    ASSERT_NE(back, nullptr);
    back->click();
    EXPECT_THAT(dialog.plan().excluded, IsEmpty());
    (void)estimate();
    EXPECT_EQ(why(), "");
    EXPECT_EQ(start(), "Start 15 runs");
}

TEST_F(Ablation, ACombinationThatTheWorkerWouldRefuseKeepsStartOff)
{
    dialog.load(demo("cma"));
    vary("method.alignment");
    tick("value:method.alignment=none");
    tick("value:method.alignment=eta");
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    while (dialog.preflight().busy() && spy.wait(20'000)) {
    }
    EXPECT_THAT(dialog.preflight().firstProblem().toStdString(), HasSubstr("vocabularies"));
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
    EXPECT_THAT(why(), HasSubstr("would refuse this"));
    tick("value:method.alignment=none");
    while (dialog.preflight().busy() && spy.wait(20'000)) {
    }
    EXPECT_TRUE(find<QPushButton>("start")->isEnabled());
}

// Otherwise a remedy would change what no run has.
TEST_F(Ablation, WhatIsSetFromOutsideIsVariedNoMore)
{
    config::Experiment cma = demo("cma");
    cma.method.alignment = config::Alignment::None;
    dialog.load(cma);
    vary("method.alignment");
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    while (dialog.preflight().busy() && spy.wait(20'000)) {
    }
    auto* remedy = find<QPushButton>("remedy");
    ASSERT_NE(remedy, nullptr);
    remedy->click();
    EXPECT_THAT(dialog.plan().axes, IsEmpty());
    EXPECT_NE(dialog.experiment().method.alignment, config::Alignment::None);
}

TEST_F(Ablation, WhatThePlanRefusesIsSaidBesideStart)
{
    config::Experiment alone = demo("dual");
    alone.teacher.model.clear();
    alone.method.objective = config::Objective::Sft;
    dialog.load(alone);
    vary("method.objective");
    tick("value:method.objective=kd");
    EXPECT_THAT(estimate(), IsEmpty());
    EXPECT_THAT(why(), HasSubstr("The combination \"objective=kd\" cannot run"));
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
}

TEST_F(Ablation, SaveKeepsItWithoutRunning)
{
    bool runs = true;
    int count = 0;
    QObject::connect(&dialog, &ExperimentDialog::submitted, [&](const std::string&, const config::Plan&, bool run) {
        runs = run;
        ++count;
    });
    find<QPushButton>("save")->click();
    EXPECT_EQ(count, 1);
    EXPECT_FALSE(runs);
}

TEST_F(Ablation, AFileHasTheWholePlanAndNamesTheWindow)
{
    const QTemporaryDir folder;
    find<QPushButton>("ablation")->click();
    find<QTableWidget>("combinations")->item(2, 5)->setCheckState(Qt::Unchecked);
    const QString file = folder.filePath("my ablation.json");
    ASSERT_TRUE(dialog.saveTo(file));
    ExperimentDialog other(std::nullopt);
    other.loadFile(file);
    EXPECT_EQ(other.windowTitle().toStdString(), "my ablation.json");
    EXPECT_EQ(other.name(), dialog.name());
    EXPECT_EQ(config::toText(other.plan()), config::toText(dialog.plan()));
    other.loadFile(folder.filePath("none.json"));
    EXPECT_THAT(other.findChild<QLabel*>("whyNot")->text().toStdString(), HasSubstr("none.json"));
    EXPECT_EQ(config::toText(other.plan()), config::toText(dialog.plan())) << "what was there stays";
}

} // namespace
} // namespace dskd::ui
