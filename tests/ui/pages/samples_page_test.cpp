#include "ui/pages/samples/samples_page.h"

#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/look/theme.h"
#include "ui/pages/samples/answer_card.h"
#include "ui/pages/samples/answer_grid.h"
#include "ui/pages/samples/marked_text.h"
#include "ui/pages/shared/page_stack.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QFocusEvent>
#include <QJsonObject>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextFragment>
#include <filesystem>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

// What a label shows, without its marks.
std::string plainText(const QLabel& label)
{
    QTextDocument document;
    label.textFormat() == Qt::RichText ? document.setHtml(label.text()) : document.setPlainText(label.text());
    return document.toPlainText().toStdString();
}

// The words that are marked so, in order.
std::vector<std::string> marked(const QLabel& label, WordMark mark)
{
    std::vector<std::string> words;
    QTextDocument document;
    if (label.textFormat() == Qt::RichText) {
        document.setHtml(label.text());
    }
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            const QTextCharFormat format = part.fragment().charFormat();
            const bool extra = format.fontUnderline() && format.foreground().color() == ui::palette().warn;
            const bool missing = format.fontStrikeOut() && format.foreground().color() == ui::palette().bad;
            if (mark == WordMark::NotInReference ? extra : missing) {
                words.push_back(part.fragment().text().toStdString());
            }
        }
    }
    return words;
}

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
    EXPECT_EQ(plainText(*card->findChild<QLabel*>("answerText")), stored.back().answer);
    EXPECT_EQ(card->findChild<QLabel*>("answerNote")->text(), QStringLiteral("ROUGE-L 31.0 % \u00b7 +6 \u22127"));
    EXPECT_EQ(m_page->findChild<QPlainTextEdit*>("prompt")->toPlainText().toStdString(), stored.back().prompt);
    EXPECT_EQ(plainText(*m_page->findChild<QLabel*>("reference")), stored.back().reference);
}

TEST_F(SamplesPageTest, MarksTheWordsInWhichAnswersAndReferenceDiffer)
{
    const std::string sft = named("sft").front();
    const std::string dual = named("dual").front();
    open({sft, dual});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 2; }));
    const auto cards = m_page->findChildren<AnswerCard*>();
    const auto* answer = cards[0]->findChild<QLabel*>("answerText");
    const auto* reference = m_page->findChild<QLabel*>("reference");
    const auto* legend = m_page->findChild<QLabel*>("differenceLegend");
    using testing::ElementsAre;
    EXPECT_THAT(marked(*answer, WordMark::NotInReference), ElementsAre("The", "answer", "of", "sft", "is", "blue"));
    EXPECT_THAT(marked(*reference, WordMark::NotInAnswer),
                ElementsAre("orange", "and", "yellow", "are", "three", "of", "them"));
    EXPECT_TRUE(plainText(*legend).find("not in the answer of sft, seed 10 (7 of 8 words)") != std::string::npos)
        << plainText(*legend);
    EXPECT_TRUE(cards[0]->accessibleDescription().startsWith("6 of its 7 words are not in the reference"));

    m_page->setRuns({sft, dual}, {dual});
    const auto comparesWith = [&](const char* run) { return plainText(*legend).find(run) != std::string::npos; };
    EXPECT_TRUE(QTest::qWaitFor([&] { return comparesWith("of dual, seed 10"); })) << plainText(*legend);
    m_page->setRuns({sft, dual}, {sft});
    EXPECT_TRUE(QTest::qWaitFor([&] { return comparesWith("of sft, seed 10"); })) << plainText(*legend);

    QFocusEvent byTab(QEvent::FocusIn, Qt::TabFocusReason);
    QCoreApplication::sendEvent(cards[1]->findChild<QLabel*>("answerText"), &byTab);
    EXPECT_TRUE(plainText(*legend).find("of dual, seed 10") != std::string::npos) << plainText(*legend);

    QSignalSpy changed(m_page.get(), &Page::stateChanged);
    auto* box = m_page->findChild<QCheckBox*>("markDifferences");
    box->click();
    EXPECT_EQ(changed.count(), 1);
    EXPECT_THAT(marked(*answer, WordMark::NotInReference), testing::IsEmpty());
    EXPECT_EQ(answer->textFormat(), Qt::PlainText);
    EXPECT_EQ(cards[0]->findChild<QLabel*>("answerNote")->text(), "ROUGE-L 31.0 %");
    EXPECT_EQ(reference->text().toStdString(), reader(sft).answers().back().reference);
    EXPECT_FALSE(legend->isVisible());

    const QJsonObject state = m_page->savedState();
    open({sft, dual});
    m_page->restoreState(state);
    EXPECT_FALSE(m_page->findChild<QCheckBox*>("markDifferences")->isChecked());
}

TEST_F(SamplesPageTest, PutsThePromptOfTheSampleIntoTheFreePromptAsItIs)
{
    open({named("sft").front()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 1; }));
    m_page->findChild<QPushButton*>("askSample")->click();
    EXPECT_EQ(m_page->findChild<QTabWidget*>("samplesTabs")->currentIndex(), 1);
    EXPECT_EQ(m_page->findChild<QPlainTextEdit*>("freePrompt")->toPlainText().toStdString(),
              reader(named("sft").front()).answers().back().prompt);
    EXPECT_TRUE(m_page->findChild<QCheckBox*>("askAsItIs")->isChecked());
    EXPECT_TRUE(m_page->findChild<QCheckBox*>("askCut")->isChecked()) << "the validation cut it too";
}

TEST(MarkedText, ReadsAsTheTextWhateverItHolds)
{
    const std::string text = "<b>a  &amp;\n  b</b> \xc3\xa9";
    QLabel label(markedText(text, {{1, 2}}, WordMark::NotInReference));
    label.setTextFormat(Qt::RichText);
    EXPECT_EQ(plainText(label), text);
    EXPECT_THAT(marked(label, WordMark::NotInReference), testing::ElementsAre("b"));
    EXPECT_THAT(marked(label, WordMark::NotInAnswer), testing::IsEmpty());
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

TEST_F(SamplesPageTest, AProblemOfARunGoesWithTheRun)
{
    QWidget page;
    page.show();
    RunReadings<int> readings(
        *m_feed, *m_background, &page, 100'000,
        [](const std::filesystem::path& folder) -> Result<int> {
            return Failure{"The folder " + folder.filename().string() + " was moved.", {}};
        },
        [](bool) {});
    const std::string first = named("sft").front();
    const std::string second = named("dual").front();
    const auto whyEmpty = [&] { return readings.whyEmpty("No run is shown.", "Nothing is there.").toStdString(); };
    const auto sentenceOf = [](const std::string& id) { return id + ": The folder " + id + " was moved."; };
    readings.setShown({first, second});
    EXPECT_TRUE(QTest::qWaitFor([&] { return whyEmpty() == sentenceOf(first); })) << whyEmpty();
    readings.setShown({second});
    EXPECT_EQ(whyEmpty(), sentenceOf(second));
    readings.setShown({});
    EXPECT_EQ(whyEmpty(), "No run is shown.");
    EXPECT_TRUE(readings.problemOf(first).isEmpty());
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
        config::Experiment other;
        other.name = "other";
        other.method.objective = config::Objective::Sft;
        other.student.model = "/models/big/student"; // the others have /models/student
        other.data.train = "/train.jsonl";
        s_ids.push_back(jobs::createRun(workspace, other).value());
        auto writer = store::RunWriter::open(workspace.layout().run(s_ids.back())).value();
        writer->addBaselineAnswer({store::ModelSide::Student, {0, 0, 0, "p", "r", "some idea", 0.25}});
        (void)writer->flush().value();
    }
};

TEST_F(SamplesBaselinesTest, StandOnceBeforeTheAnswersOfAllRunsThatShareThem)
{
    open({named("sft").front(), named("dual").front(), named("diff").front()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 5; }));
    const auto cards = m_page->findChildren<AnswerCard*>();
    EXPECT_EQ(cards[0]->accessibleName(), QStringLiteral("teacher \u00b7 teacher")) << "the name of its folder";
    EXPECT_EQ(plainText(*cards[0]->findChild<QLabel*>("answerText")), "<b>wise</b>");
    EXPECT_EQ(cards[0]->findChild<QLabel*>("answerNote")->text(), QStringLiteral("ROUGE-L 87.5 % \u00b7 +3 \u22121"));
    EXPECT_EQ(cards[1]->accessibleName(), QStringLiteral("untrained student \u00b7 student"));
    EXPECT_EQ(plainText(*cards[1]->findChild<QLabel*>("answerText")), "no idea");
    EXPECT_EQ(cards[2]->accessibleName(), "sft, seed 10");
    QFocusEvent byTab(QEvent::FocusIn, Qt::TabFocusReason);
    QCoreApplication::sendEvent(cards[1]->findChild<QLabel*>("answerText"), &byTab);
    const std::string legend = plainText(*m_page->findChild<QLabel*>("differenceLegend"));
    EXPECT_THAT(legend, testing::HasSubstr("No word of the reference is in the answer of untrained student"));
    const auto* reference = m_page->findChild<QLabel*>("reference");
    EXPECT_EQ(reference->textFormat(), Qt::PlainText) << "all struck through, it could not be read";
    EXPECT_EQ(reference->text(), "r");
    m_page->setRuns({named("sft").front()}, {});
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 2; }))
        << "fine-tuning has no teacher";
}

TEST_F(SamplesBaselinesTest, OfTwoStudentsWithOneFolderNameAreToldApart)
{
    open({named("sft").front(), named("other").front()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 4; }));
    const auto cards = m_page->findChildren<AnswerCard*>();
    EXPECT_EQ(cards[0]->accessibleName(), QStringLiteral("untrained student \u00b7 models/student"));
    EXPECT_EQ(cards[1]->accessibleName(), QStringLiteral("untrained student \u00b7 big/student"));
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

TEST_F(SamplesPageTest, NamesThePathOfARunWhoseFolderWasMovedAway)
{
    const std::string sft = named("sft").front();
    const std::string gone = named("dual").front();
    const std::filesystem::path folder = WorkspaceLayout{s_folder->path()}.run(gone).root;
    const std::filesystem::path away = s_folder->path() / "away";
    const QString path = QString::fromStdString(folder.string());
    std::filesystem::rename(folder, away);
    open({gone});
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_page->findChild<QLabel*>("emptyState")->text().contains(path); }))
        << m_page->findChild<QLabel*>("emptyState")->text().toStdString();
    open({sft, gone});
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_page->findChildren<AnswerCard*>().size() == 2; }));
    bool said = false;
    for (const AnswerCard* card : m_page->findChildren<AnswerCard*>()) {
        for (const QLabel* label : card->findChildren<QLabel*>()) {
            said = said || (card->name().startsWith("dual") && label->text().contains(path));
        }
    }
    EXPECT_TRUE(said) << "beside the answers of the others";
    std::filesystem::rename(away, folder);
}

TEST_F(SamplesPageTest, SaysWhyItIsEmpty)
{
    open({});
    EXPECT_TRUE(m_page->findChild<QLabel*>("emptyState")->text().startsWith("No run is shown."));
    EXPECT_EQ(m_page->findChild<PageStack*>()->currentIndex(), 0);
}

TEST(AnswerGrid, HasFewerColumnsWhereAWordCannotBreak)
{
    AnswerGrid grid;
    grid.resize(800, 400);
    grid.show();
    AnswerCard& first = grid.cardAt(0);
    AnswerCard& second = grid.cardAt(1);
    first.setAnswer({}, "two words");
    second.setAnswer({}, "two words");
    grid.setCount(2);
    EXPECT_TRUE(QTest::qWaitFor([&] { return second.x() > first.geometry().right(); })) << "side by side";
    EXPECT_FALSE(grid.horizontalScrollBar()->isVisible());
    second.setAnswer({}, std::string(200, 'm'));
    grid.setCount(2);
    EXPECT_TRUE(QTest::qWaitFor([&] { return second.y() > first.geometry().bottom(); })) << "one below the other";
    EXPECT_TRUE(QTest::qWaitFor([&] { return grid.horizontalScrollBar()->isVisible(); })) << "its end can be reached";
}

} // namespace
} // namespace dskd::ui
