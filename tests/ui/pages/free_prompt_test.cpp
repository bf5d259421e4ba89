#include "ui/pages/samples/free_prompt.h"

#include "core/base/checkpoint_folders.h"
#include "tests/support/paths.h"
#include "tests/support/sample_checkpoint.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/samples/answer_card.h"
#include "ui/pages/samples/run_chooser.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

// With runs that have a checkpoint, and a worker that only pretends to answer.
class FreePromptTest : public PageTest
{
protected:
    static void SetUpTestSuite()
    {
        PageTest::SetUpTestSuite();
        for (const std::string& id : s_ids) {
            test::writeSampleCheckpoint(WorkspaceLayout{s_folder->path()}.run(id), 100);
        }
    }
    FreePromptTest() { qputenv("DSKD_WORKER", QByteArray::fromStdString(test::program("fake_worker"))); }
    ~FreePromptTest() override
    {
        m_panel.reset(); // ends what asks
        qunsetenv("DSKD_WORKER");
    }

    void open(const std::vector<std::string>& shown)
    {
        m_panel = std::make_unique<FreePrompt>(*m_feed);
        m_panel->resize(700, 600);
        m_panel->show();
        m_panel->setRuns(shown);
    }
    template <typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QString::fromLatin1(name));
    }
    void type(const char* prompt) const
    {
        find<QPlainTextEdit>("freePrompt")->setPlainText(QString::fromLatin1(prompt));
    }
    // Asks, and waits until all have answered.
    void ask() const
    {
        QSignalSpy ended(m_panel.get(), &FreePrompt::ended);
        find<QPushButton>("ask")->click();
        EXPECT_TRUE(m_panel->busy());
        ASSERT_TRUE(QTest::qWaitFor([&] { return ended.count() == 1; }, 30'000));
        EXPECT_FALSE(m_panel->busy());
    }
    std::vector<std::string> texts() const // what the cards say, in order
    {
        std::vector<std::string> all;
        for (const AnswerCard* card : m_panel->findChildren<AnswerCard*>()) {
            all.push_back(card->answer());
        }
        return all;
    }
    std::string status() const { return find<QLabel>("askStatus")->text().toStdString(); }
    static std::string checkpointOf(const std::string& id)
    {
        return WorkspaceLayout{s_folder->path()}.run(id).checkpoint(100).string();
    }

    std::unique_ptr<FreePrompt> m_panel;
};

TEST_F(FreePromptTest, ShowsTheAnswersOfTeacherUntrainedStudentAndRunsWithTheirTimes)
{
    const std::string sft = named("sft").front();
    const std::string dual = named("dual").front();
    open({sft, dual});
    type("why");
    ask();
    EXPECT_THAT(texts(),
                testing::ElementsAre("why with 10 of /models/teacher", "why with 10 of /models/student",
                                     "why with 10 of " + checkpointOf(sft), "why with 10 of " + checkpointOf(dual)));
    const auto cards = m_panel->findChildren<AnswerCard*>();
    EXPECT_EQ(cards[0]->accessibleName(), QStringLiteral("teacher \u00b7 teacher"));
    EXPECT_EQ(cards[1]->accessibleName(), QStringLiteral("untrained student \u00b7 student"));
    EXPECT_EQ(cards[2]->accessibleName(), "sft, seed 10, step 100");
    EXPECT_EQ(cards[2]->findChild<QLabel*>("answerNote")->text(), "0.5 s");
    EXPECT_EQ(status(), "Done: 8.0 s to load models, 2.0 s to answer.");

    const std::vector<std::string> first = texts();
    ask();
    EXPECT_EQ(texts(), first) << "the same prompt and seed";
}

TEST_F(FreePromptTest, AsksWhatIsChosen)
{
    const std::string sft = named("sft").front();
    const std::string dual = named("dual").front();
    open({sft, dual});
    type("why");
    find<QCheckBox>("askTeacher")->setChecked(false);
    find<QCheckBox>("askUntrained")->setChecked(false);
    find<QCheckBox>("askAsItIs")->setChecked(true);
    find<QCheckBox>("askCut")->setChecked(true);
    EXPECT_FALSE(find<QSpinBox>("askSeed")->isEnabled()) << "greedy answers draw nothing";
    find<QComboBox>("askSampling")->setCurrentIndex(1);
    EXPECT_TRUE(find<QDoubleSpinBox>("askTemperature")->isEnabled());
    find<QSpinBox>("askSeed")->setValue(77);
    find<QSpinBox>("askLength")->setValue(1);
    auto* runs = find<RunChooser>("askRuns");
    EXPECT_EQ(runs->text(), "2 runs");
    Q_EMIT runs->menu()->aboutToShow();
    ASSERT_EQ(runs->menu()->actions().size(), 2);
    runs->menu()->actions().front()->trigger();
    EXPECT_EQ(runs->text(), "1 of 2 runs");
    ask();
    EXPECT_THAT(texts(), testing::ElementsAre("why as it is cut with 77 of " + checkpointOf(dual)));
    EXPECT_EQ(m_panel->findChild<AnswerCard*>()->findChild<QLabel*>("answerNote")->text(),
              QStringLiteral("0.5 s \u00b7 not ended"));
}

TEST_F(FreePromptTest, ShowsEachAnswerAsItComesAndCanBeCancelled)
{
    open({named("dual").front()});
    type("why delay=1000");
    QSignalSpy ended(m_panel.get(), &FreePrompt::ended);
    find<QPushButton>("ask")->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !texts().empty() && !texts().front().empty(); }, 30'000));
    EXPECT_EQ(ended.count(), 0) << "the others have not answered yet";
    EXPECT_TRUE(texts().back().empty());
    EXPECT_THAT(status(), HasSubstr("1 of 3 models are done."));
    ASSERT_TRUE(QTest::qWaitFor([&] { return status().find("untrained student") != std::string::npos; }, 30'000))
        << "what is in work: " << status();
    find<QPushButton>("askCancel")->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return ended.count() == 1; }, 30'000));
    EXPECT_THAT(status(), HasSubstr("Cancelled: 2.0 s to load models"));
    EXPECT_THAT(status(), HasSubstr("1 of 3 models answered."));
    EXPECT_FALSE(texts().front().empty()) << "what came before stays";
    EXPECT_TRUE(find<QPushButton>("ask")->isEnabled());
    EXPECT_FALSE(find<QPushButton>("askCancel")->isEnabled());
    EXPECT_FALSE(CheckpointUse::isUsed(checkpointOf(named("dual").front())));
}

TEST_F(FreePromptTest, ShowsAnAnswerThatIsNotWholeYetAndKeepsItWhenItIsCancelled)
{
    open({named("dual").front()});
    type("why partly=60000");
    QSignalSpy ended(m_panel.get(), &FreePrompt::ended);
    find<QPushButton>("ask")->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !texts().empty() && texts().front() == "so far"; }, 30'000));
    const auto* note = m_panel->findChild<AnswerCard*>()->findChild<QLabel*>("answerNote");
    EXPECT_EQ(note->text(), QStringLiteral("answering\u2026"));
    EXPECT_THAT(status(), HasSubstr("0 of 3 models are done."));
    find<QPushButton>("askCancel")->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return ended.count() == 1; }, 30'000));
    EXPECT_EQ(texts().front(), "so far");
    EXPECT_EQ(note->text(), "cancelled");
    EXPECT_THAT(status(), HasSubstr("0 of 3 models answered."));
}

TEST_F(FreePromptTest, SaysInItsPlaceWhyAModelCannotAnswer)
{
    open({named("dual").front()});
    type("why fail=0");
    ask();
    EXPECT_TRUE(texts().front().empty());
    bool said = false;
    for (const QLabel* label : m_panel->findChildren<AnswerCard*>().front()->findChildren<QLabel*>()) {
        said = said || label->text() == "/models/teacher is gone. Bring it back.";
    }
    EXPECT_TRUE(said);
    EXPECT_FALSE(texts().back().empty());
    EXPECT_THAT(status(), HasSubstr("2 of 3 models answered."));
    EXPECT_EQ(find<QLabel>("askStatus")->property("tone").toString(), "warn");
    type("why");
    ask();
    EXPECT_EQ(find<QLabel>("askStatus")->property("tone").toString(), "muted") << status();
}

TEST_F(FreePromptTest, KeepsWhatAModelHadAnsweredBeforeItFailed)
{
    open({named("dual").front()});
    type("why partly=1 fail=0");
    ask();
    EXPECT_EQ(texts().front(), "so far");
    const auto* card = m_panel->findChildren<AnswerCard*>().front();
    EXPECT_EQ(card->findChild<QLabel*>("answerNote")->text(), "failed");
    const auto labels = card->findChildren<QLabel*>();
    EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(card) && label->text() == "/models/teacher is gone. Bring it back.";
    }));
}

TEST_F(FreePromptTest, SaysWhyThereIsNoWorker)
{
    open({named("dual").front()});
    type("why");
    qputenv("DSKD_WORKER", "/no/such/worker");
    ask();
    EXPECT_THAT(status(), HasSubstr("/no/such/worker"));
}

TEST_F(FreePromptTest, AsksNothingWithoutAPromptOrARun)
{
    open({});
    type("why");
    EXPECT_FALSE(find<QPushButton>("ask")->isEnabled());
    EXPECT_THAT(find<QPushButton>("ask")->toolTip().toStdString(), HasSubstr("No run is chosen"));
    m_panel->setRuns({named("dual").front()});
    EXPECT_TRUE(find<QPushButton>("ask")->isEnabled());
    type(" \n");
    EXPECT_FALSE(find<QPushButton>("ask")->isEnabled());
}

TEST_F(FreePromptTest, IsAskedByTheKeyboard)
{
    open({named("dual").front()});
    type("why");
    QSignalSpy ended(m_panel.get(), &FreePrompt::ended);
    QTest::keyClick(find<QPlainTextEdit>("freePrompt"), Qt::Key_Return, Qt::ControlModifier);
    EXPECT_TRUE(QTest::qWaitFor([&] { return ended.count() == 1; }, 30'000));
    EXPECT_EQ(texts().size(), 3U);
}

TEST_F(FreePromptTest, EndsTheWorkerWhenItIsClosed)
{
    open({named("dual").front()});
    type("why delay=60000");
    find<QPushButton>("ask")->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !texts().empty(); }, 30'000));
    const auto begin = std::chrono::steady_clock::now();
    m_panel.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

} // namespace
} // namespace dskd::ui
