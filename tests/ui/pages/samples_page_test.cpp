#include "ui/pages/samples/samples_page.h"

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
