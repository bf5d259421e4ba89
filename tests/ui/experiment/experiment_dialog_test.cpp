#include "ui/experiment/experiment_dialog.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiment_file.h"
#include "tests/support/environment.h"
#include "tests/ui/experiment/demo_experiment.h"
#include "ui/experiment/preflight_panel.h"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

class Dialog : public testing::Test
{
protected:
    explicit Dialog(const char* name = "dual") : dialog(demo(name)) { dialog.show(); }

    template <typename Widget>
    Widget* find(const char* name)
    {
        auto* found = dialog.findChild<Widget*>(QLatin1String(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }
    void type(const char* field, const QString& text)
    {
        auto* line = find<QLineEdit>(field);
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, text);
    }
    void waitForPreflight()
    {
        QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
        while (dialog.preflight().busy() && spy.wait(10'000)) {
        }
    }

    ExperimentDialog dialog;
};

TEST_F(Dialog, ShowsTheExperimentItStartsFrom)
{
    EXPECT_EQ(find<QLineEdit>("name")->text().toStdString(), demo("dual").name);
    EXPECT_EQ(find<QComboBox>("methodPreset")->currentText(), QStringLiteral("DSKD in both spaces (dual)"));
    EXPECT_TRUE(find<QPushButton>("start")->isEnabled());
}

TEST_F(Dialog, TheFieldsOfAllSectionsBeginAtOnePlace)
{
    dialog.show();
    ASSERT_TRUE(QTest::qWaitForWindowExposed(&dialog)); // so that it is laid out
    // the tab of all fields, which is not in front, has editors of these names too
    const auto leftOf = [&](const char* name) {
        const auto fields = dialog.findChildren<QWidget*>(QString::fromLatin1(name));
        const auto shown =
            std::find_if(fields.begin(), fields.end(), [](const QWidget* field) { return field->isVisible(); });
        return shown != fields.end() ? (*shown)->mapTo(&dialog, QPoint(0, 0)).x() : -1;
    };
    const int left = leftOf("teacher.model");
    EXPECT_GT(left, 0);
    for (const char* field : {"data.train", "methodPreset", "train.epochs", "seeds"}) {
        EXPECT_NEAR(leftOf(field), left, 1) << field; // a combination box has a frame of its own
    }
    EXPECT_EQ(find<QLabel>("methodSentence")->width(), find<QComboBox>("methodPreset")->width());
}

TEST_F(Dialog, AMethodSetsObjectiveAndSpace)
{
    auto* preset = find<QComboBox>("methodPreset");
    const auto choose = [&](const QString& title) {
        const int index = preset->findText(title, Qt::MatchContains);
        ASSERT_GE(index, 0);
        preset->setCurrentIndex(index);
        Q_EMIT preset->activated(index);
    };
    choose("student space");
    EXPECT_EQ(dialog.experiment().method.space, config::Space::Student);
    choose("(ETA)");
    EXPECT_EQ(dialog.experiment().method.alignment, config::Alignment::Eta);
    EXPECT_EQ(dialog.experiment().projector.init, config::ProjectorInit::Pinv);
    EXPECT_THAT(find<QLabel>("methodSentence")->text().toStdString(), testing::HasSubstr("same bytes"));
    auto* init = find<QComboBox>("projector.init"); // an expert's switch in the list of all fields
    init->setCurrentText("random");
    Q_EMIT init->textActivated("random");
    EXPECT_EQ(preset->currentIndex(), -1) << "a composition without a name";
    choose("(SFT)");
    EXPECT_EQ(dialog.experiment().method.objective, config::Objective::Sft);
    EXPECT_EQ(find<QComboBox>("method.objective")->currentText().toStdString(), "sft")
        << "the list of all fields follows";
}

TEST_F(Dialog, TheMethodsStandUnderHeadingsThatCannotBeChosen)
{
    auto* preset = find<QComboBox>("methodPreset");
    EXPECT_EQ(preset->itemText(0), QStringLiteral("DSKD"));
    EXPECT_FALSE(preset->itemData(0).isValid());
    const auto before = config::toText(dialog.experiment());
    Q_EMIT preset->activated(0);
    EXPECT_EQ(config::toText(dialog.experiment()), before);
}

TEST_F(Dialog, ASwitchWithoutEffectIsGreyAndSaysWhy)
{
    auto* lambda = find<QLineEdit>("method.skew_lambda");
    EXPECT_FALSE(lambda->isEnabled());
    EXPECT_THAT(lambda->toolTip().toStdString(), testing::HasSubstr("skl and srkl"));
    auto* distance = find<QComboBox>("method.distance");
    distance->setCurrentText("srkl");
    Q_EMIT distance->textActivated("srkl");
    for (auto* line : dialog.findChildren<QLineEdit*>("method.skew_lambda")) {
        EXPECT_TRUE(line->isEnabled()) << "wherever it is shown";
    }
    auto* steps = find<QLineEdit>("train.steps");
    steps->setText("20");
    Q_EMIT steps->textEdited("20");
    EXPECT_FALSE(find<QLineEdit>("train.epochs")->isEnabled()) << "outside the method's page too";
    const auto* matching = dialog.findChild<QGroupBox*>("Key-query matching");
    ASSERT_NE(matching, nullptr);
    EXPECT_THAT(matching->findChild<QLabel*>()->text().toStdString(), testing::HasSubstr("cma or cla"));
}

// Otherwise the sentence that asks for a change would point at a field that takes none.
TEST_F(Dialog, ASettingThatLostItsEffectCanStillBeUndone)
{
    const auto choose = [&](const char* field, const char* value) {
        auto* box = find<QComboBox>(field);
        box->setCurrentText(value);
        Q_EMIT box->textActivated(value);
    };
    choose("method.alignment", "cma");
    choose("key_query.matching", "gan");
    choose("method.alignment", "eta");
    EXPECT_TRUE(find<QComboBox>("key_query.matching")->isEnabled());
    choose("key_query.matching", "off");
    EXPECT_FALSE(find<QComboBox>("key_query.matching")->isEnabled());
}

TEST_F(Dialog, AReferenceFidelitySaysWhatItChanges)
{
    auto* said = find<QLabel>("fidelityDifferences");
    EXPECT_TRUE(said->text().isEmpty());
    auto* fidelity = find<QComboBox>("method.fidelity");
    fidelity->setCurrentText("reference-v2");
    Q_EMIT fidelity->textActivated("reference-v2");
    EXPECT_THAT(said->text().toStdString(), testing::HasSubstr("teacher space"));
}

TEST_F(Dialog, ABadNumberStaysStandsAtItsFieldAndBlocksStart)
{
    type("train.lr", "fast");
    EXPECT_EQ(find<QLineEdit>("train.lr")->text(), QStringLiteral("fast"));
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
    EXPECT_THAT(find<QLabel>("whyNot")->text().toStdString(), testing::HasSubstr("train.lr"));
    type("train.lr", "1e-3");
    EXPECT_TRUE(find<QPushButton>("start")->isEnabled());
    EXPECT_DOUBLE_EQ(dialog.experiment().train.lr, 1e-3);
}

TEST_F(Dialog, CtrlReturnSubmitsThePlanWithItsSeeds)
{
    int count = 0;
    config::Plan plan;
    bool runs = false;
    QObject::connect(&dialog, &ExperimentDialog::submitted,
                     [&](const std::string& name, const config::Plan& submitted, bool run) {
                         ++count;
                         EXPECT_EQ(name, demo("dual").name);
                         plan = submitted;
                         runs = run;
                     });
    type("seeds", "10, 20 30 20");
    EXPECT_EQ(find<QPushButton>("start")->text(), QStringLiteral("Start 3 runs"));
    dialog.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&dialog)); // shortcuts belong to the active window
    QTest::keyClick(&dialog, Qt::Key_Return, Qt::ControlModifier);
    ASSERT_EQ(count, 1);
    EXPECT_THAT(plan.seeds, testing::ElementsAre(10u, 20u, 30u));
    EXPECT_TRUE(runs);
    EXPECT_TRUE(dialog.isVisible()) << "until they are queued, so that nothing typed is lost when they cannot be";
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled()) << "not twice";
    EXPECT_FALSE(find<QPushButton>("save")->isEnabled());
    dialog.refused("The disk is full.");
    EXPECT_EQ(find<QLabel>("whyNot")->text(), QStringLiteral("The disk is full."));
    EXPECT_TRUE(find<QPushButton>("start")->isEnabled());
}

TEST_F(Dialog, WhatCouldNotBeQueuedStaysThereWhileThePreflightEnds)
{
    find<QPushButton>("start")->click();
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
    waitForPreflight();
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled()) << "not twice, whatever ends meanwhile";
    dialog.refused("The disk is full.");
    type("name", "another");
    EXPECT_TRUE(find<QLabel>("whyNot")->text().isEmpty()) << "until something is changed";
    dialog.refused("The disk is full.");
    waitForPreflight();
    EXPECT_EQ(find<QLabel>("whyNot")->text(), QStringLiteral("The disk is full."));
    EXPECT_TRUE(find<QPushButton>("start")->isEnabled());
}

TEST_F(Dialog, SeedsThatAreNoNumbersAreSaid)
{
    type("seeds", "ten");
    EXPECT_FALSE(find<QPushButton>("start")->isEnabled());
    EXPECT_THAT(find<QLabel>("whyNot")->text().toStdString(), testing::HasSubstr("10, 20, 30"));
}

TEST_F(Dialog, AWheelOverAListScrollsTheFormAndChangesNothing)
{
    auto* preset = find<QComboBox>("methodPreset");
    find<QLineEdit>("name")->setFocus();
    const int before = preset->currentIndex();
    QWheelEvent event(QPointF(5, 5), preset->mapToGlobal(QPointF(5, 5)), {}, {0, -120}, Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(preset, &event);
    EXPECT_EQ(preset->currentIndex(), before);
    EXPECT_EQ(dialog.experiment().method.space, config::Space::Dual);
}

TEST_F(Dialog, TheSearchFindsAFieldAndEditsIt)
{
    type("fieldSearch", "cosine");
    auto* line = find<QLineEdit>("train.min_lr");
    EXPECT_FALSE(line->isHidden());
    type("train.min_lr", "1e-5");
    EXPECT_DOUBLE_EQ(dialog.experiment().train.minLr, 1e-5);
}

TEST_F(Dialog, TheSearchReadsWhatTheChoicesMean)
{
    const auto shown = [&](const QString& path) {
        for (const QLabel* caption : dialog.findChildren<QLabel*>()) {
            if (caption->text() == path) {
                return !caption->isHidden();
            }
        }
        ADD_FAILURE() << path.toStdString();
        return false;
    };
    type("fieldSearch", "SeqKD"); // only a choice of data.answers says it
    EXPECT_TRUE(shown("data.answers"));
    EXPECT_FALSE(shown("train.min_lr"));
}

TEST_F(Dialog, SavesWhatTheCommandLineReads)
{
    const QTemporaryDir folder;
    const QString file = folder.filePath("e.json");
    type("seeds", "30");
    ASSERT_TRUE(dialog.saveTo(file));
    const auto read = config::loadExperiment(file.toStdString());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->seed, 30U);
    EXPECT_EQ(read->name, demo("dual").name);
    EXPECT_EQ(read->method.space, config::Space::Dual);
    type("seeds", "30, 40");
    ASSERT_TRUE(dialog.saveTo(file));
    EXPECT_THAT(jobs::readExperimentFile(file.toStdString()).value().plan.seeds, testing::ElementsAre(30u, 40u));
    EXPECT_FALSE(dialog.saveTo("/proc/no-such-folder/e.json"));
}

TEST_F(Dialog, ThePreflightFillsInByItself)
{
    waitForPreflight();
    EXPECT_GE(dialog.preflight().findings().size(), 5U);
    EXPECT_TRUE(dialog.preflight().firstProblem().isEmpty());
}

TEST(DialogOfNothing, SaysWhatIsStillToChooseOnce)
{
    ExperimentDialog dialog(std::nullopt);
    dialog.show();
    EXPECT_FALSE(dialog.findChild<QPushButton*>("start")->isEnabled());
    EXPECT_THAT(dialog.findChild<QLabel*>("whyNot")->text().toStdString(),
                testing::HasSubstr("Still to choose: a teacher, a student, training data."));
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    ASSERT_TRUE(spy.wait(10'000));
    const auto* first = qobject_cast<QLineEdit*>(dialog.focusWidget());
    ASSERT_TRUE(first != nullptr && first->isVisible()) << "typing begins at once";
    EXPECT_EQ(first->objectName(), QStringLiteral("teacher.model"));
    EXPECT_EQ(dialog.preflight().findings().size(), 3U) << "teacher, student and data, each said once";
    EXPECT_THAT(dialog.findChild<QLabel*>("whyNot")->text().toStdString(), testing::HasSubstr("Still to choose"));
}

TEST(DialogOfDifferentTokenizers, TheVocabulariesAreMatchedBesideTheTyping)
{
    const QTemporaryDir cache;
    const test::EnvironmentVariable cacheHome("XDG_CACHE_HOME", cache.path().toStdString());
    auto experiment = demo("cma");
    ASSERT_TRUE(config::setField(experiment, "method", "mined"));
    ExperimentDialog dialog(experiment);
    dialog.show();
    const auto found = [&](const std::string& topic) {
        const auto& findings = dialog.preflight().findings();
        return std::any_of(findings.begin(), findings.end(), [&](const auto& f) { return f.topic == topic; });
    };
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    const QSignalSpy begun(&dialog.preflight(), &PreflightPanel::matchingBegins);
    ASSERT_TRUE(spy.wait(30'000));
    EXPECT_TRUE(found(preflight::kUnmatched)) << "all the rest is there at once";
    EXPECT_TRUE(found("memory"));
    auto* name = dialog.findChild<QLineEdit*>("name");
    name->setFocus();
    QTest::keyClicks(name, "x");
    while (!found("coverage") && spy.wait(60'000)) {
    }
    EXPECT_EQ(begun.count(), 1) << "typing does not begin the search anew";
    EXPECT_TRUE(found("coverage"));
    EXPECT_FALSE(found(preflight::kUnmatched));
}

TEST(DialogOfDifferentTokenizers, ARemedyCuresWhatThePreflightFound)
{
    auto experiment = demo("cma");
    experiment.method.alignment = config::Alignment::None;
    ExperimentDialog dialog(experiment);
    dialog.show();
    QSignalSpy spy(&dialog.preflight(), &PreflightPanel::finished);
    ASSERT_TRUE(spy.wait(10'000));
    EXPECT_THAT(dialog.preflight().firstProblem().toStdString(), testing::HasSubstr("Different vocabularies"));
    const auto* start = dialog.findChild<QPushButton*>("start");
    EXPECT_FALSE(start->isEnabled()) << "the worker would refuse it";
    EXPECT_EQ(start->toolTip(), dialog.preflight().firstProblem());
    EXPECT_THAT(dialog.findChild<QLabel*>("whyNot")->text().toStdString(), testing::HasSubstr("would refuse this"));
    auto* remedy = dialog.findChild<QPushButton*>("remedy");
    ASSERT_NE(remedy, nullptr);
    QTest::mouseClick(remedy, Qt::LeftButton);
    EXPECT_EQ(dialog.experiment().method.alignment, config::Alignment::Eta);
    EXPECT_TRUE(start->isEnabled()) << "the new check holds nobody up";
    ASSERT_TRUE(spy.wait(10'000));
    EXPECT_TRUE(dialog.preflight().firstProblem().isEmpty());
    EXPECT_TRUE(start->isEnabled());
    EXPECT_THAT(start->toolTip().toStdString(), testing::HasSubstr("Queue the runs"));
    EXPECT_TRUE(dialog.findChild<QLabel*>("whyNot")->text().isEmpty());
}

} // namespace
} // namespace dskd::ui
