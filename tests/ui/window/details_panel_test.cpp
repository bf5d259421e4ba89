#include "ui/window/details_panel.h"

#include "core/base/exit_codes.h"
#include "core/base/run_layout.h"
#include "core/jobs/diagnostics.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_writer.h"
#include "core/text/numbers.h"
#include "tests/ui/window/main_window_fixture.h"
#include "ui/window/experiment_details.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QToolButton>
#include <algorithm>
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
