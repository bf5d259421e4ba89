// The samples that a run records are chosen by their texts.

#include "ui/experiment/sample_chooser.h"

#include "tests/support/temporary_folder.h"
#include "tests/ui/experiment/demo_experiment.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/sample_list.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <QTreeView>
#include <fstream>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

class Chooser : public testing::Test
{
protected:
    Chooser()
    {
        std::ofstream(m_folder / "data.jsonl")
            << R"({"instruction": "Count to three.", "output": "One, two, three."})" << '\n'
            << R"({"instruction": "Name a town.", "output": "Paris"})" << '\n'
            << "{broken\n"
            << R"({"instruction": "Is <b>Paris</b> large?", "output": "Yes."})" << '\n';
        m_data.validation = m_folder / "data.jsonl";
    }
    // Read to the end.
    SampleChooser& open(const std::string& chosen)
    {
        m_dialog = std::make_unique<SampleChooser>(m_data, chosen);
        m_dialog->show();
        EXPECT_TRUE(QTest::qWaitFor([this] { return view().model()->rowCount() > 0; }));
        return *m_dialog;
    }
    QTreeView& view() { return *m_dialog->findChild<QTreeView*>("samples"); }
    QLineEdit& search() { return *m_dialog->findChild<QLineEdit*>("sampleSearch"); }
    std::string text(const char* label) { return m_dialog->findChild<QLabel*>(label)->text().toStdString(); }

    test::TemporaryFolder m_folder;
    config::DataConfig m_data;
    std::unique_ptr<SampleChooser> m_dialog;
};

TEST_F(Chooser, FindsSamplesByTheirWordsAndTicksThemByKey)
{
    SampleChooser& dialog = open("");
    const QAbstractItemModelTester tester(view().model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
    EXPECT_EQ(view().model()->rowCount(), 3);
    EXPECT_THAT(text("sampleCount"), testing::HasSubstr("log.probe_samples"));
    EXPECT_THAT(text("sampleNote"), testing::HasSubstr("line 3")) << "which is none";
    QTest::keyClicks(&search(), "large paris");
    ASSERT_EQ(view().model()->rowCount(), 1);
    const QModelIndex row = view().model()->index(0, SampleList::Question);
    EXPECT_EQ(row.data().toString(), "Is <b>Paris</b> large?");
    EXPECT_FALSE(row.data(Qt::ToolTipRole).toString().contains("<b>Paris")) << "no markup of the data's";
    QTest::keyClick(&view(), Qt::Key_Space);
    EXPECT_EQ(dialog.lines(), "4");
    search().clear();
    view().setCurrentIndex(view().model()->index(0, SampleList::Answer));
    QTest::keyClick(&view(), Qt::Key_Space);
    EXPECT_EQ(dialog.lines(), "1, 4") << "whichever column is current, and what the search hid stays";
    EXPECT_THAT(text("sampleCount"), testing::HasSubstr("1, 4"));
    QTest::keyClick(&view(), Qt::Key_Space);
    EXPECT_EQ(dialog.lines(), "4");
    EXPECT_FALSE(search().accessibleName().isEmpty());
    EXPECT_FALSE(view().accessibleName().isEmpty());
}

TEST_F(Chooser, ReturnInTheSearchGoesToTheListAndDoesNotEndTheChoice)
{
    SampleChooser& dialog = open("");
    search().setFocus();
    QTest::keyClicks(&search(), "town");
    QTest::keyClick(&search(), Qt::Key_Return);
    EXPECT_TRUE(dialog.isVisible());
    EXPECT_EQ(dialog.focusWidget(), &view());
    QTest::keyClick(&view(), Qt::Key_Space);
    EXPECT_EQ(dialog.lines(), "2");
    QTest::keyClick(&dialog, Qt::Key_Return);
    EXPECT_EQ(dialog.result(), QDialog::Accepted) << "elsewhere it is the button";
}

TEST_F(Chooser, NamesATextThatItsChoiceReplaces)
{
    open("three");
    EXPECT_THAT(text("sampleCount"), testing::HasSubstr("\"three\" is no list of lines; Record these replaces it."));
    open("3");
    EXPECT_THAT(text("sampleCount"), testing::Not(testing::HasSubstr("is no list")));
    open(" ");
    EXPECT_THAT(text("sampleCount"), testing::Not(testing::HasSubstr("is no list")));
}

TEST(SampleList, ShowsLinesAsTheyAreTypedAndFindsThem)
{
    SampleList list;
    list.setSamples({{1234, "Name a town.", "Paris"}, {1235, "Count.", "One"}});
    list.setSearch("1234");
    ASSERT_EQ(list.rowCount(), 1);
    EXPECT_EQ(list.data(list.index(0, SampleList::Line), Qt::DisplayRole).toString(), "1234")
        << "a comma would part two lines in log.probe_lines";
    list.setSamples({{7, "Count.", "Two"}});
    list.setSearch("two");
    EXPECT_EQ(list.rowCount(), 1) << "in the texts of now";
    list.setSearch("paris");
    EXPECT_EQ(list.rowCount(), 0);
}

TEST_F(Chooser, KeepsAndNamesChosenLinesThatHaveNoSample)
{
    SampleChooser& dialog = open("2, 3, 40-42");
    EXPECT_EQ(view().model()->index(1, SampleList::Line).data(Qt::CheckStateRole).toInt(), Qt::Checked);
    EXPECT_EQ(dialog.lines(), "2, 3, 40-42");
    EXPECT_THAT(text("sampleCount"), testing::HasSubstr("No sample is at: 3, 40-42"));
    dialog.findChild<QPushButton*>("chooseNone")->click();
    EXPECT_EQ(dialog.lines(), "");
}

TEST_F(Chooser, SaysWhyThereIsNothingToChooseFrom)
{
    m_data.validation = m_folder / "missing.jsonl";
    m_dialog = std::make_unique<SampleChooser>(m_data, "");
    m_dialog->show();
    EXPECT_TRUE(QTest::qWaitFor([this] { return text("sampleNote").find("does not exist") != std::string::npos; }))
        << text("sampleNote");
}

TEST_F(Chooser, WritesTheFieldOfTheExperiment)
{
    ExperimentDialog experiment(demo("dual"));
    experiment.show();
    auto* line = experiment.findChild<QLineEdit*>("log.probe_lines");
    auto* button = experiment.findChild<QToolButton*>("browse:log.probe_lines");
    ASSERT_TRUE(line != nullptr && button != nullptr);
    EXPECT_FALSE(button->accessibleName().isEmpty());
    button->click();
    auto* dialog = experiment.findChild<SampleChooser*>();
    ASSERT_NE(dialog, nullptr);
    auto* list = dialog->findChild<SampleList*>();
    ASSERT_TRUE(QTest::qWaitFor([&] { return list->rowCount() > 5; }));
    for (const int row : {1, 4}) {
        list->setData(list->index(row, SampleList::Line), static_cast<int>(Qt::Checked), Qt::CheckStateRole);
    }
    const std::string chosen = dialog->lines();
    EXPECT_FALSE(chosen.empty());
    dialog->accept();
    EXPECT_EQ(experiment.experiment().log.probeLines, chosen);
    EXPECT_EQ(line->text().toStdString(), chosen);
}

} // namespace
} // namespace dskd::ui
