#include "ui/window/details_panel.h"

#include "core/base/exit_codes.h"
#include "core/base/run_layout.h"
#include "core/jobs/diagnostics.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "core/text/numbers.h"
#include "tests/ui/window/main_window_fixture.h"
#include "ui/window/experiment_details.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QStringList>
#include <QToolButton>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <gmock/gmock.h>
#include <map>
#include <optional>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

TEST_F(Window, DetailsHaveTheMetricsInTheGroupsOfTheirTableWithTheirSentences)
{
    window->runList().select({ids[3]});
    const auto* panel = window->findChild<DetailsPanel*>();
    ASSERT_NE(panel, nullptr);
    const auto labels = [panel] { // groups and titles, in the order in which they were added
        return panel->findChildren<QLabel*>(QRegularExpression("^metric(Group|Title)$"));
    };
    const std::map<std::string, double>& latest = feed->find(ids[3])->latest;
    ASSERT_GT(latest.size(), 5U);
    ASSERT_TRUE(QTest::qWaitFor([&] { return labels().size() > static_cast<qsizetype>(latest.size()); }, 5000));
    QStringList expected{"method", "teacher", "student", "seed", "step"};
    QString group;
    for (const std::string& metric : metrics::inTableOrder(latest)) {
        const std::string own(metrics::shortTitleOf(metrics::groupOf(metric)));
        if (group != QString::fromStdString(own)) {
            group = QString::fromStdString(own);
            expected.append(group);
        }
        expected.append(QString::fromStdString(metrics::titleOf(metric)));
    }
    for (const char* heading : {"Loss", "Distillation", "Optimisation"}) {
        EXPECT_TRUE(expected.contains(heading)) << heading;
    }
    QStringList shown;
    const QLabel* loss = nullptr;
    const QLabel* accuracy = nullptr;
    for (const QLabel* label : labels()) {
        shown.append(label->text());
        loss = label->text() == "loss" ? label : loss;
        accuracy = label->text() == QString::fromStdString(metrics::titleOf("t2s_acc")) ? label : accuracy;
    }
    EXPECT_EQ(shown, expected);
    ASSERT_NE(loss, nullptr);
    EXPECT_THAT(loss->toolTip().toStdString(), HasSubstr("What is minimised")) << "its sentence";
    EXPECT_THAT(loss->toolTip().toStdString(), HasSubstr("loss = " + text::exact(latest.at("loss")) + "<"))
        << "it is shown as it was recorded";
    ASSERT_NE(accuracy, nullptr);
    const double share = latest.at("t2s_acc");
    EXPECT_THAT(accuracy->toolTip().toStdString(),
                HasSubstr("t2s_acc = " + text::exact(share) + " (" + text::number(100.0 * share) + " %)"));
}

TEST_F(Window, DetailsOfAnExperimentAreItsPlanItsProgressAndItsNote)
{
    selectExperimentOf(ids[3]);
    const auto* details = window->findChild<ExperimentDetails*>();
    ASSERT_NE(details, nullptr);
    ASSERT_TRUE(QTest::qWaitFor([&] { return details->isVisible(); }));
    const std::int64_t id = window->runList().experiments().front();
    const auto record = [&] {
        return std::find_if(feed->experiments().begin(), feed->experiments().end(),
                            [&](const ExperimentRecord& one) { return one.row.id == id; });
    };
    const auto text = [&](const char* name) { return details->findChild<QLabel*>(QLatin1String(name))->text(); };
    EXPECT_EQ(text("experimentName").toStdString(), record()->row.name);
    EXPECT_THAT(text("experimentRevision").toStdString(), testing::StartsWith("Revision 1"));
    const std::string number = std::to_string(runsIn(ids[3]).size());
    EXPECT_THAT(text("experimentState").toStdString(), HasSubstr(" of " + number + " done"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return details->findChild<QLabel*>(QStringLiteral("planField")) != nullptr; }));
    QStringList fields;
    for (const QLabel* field : details->findChildren<QLabel*>(QStringLiteral("planField"))) {
        fields += field->text();
    }
    EXPECT_TRUE(fields.contains("seeds")) << fields.join(' ').toStdString();
    auto* note = details->findChild<QPlainTextEdit*>(QStringLiteral("noteOfExperiment"));
    note->setPlainText("for table 2");
    window->runList().select({ids[3]}); // leaves it
    EXPECT_FALSE(details->isVisible()) << "a run is shown";
    EXPECT_TRUE(QTest::qWaitFor([&] { return record()->row.note == "for table 2"; }));
    selectExperimentOf(ids[3]);
    EXPECT_EQ(note->toPlainText(), "for table 2");
}

TEST_F(Window, DetailsOfAnExperimentNameTheRunsThatItsPlanDoesNotHave)
{
    const std::size_t planned = runsIn(ids[3]).size();
    {
        auto workspace = store::WorkspaceDb::open(root()).value();
        config::Experiment loose = jobs::runConfig(workspace.layout().run(ids[3])).value();
        loose.seed = 77;
        (void)jobs::createRun(workspace, loose).value();
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return runsIn(ids[3]).size() == planned + 1; }, 10'000)) << "it belongs to it";
    selectExperimentOf(ids[3]);
    const auto* details = window->findChild<ExperimentDetails*>();
    ASSERT_NE(details, nullptr);
    const auto* state = details->findChild<QLabel*>(QStringLiteral("experimentState"));
    ASSERT_NE(state, nullptr);
    EXPECT_TRUE(
        QTest::qWaitFor([&] { return state->text().endsWith("\n1 more run is not in the plan: 1 waiting"); }, 10'000))
        << state->text().toStdString();
    EXPECT_THAT(state->text().toStdString(), HasSubstr(" of " + std::to_string(planned) + " done"))
        << "the plan's runs alone";
}

// Their plans are all read in the background, one after the other.
TEST_F(Window, DetailsShowAPlanOnceHoweverQuicklyExperimentsAreChosen)
{
    const auto* details = window->findChild<ExperimentDetails*>();
    ASSERT_NE(details, nullptr);
    const auto rows = [&] { // "field: value"
        QStringList shown;
        const auto fields = details->findChildren<QLabel*>(QStringLiteral("planField"));
        const auto values = details->findChildren<QLabel*>(QStringLiteral("planValue"));
        for (qsizetype i = 0; i < std::min(fields.size(), values.size()); ++i) {
            shown += fields[i]->text() + ": " + values[i]->text();
        }
        return shown;
    };
    const auto waitForReadings = [this] {
        bool done = false;
        background.run(
            window.get(), [](const std::atomic<bool>&) -> Result<int> { return 0; },
            [&done](const Result<int>&) { done = true; });
        return QTest::qWaitFor([&done] { return done; }, 20'000);
    };
    selectExperimentOf(ids[3]);
    ASSERT_TRUE(waitForReadings());
    const QStringList once = rows();
    ASSERT_GE(once.size(), 2) << "what it varies, and its seeds";
    selectExperimentOf(ids[0]);
    selectExperimentOf(ids[3]);
    selectExperimentOf(ids[0]);
    selectExperimentOf(ids[3]);
    ASSERT_TRUE(waitForReadings());
    EXPECT_EQ(rows(), once) << rows().join('\n').toStdString();
}

TEST_F(Window, APlanThatCouldNotBeReadIsReadAgain)
{
    const auto* details = window->findChild<ExperimentDetails*>();
    ASSERT_NE(details, nullptr);
    const std::int64_t id = feed->find(ids[3])->row.experiment.value();
    // And the name, so that the window looks again.
    const auto change = [&](const std::string& plan, const std::string& name) {
        const std::string of = std::to_string(id);
        {
            const store::Database rows(WorkspaceLayout{root()}.database(), store::Database::Access::ReadWrite);
            rows.execute("UPDATE revisions SET plan = " + plan + " WHERE experiment_id = " + of +
                         "; UPDATE experiments SET name = '" + name + "' WHERE id = " + of);
        }
        return QTest::qWaitFor(
            [&] {
                return std::any_of(
                    feed->experiments().begin(), feed->experiments().end(),
                    [&](const ExperimentRecord& one) { return one.row.id == id && one.row.name == name; });
            },
            20'000);
    };
    const auto shows = [&](const char* field) {
        return QTest::qWaitFor(
            [&] {
                const auto fields = details->findChildren<QLabel*>(QStringLiteral("planField"));
                return std::any_of(fields.begin(), fields.end(),
                                   [&](const QLabel* label) { return label->text() == QLatin1String(field); });
            },
            20'000);
    };
    ASSERT_TRUE(change("'damaged ' || plan", "damaged"));
    selectExperimentOf(ids[3]);
    ASSERT_TRUE(shows("plan")) << "why it cannot be read";
    ASSERT_TRUE(change("substr(plan, 9)", "mended"));
    EXPECT_TRUE(shows("seeds"));
    EXPECT_NE(details->findChild<QLabel*>(QStringLiteral("planField"))->text(), "plan") << "it stands no more";
}

TEST_F(Window, AFailureIsNamedOnceAndWhatToDoStandsBelow)
{
    {
        auto writer = store::RunWriter::open(WorkspaceLayout{root()}.run(ids[0])).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addEvent(7, store::kFailedEvent, "The disk is full.", "Make room.");
        writer->endAttempt(toInt(ExitCode::Failed), "The disk is full.").value();
    }
    window->runList().select({ids[0]});
    const auto* sentence = window->findChild<QLabel*>("statusSentence");
    const auto* hint = window->findChild<QLabel*>("failureHint");
    ASSERT_NE(sentence, nullptr);
    ASSERT_NE(hint, nullptr);
    EXPECT_TRUE(QTest::qWaitFor([&] { return sentence->text() == "The disk is full."; }, 20'000));
    EXPECT_FALSE(hint->isHidden());
    EXPECT_EQ(hint->text(), "Make room.");
    window->runList().select({ids[1]});
    EXPECT_TRUE(QTest::qWaitFor([&] { return hint->isHidden(); })) << "it is done";
}

TEST_F(Window, TheDiagnosticsOfAFailedRunAreCopied)
{
    const RunLayout run = WorkspaceLayout{root()}.run(ids[0]);
    auto* button = window->findChild<QToolButton*>("copyDiagnostics");
    ASSERT_NE(button, nullptr);
    window->runList().select({ids[1]});
    EXPECT_TRUE(QTest::qWaitFor([&] { return button->isHidden(); })) << "it did not fail";
    {
        auto writer = store::RunWriter::open(run).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addEvent(7, store::kFailedEvent, "The disk is full.", "Make room.");
        writer->endAttempt(toInt(ExitCode::Failed), "The disk is full.").value();
    }
    window->runList().select({ids[0]});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !button->isHidden(); }, 20'000));
    EXPECT_EQ(button->accessibleName(), "Copy diagnostics");
    button->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return button->text() == "Diagnostics copied"; }, 10'000));
    const std::string copied = QGuiApplication::clipboard()->text().toStdString();
    EXPECT_EQ(copied, jobs::toText(jobs::diagnose(run).value())) << "as dskd show --diagnostics prints it";
    EXPECT_THAT(copied, HasSubstr("Make room."));
    window->runList().select({ids[1]});
    EXPECT_TRUE(QTest::qWaitFor([&] { return button->isHidden(); }, 10'000));
}

TEST_F(Window, ANoteThatIsBeingTypedIsStoredWhenTheWindowCloses)
{
    window->runList().select({ids[1]});
    auto* note = window->findChild<QPlainTextEdit*>("Note");
    ASSERT_NE(note, nullptr);
    QTest::keyClicks(note, "worth a look");
    window->close();
    window.reset();
    feed = std::make_unique<WorkspaceFeed>(root()); // the old one stores what it was asked to before it goes
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->loaded(); }, 10'000));
    EXPECT_EQ(feed->find(ids[1])->row.note, "worth a look");
    window = std::make_unique<MainWindow>(*feed, background);
}

} // namespace
} // namespace dskd::ui
