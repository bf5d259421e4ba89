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
    EXPECT_EQ(card->accessibleName(), "sft");
    EXPECT_EQ(card->findChild<QLabel*>("answerText")->text().toStdString(), stored.back().answer);
    EXPECT_EQ(card->findChild<QLabel*>("answerNote")->text(), "ROUGE-L 0.3100");
    EXPECT_EQ(m_page->findChild<QPlainTextEdit*>("prompt")->toPlainText().toStdString(), stored.back().prompt);
    EXPECT_EQ(m_page->findChild<QLabel*>("reference")->text().toStdString(), stored.back().reference);
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
