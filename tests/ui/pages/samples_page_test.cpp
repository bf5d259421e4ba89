#include "ui/pages/samples/samples_page.h"

#include "core/store/run_writer.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/samples/answer_card.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QStackedWidget>

namespace dskd::ui
{
namespace
{

class SamplesPageTest : public PageTest
{
protected:
    void open(const std::vector<std::string>& shown)
    {
        m_page = std::make_unique<SamplesPage>(*m_feed, *m_background);
        m_page->resize(1000, 700);
        m_page->show();
        m_page->setRuns(shown, {});
    }

    std::unique_ptr<SamplesPage> m_page;
};

TEST_F(SamplesPageTest, ShowsTheAnswersOfTheRunsSideBySide)
{
    const std::string sft = named("sft").front();
    open({sft, named("dual").front()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 2; }));
    const auto stored = reader(sft).answers();
    auto* card = m_page->findChildren<AnswerCard*>().front();
    EXPECT_EQ(card->accessibleName(), "sft, seed 10");
    EXPECT_EQ(card->findChild<QLabel*>("answerText")->text().toStdString(), stored.back().answer);
    EXPECT_EQ(card->findChild<QLabel*>("answerNote")->text(), "ROUGE-L 0.3100");
    EXPECT_EQ(m_page->findChild<QPlainTextEdit*>("prompt")->toPlainText().toStdString(), stored.back().prompt);
    EXPECT_EQ(m_page->findChild<QLabel*>("reference")->text().toStdString(), stored.back().reference);
}

int s_numRead = 0; // on the background's thread, one after another

TEST_F(SamplesPageTest, ReadingsOfAHiddenRunAreDroppedAtOnceAndReadAgainWhenItIsShown)
{
    s_numRead = 0;
    QWidget page;
    page.show();
    int changes = 0;
    RunReadings<int> readings(
        *m_feed, *m_background, &page, 100'000, [](const std::filesystem::path&) -> Result<int> { return ++s_numRead; },
        [&](bool changed) { changes += changed ? 1 : 0; });
    const std::string first = named("sft").front();
    const std::string second = named("dual").front();
    readings.setShown({first, second});
    ASSERT_TRUE(QTest::qWaitFor([&] { return readings.find(first) && readings.find(second); }));
    EXPECT_EQ(changes, 1);
    readings.setShown({second}); // which has ended: nothing is read any more
    EXPECT_EQ(readings.find(first), nullptr);
    EXPECT_NE(readings.find(second), nullptr);
    EXPECT_EQ(changes, 2);
    EXPECT_EQ(s_numRead, 2);
    readings.setShown({first, second});
    ASSERT_TRUE(QTest::qWaitFor([&] { return readings.find(first) != nullptr; }));
    EXPECT_EQ(s_numRead, 3) << "the other one is still there";
}

TEST_F(SamplesPageTest, AReadingThatEndsAfterItsRunWasHiddenIsNotKept)
{
    QWidget page;
    page.show();
    int updates = 0;
    RunReadings<int> readings(
        *m_feed, *m_background, &page, 100'000, [](const std::filesystem::path&) -> Result<int> { return 1; },
        [&](bool) { ++updates; });
    const std::string id = named("sft").front();
    readings.setShown({id});
    readings.setShown({}); // the reading is on its way
    ASSERT_TRUE(QTest::qWaitFor([&] { return updates > 0; }));
    EXPECT_EQ(readings.find(id), nullptr);
}

// Runs whose teacher and untrained student have answered too.
class SamplesBaselinesTest : public SamplesPageTest
{
protected:
    static void SetUpTestSuite()
    {
        SamplesPageTest::SetUpTestSuite();
        auto workspace = store::WorkspaceDb::open(s_folder->path()).value();
        for (const store::RunRow& run : workspace.runs()) {
            auto writer = store::RunWriter::open(workspace.layout().run(run.id)).value();
            writer->addBaselineAnswer({store::ModelSide::Student, {0, 0, 0, "p", "r", "no idea", 0.125}});
            if (!run.teacher.empty()) {
                writer->addBaselineAnswer({store::ModelSide::Teacher, {0, 0, 0, "p", "r", "<b>wise</b>", 0.875}});
            }
            (void)writer->flush().value();
        }
    }
};

TEST_F(SamplesBaselinesTest, StandOnceBeforeTheAnswersOfAllRunsThatShareThem)
{
    open({named("sft").front(), named("dual").front(), named("diff").front()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 5; }));
    const auto cards = m_page->findChildren<AnswerCard*>();
    EXPECT_EQ(cards[0]->accessibleName(), QStringLiteral("teacher \u00b7 teacher")) << "the name of its folder";
    EXPECT_EQ(cards[0]->findChild<QLabel*>("answerText")->text(), "<b>wise</b>");
    EXPECT_EQ(cards[0]->findChild<QLabel*>("answerNote")->text(), "ROUGE-L 0.8750");
    EXPECT_EQ(cards[1]->accessibleName(), QStringLiteral("untrained student \u00b7 student"));
    EXPECT_EQ(cards[1]->findChild<QLabel*>("answerText")->text(), "no idea");
    EXPECT_EQ(cards[2]->accessibleName(), "sft, seed 10");
    m_page->setRuns({named("sft").front()}, {});
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 2; }))
        << "fine-tuning has no teacher";
}

TEST(AnswerNear, IsTheOneOfTheNearestStep)
{
    AnswerCatalogue catalogue;
    for (const std::int64_t step : {100, 200}) {
        store::AnswerRow answer;
        answer.step = step;
        answer.sample = 3;
        catalogue.bySample[3][step] = static_cast<std::int64_t>(catalogue.answers.size());
        catalogue.answers.push_back(answer);
    }
    EXPECT_EQ(answerNear(catalogue, 3, 190)->step, 200);
    EXPECT_EQ(answerNear(catalogue, 3, 10)->step, 100);
    EXPECT_EQ(answerNear(catalogue, 4, 10), nullptr);
}

TEST_F(SamplesPageTest, SaysWhyItIsEmpty)
{
    open({});
    EXPECT_TRUE(m_page->findChild<QLabel*>("emptyState")->text().startsWith("No run is shown."));
    EXPECT_EQ(m_page->findChild<QStackedWidget*>()->currentIndex(), 0);
}

} // namespace
} // namespace dskd::ui
