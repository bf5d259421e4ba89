#include "ui/pages/table/table_page.h"

#include "core/base/regular_file.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/table/column_chooser.h"
#include "ui/pages/table/run_table_model.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;

class TablePageTest : public PageTest
{
protected:
    void SetUp() override
    {
        PageTest::SetUp();
        m_page = std::make_unique<TablePage>(*m_feed, *m_background);
        m_page->resize(1200, 700);
        m_page->show();
        m_view = m_page->findChild<QTableView*>(QStringLiteral("runTable"));
        ASSERT_NE(m_view, nullptr);
        ASSERT_EQ(m_page->model().rowCount(), static_cast<int>(s_ids.size()));
    }

    template <typename T>
    T* child(const char* name) const
    {
        T* found = m_page->findChild<T*>(QString::fromLatin1(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }
    QAction* action(const char* name) const
    {
        auto* found = m_page->findChild<QAction*>(QStringLiteral("table.") + QString::fromLatin1(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }
    bool shows(const char* label) const
    {
        return child<QLabel>("tableProblem")->isVisible() && problem().contains(label);
    }
    QString problem() const { return child<QLabel>("tableProblem")->text(); }
    void select(const std::string& run)
    {
        m_view->selectRow(m_page->model().rowOf(run));
        ASSERT_THAT(m_page->selectedRuns(), ElementsAre(run));
    }
    std::string cell(const std::string& run, const std::string& columnId) const
    {
        const auto& columns = m_page->model().view().columns;
        for (std::size_t at = 0; at < columns.size(); ++at) {
            if (columns[at].id == columnId) {
                const QModelIndex index = m_page->model().index(m_page->model().rowOf(run), static_cast<int>(at));
                return index.data().toString().toStdString();
            }
        }
        return "no such column";
    }
    // Does it, and waits until the workspace was asked and the page shows the answer.
    void carryOut(const std::function<void()>& act, const std::function<bool()>& shown)
    {
        QSignalSpy done(m_page.get(), &TablePage::carriedOut);
        act();
        ASSERT_TRUE(QTest::qWaitFor([&] { return !done.isEmpty(); }));
        ASSERT_TRUE(QTest::qWaitFor(shown)) << problem().toStdString();
    }

    std::unique_ptr<TablePage> m_page;
    QTableView* m_view = nullptr;
};

TEST_F(TablePageTest, HasEveryRunAndTheUsualColumns)
{
    const std::string sft = named("sft").front();
    EXPECT_EQ(cell(sft, "name"), "sft");
    EXPECT_EQ(cell(sft, "seed"), "10");
    EXPECT_EQ(cell(sft, "status"), "done");
    EXPECT_EQ(cell(sft, "step"), "100");
    EXPECT_NE(cell(sft, "validation.rouge_l"), "–");
    EXPECT_EQ(m_page->accessibleName(), QString()) << "the table has one";
    EXPECT_FALSE(m_view->accessibleName().isEmpty());
}

TEST_F(TablePageTest, AsksForTheRunsOfAQueryAndSaysWhatItDoesNotUnderstand)
{
    auto* query = child<QLineEdit>("tableQuery");
    QTest::keyClicks(query, "name=dual seed=20");
    EXPECT_EQ(m_page->model().rowCount(), 1);
    query->setText("seed=");
    EXPECT_TRUE(shows("Nothing stands behind seed=."));
    EXPECT_EQ(m_page->model().rowCount(), 1) << "what was understood last stays";
    query->setText("space=dual objective=kd");
    EXPECT_FALSE(child<QLabel>("tableProblem")->isVisible());
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->model().numMatching() == 5; })) << "dual and cma, once read";
    query->clear();
    EXPECT_EQ(m_page->model().rowCount(), static_cast<int>(s_ids.size()));
}

TEST_F(TablePageTest, ChoosesColumnsWithAFilterByKeyboardAlone)
{
    const auto before = m_page->model().view().columns.size();
    m_page->findChild<QPushButton*>(QStringLiteral("tableColumns"))->click();
    auto* chooser = m_page->findChild<ColumnChooser*>();
    ASSERT_NE(chooser, nullptr);
    auto* filter = chooser->findChild<QLineEdit*>(QStringLiteral("columnFilter"));
    QTest::keyClicks(filter, "train.lr");
    QTest::keyClick(filter, Qt::Key_Return);
    ASSERT_EQ(m_page->model().view().columns.size(), before + 1);
    EXPECT_EQ(m_page->model().view().columns.back().id, "train.lr");
    const std::string sft = named("sft").front();
    ASSERT_TRUE(QTest::qWaitFor([&] { return cell(sft, "train.lr") == "0.0005"; })) << cell(sft, "train.lr");
    QTest::keyClick(filter, Qt::Key_Return);
    EXPECT_EQ(m_page->model().view().columns.size(), before);
    int shown = 0;
    const auto* list = chooser->findChild<QListWidget*>();
    for (int row = 0; row < list->count(); ++row) {
        shown += list->item(row)->isHidden() ? 0 : 1;
    }
    EXPECT_GE(shown, 1);
    EXPECT_LT(shown, 10) << "the filter hides the others";
    QTest::keyClick(filter, Qt::Key_Escape);
}

TEST_F(TablePageTest, SetsSeedsSideBySide)
{
    child<QCheckBox>("acrossSeeds")->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->model().rowCount() == 5; }));
    EXPECT_EQ(cell(named("dual").back(), "seed"), "10, 20, 30");
    EXPECT_TRUE(QString::fromStdString(cell(named("dual").back(), "validation.loss")).contains(QChar(0x00B1)));
}

TEST_F(TablePageTest, SortsByTheHeaderAndRemembersIt)
{
    QSignalSpy changed(m_page.get(), &Page::stateChanged);
    m_view->horizontalHeader()->setSortIndicator(1, Qt::DescendingOrder); // what a click does
    EXPECT_EQ(m_page->model().view().sortedBy, "seed");
    EXPECT_EQ(m_page->model().index(0, 1).data().toString(), "30");
    EXPECT_GE(changed.size(), 1);
    m_page->setQuery("name:s");
    m_page->setPinned({s_ids.front()});
    m_page->setBaseline(s_ids.front());
    m_page->setColumns({"name", "seed", "validation.loss", "structure.cosine_mean"});
    m_view->setColumnWidth(0, 333);
    const QJsonObject state = m_page->savedState();

    TablePage again(*m_feed, *m_background);
    again.restoreState(state);
    again.show();
    EXPECT_EQ(again.savedState(), state);
    EXPECT_EQ(again.model().view().sortedBy, "seed");
    EXPECT_EQ(again.model().view().pinned, (std::set<std::string>{s_ids.front()}));
    EXPECT_EQ(again.findChild<QTableView*>(QStringLiteral("runTable"))->columnWidth(0), 333);
}

TEST_F(TablePageTest, PinsAndMeasuresByTheMenuOfTheSelection)
{
    EXPECT_FALSE(action("pin")->isEnabled()) << "nothing is selected";
    const std::string sft = named("sft").front();
    select(sft);
    action("pin")->trigger();
    EXPECT_EQ(m_page->model().rowOf(sft), 0);
    ASSERT_THAT(m_page->selectedRuns(), ElementsAre(sft)) << "the selection goes with its row";
    EXPECT_EQ(action("pin")->text(), "Un&pin");
    m_view->setCurrentIndex(m_page->model().index(0, 0));
    action("measure")->trigger();
    const std::string dual = named("dual").front();
    ASSERT_TRUE(QTest::qWaitFor([&] { return cell(dual, "validation.loss").find("(-") != std::string::npos; }))
        << cell(dual, "validation.loss");
    EXPECT_EQ(cell(sft, "name"), "sft (baseline)");
    action("unmeasure")->trigger();
    EXPECT_EQ(cell(dual, "validation.loss").find('('), std::string::npos);
    action("pin")->trigger();
    EXPECT_NE(m_page->model().rowOf(sft), 0);
}

TEST_F(TablePageTest, EditsManyRunsAtOnce)
{
    m_page->setQuery("name=dual");
    m_view->selectAll();
    ASSERT_EQ(m_page->selectedRuns().size(), 3U);
    // The edits of several runs are read one by one as they are written, tags and note of a run apart.
    const auto allHave = [&](const std::string& tags, const std::string& note) {
        return std::ranges::all_of(
            named("dual"), [&](const std::string& id) { return cell(id, "tags") == tags && cell(id, "note") == note; });
    };
    carryOut(
        [&] {
            m_page->edit({.note = "one of three", .addedTags = {"paper", "odd"}});
        },
        [&] { return allHave("odd, paper", "one of three"); });
    action("untag")->trigger();
    auto* dialog = m_page->findChild<QInputDialog*>();
    ASSERT_NE(dialog, nullptr);
    carryOut(
        [&] {
            dialog->setTextValue("odd");
            dialog->accept();
        },
        [&] { return allHave("paper", "one of three"); });
    carryOut([&] { m_page->edit({.note = "", .removedTags = {"paper"}}); }, [&] { return allHave("–", "–"); });
}

TEST_F(TablePageTest, GivesTheRoomThatIsLeftToTextsThatAreCut)
{
    const QString note = QStringLiteral("a note that needs more than the usual width of a column of texts");
    const std::string sft = named("sft").front();
    m_page->setColumns({"name", "note", "validation.loss"});
    select(sft);
    carryOut([&] { m_page->edit({.note = note.toStdString()}); },
             [&] { return cell(sft, "note") == note.toStdString(); });
    const int wanted = m_view->fontMetrics().horizontalAdvance(note);
    const int usual = m_view->columnWidth(2);
    m_page->resize(3000, 700);
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_view->columnWidth(1) >= wanted; })) << m_view->columnWidth(1);
    EXPECT_EQ(m_view->columnWidth(2), usual) << "numbers are not cut";
    m_page->resize(500, 700);
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_view->columnWidth(1) < wanted; })) << "no scroll bar for its sake";
    m_view->setColumnWidth(1, 140);
    m_page->resize(3000, 700);
    QApplication::processEvents();
    EXPECT_EQ(m_view->columnWidth(1), 140) << "as a person wants it";
    carryOut([&] { m_page->edit({.note = ""}); }, [&] { return cell(sft, "note") == "\u2013"; });
}

TEST_F(TablePageTest, EditsCanBeTakenBack)
{
    std::vector<Edit> edits;
    QObject::connect(m_feed.get(), &WorkspaceFeed::edited, m_page.get(),
                     [&](const Edit& edit) { edits.push_back(edit); });
    const std::string dual = named("dual").back();
    const std::string note = cell(dual, "note");
    m_page->setQuery("name=dual");
    m_view->selectAll();
    carryOut([&] { m_page->edit({.addedTags = {"paper"}}); }, [&] { return cell(dual, "tags") == "paper"; });
    carryOut([&] { m_page->edit({.note = "a note"}); }, [&] { return cell(dual, "note") == "a note"; });
    ASSERT_EQ(edits.size(), 2U) << "one for all runs";
    edits[1].undo();
    ASSERT_TRUE(QTest::qWaitFor([&] { return cell(dual, "note") == note; }));
    edits[0].undo();
    ASSERT_TRUE(QTest::qWaitFor([&] { return cell(dual, "tags") == "–"; }));

    select(dual);
    QSignalSpy done(m_page.get(), &TablePage::carriedOut);
    m_page->moveToTrash();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !done.isEmpty() && m_page->model().rowOf(dual) < 0; }));
    ASSERT_EQ(edits.size(), 3U);
    edits[2].undo();
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_page->model().rowOf(dual) >= 0; }));
}

TEST_F(TablePageTest, EditsTagsInPlace)
{
    const std::string sft = named("sft").front();
    const auto& columns = m_page->model().view().columns;
    int tags = 0;
    while (columns[static_cast<std::size_t>(tags)].id != "tags") {
        ++tags;
    }
    const QModelIndex at = m_page->model().index(m_page->model().rowOf(sft), tags);
    m_view->setCurrentIndex(at);
    m_view->edit(at);
    auto* editor = m_view->findChild<QLineEdit*>();
    ASSERT_NE(editor, nullptr);
    carryOut(
        [&] {
            QTest::keyClicks(editor, "b, a");
            QTest::keyClick(editor, Qt::Key_Return);
        },
        [&] { return cell(sft, "tags") == "a, b"; });
    select(sft);
    carryOut([&] { m_page->edit({.removedTags = {"a", "b"}}); }, [&] { return cell(sft, "tags") == "–"; });
}

TEST_F(TablePageTest, CopiesTheSelectedRowsAndSavesAllAsCsv)
{
    const std::string sft = named("sft").front();
    select(sft);
    action("copy")->trigger();
    const QString tsv = QApplication::clipboard()->text();
    EXPECT_EQ(tsv.count('\n'), 2);
    EXPECT_TRUE(tsv.section('\n', 1).startsWith("sft\t10\t")) << tsv.toStdString();
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder / "runs.csv";
    QSignalSpy done(m_page.get(), &TablePage::carriedOut);
    m_page->exportTo(QString::fromStdString(file.string()));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !done.isEmpty(); }));
    const std::string csv = readTextFile(file).value();
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), s_ids.size() + 1);
    EXPECT_TRUE(csv.starts_with("id,name,seed,method,")) << csv.substr(0, 60);
}

TEST_F(TablePageTest, SelectsWhatIsSelectedInTheList)
{
    m_page->setRuns(s_ids, {s_ids[3]});
    EXPECT_THAT(m_page->selectedRuns(), ElementsAre(s_ids[3]));
}

TEST_F(TablePageTest, TakesTheOrderOfColumnsThatWereDragged)
{
    m_page->setColumns({"name", "seed", "status"});
    m_view->horizontalHeader()->moveSection(2, 0);
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->model().view().columns.front().id == "status"; }));
    EXPECT_EQ(m_view->horizontalHeader()->logicalIndex(0), 0) << "the columns moved, not the header";
    EXPECT_EQ(m_page->model().headerData(1, Qt::Horizontal).toString(), "name");
}

TEST_F(TablePageTest, GoesWhileACellIsEdited)
{
    m_view->edit(m_page->model().index(0, 0));
    ASSERT_NE(m_view->findChild<QLineEdit*>(), nullptr);
    m_page.reset(); // what the editor says at its end reaches nobody
}

} // namespace
} // namespace dskd::ui
