#include "ui/pages/pairs/pairs_page.h"

#include "core/config/plan/plan.h"
#include "core/pairs/known_inputs.h"
#include "core/preflight/run_coverage.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/pairs/coverage_histogram.h"
#include "ui/pages/pairs/pairs_model.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>
#include <QUrl>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

namespace fs = std::filesystem;
using testing::HasSubstr;

class PairsPageTest : public testing::Test
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(store::WorkspaceDb::create(folder / "w"));
        feed = std::make_unique<WorkspaceFeed>(folder / "w");
        ASSERT_TRUE(QTest::qWaitFor([this] { return feed->loaded(); }));
    }

    // The demo's teacher, its students and its validation data.
    void knowTheDemo() const
    {
        auto workspace = store::WorkspaceDb::open(folder / "w").value();
        ASSERT_TRUE(pairs::addModel(workspace, demo / "teacher", {}, pairs::Side::Teacher));
        ASSERT_TRUE(pairs::addModel(workspace, demo / "student-gpt2", {}, pairs::Side::Student));
        ASSERT_TRUE(pairs::addModel(workspace, demo / "student-llama", {}, pairs::Side::Student));
        ASSERT_TRUE(pairs::addDataset(workspace, demo / "data" / "validation.jsonl"));
    }

    void open()
    {
        page = std::make_unique<PairsPage>(*feed);
        page->resize(760, 600);
        page->show();
        ASSERT_TRUE(waitUntilCompared());
    }
    bool waitUntilCompared() const
    {
        return QTest::qWaitFor([this] { return !page->busy(); }, 30'000);
    }
    QTableView* grid() const { return page->findChild<QTableView*>(QStringLiteral("pairsGrid")); }
    std::string labelText(const char* name) const
    {
        return page->findChild<QLabel*>(QLatin1String(name))->text().toStdString();
    }
    QVariant at(int row, int column, int role = Qt::DisplayRole) const
    {
        return page->model().data(page->model().index(row, column), role);
    }

    test::TemporaryFolder folder;
    const fs::path demo = fs::path(test::sourceDir()) / "resources" / "demo";
    std::unique_ptr<WorkspaceFeed> feed;
    std::unique_ptr<PairsPage> page;
};

TEST_F(PairsPageTest, FillsTheGridWithWhatTheCommandLineComputes)
{
    knowTheDemo();
    open();
    ASSERT_EQ(page->model().rowCount(), 1);
    ASSERT_EQ(page->model().columnCount(), 2);
    const auto cells = page->model().cells();
    ASSERT_EQ(cells.size(), 2u);
    ASSERT_TRUE(cells[0].analysis && cells[1].analysis);
    EXPECT_TRUE(cells[0].analysis->sameVocabulary);
    EXPECT_FALSE(cells[1].analysis->sameVocabulary);
    EXPECT_EQ(cells[1].analysis->samples, 200);
    EXPECT_THAT(at(0, 0).toString().toStdString(), HasSubstr("overlap 100.0 %\ncoverage "));
    EXPECT_THAT(at(0, 1, Qt::ToolTipRole).toString().toStdString(), HasSubstr("minimum "));
    EXPECT_EQ(page->model().headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), "student-llama");
    EXPECT_THAT(page->model().headerData(1, Qt::Horizontal, Qt::ToolTipRole).toString().toStdString(),
                HasSubstr("eos &lt;/s&gt;"));
}

TEST_F(PairsPageTest, ShowsTheWorstSamplesOfTheCellAndBeginsAnExperimentWithIt)
{
    knowTheDemo();
    open();
    grid()->setCurrentIndex(page->model().index(0, 1));
    const pairs::PairAnalysis found = *page->model().cells()[1].analysis;
    EXPECT_THAT(labelText("pairHeadline"), HasSubstr("teacher and student-llama: "));
    auto* worst = page->findChild<QTableWidget*>(QStringLiteral("worstSamples"));
    ASSERT_EQ(worst->rowCount(), static_cast<int>(found.worst.size()));
    EXPECT_EQ(worst->item(0, 2)->text().toLongLong(), found.worst.front().line);
    EXPECT_FALSE(page->findChild<CoverageHistogram*>()->accessibleDescription().isEmpty());

    config::Plan asked;
    QObject::connect(page.get(), &Page::experimentRequested, page.get(),
                     [&](const config::Plan& plan) { asked = plan; });
    page->findChild<QPushButton*>(QStringLiteral("pairExperiment"))->click();
    EXPECT_EQ(asked.base.student.model, (demo / "student-llama").string());
    EXPECT_EQ(asked.base.method.alignment, config::Alignment::Eta);
    EXPECT_EQ(asked.base.data.train, (demo / "data" / "validation.jsonl").string());
    asked = {};
    grid()->setCurrentIndex(page->model().index(0, 0));
    page->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    grid()->setFocus();
    ASSERT_TRUE(grid()->hasFocus());
    QTest::keyClick(grid(), Qt::Key_Return);
    EXPECT_EQ(asked.base.student.model, (demo / "student-gpt2").string()) << "by the keyboard alone";
}

TEST_F(PairsPageTest, OpensAWorstSampleInAlignmentByClickAndByReturn)
{
    knowTheDemo();
    open();
    grid()->setCurrentIndex(page->model().index(0, 1));
    const std::vector<pairs::SampleCoverage> samples = page->model().cells()[1].analysis->worst;
    ASSERT_GE(samples.size(), 2u);
    config::Experiment asked;
    qint64 line = 0;
    QObject::connect(page.get(), &Page::alignmentRequested, page.get(),
                     [&](const config::Experiment& experiment, qint64 of) {
                         asked = experiment;
                         line = of;
                     });
    auto* worst = page->findChild<QTableWidget*>(QStringLiteral("worstSamples"));
    QTest::mouseClick(worst->viewport(), Qt::LeftButton, {}, worst->visualItemRect(worst->item(0, 0)).center());
    EXPECT_EQ(line, samples[0].line);
    EXPECT_EQ(asked.teacher.model, (demo / "teacher").string());
    EXPECT_EQ(asked.student.model, (demo / "student-llama").string());
    EXPECT_EQ(asked.data.train, (demo / "data" / "validation.jsonl").string());
    EXPECT_EQ(asked.method.alignment, config::Alignment::Eta);
    const std::atomic<bool> never{false};
    const auto coverage =
        preflight::RunCoverage::measure(asked, {preflight::CoverageData::Training, line}, never).value();
    const auto& aligned = coverage->report().samples;
    const auto same = std::find_if(aligned.begin(), aligned.end(), [&](const auto& one) { return one.line == line; });
    ASSERT_NE(same, aligned.end());
    EXPECT_EQ(same->covered, samples[0].alignedTokens) << "both pages say the same of the sample";
    EXPECT_EQ(same->studentTokens, samples[0].studentTokens);
    page->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    worst->setFocus();
    worst->setCurrentCell(1, 0);
    QTest::keyClick(worst, Qt::Key_Return);
    EXPECT_EQ(line, samples[1].line);
    grid()->setCurrentIndex(page->model().index(0, 0)); // one vocabulary
    const std::string spaces = pairs::spacesSentence(*page->model().cells()[0].analysis);
    ASSERT_FALSE(spaces.empty());
    EXPECT_THAT(labelText("pairHeadline"), testing::EndsWith(". " + spaces)) << "why it is not 100 %";
    EXPECT_THAT(at(0, 0, Qt::ToolTipRole).toString().toStdString(), HasSubstr("Spaces do not count: "));
    worst->setCurrentCell(0, 0);
    worst->setFocus();
    QTest::keyClick(worst, Qt::Key_Return);
    EXPECT_EQ(asked.student.model, (demo / "student-gpt2").string());
    EXPECT_EQ(asked.method.alignment, config::Alignment::Eta) << "its coverage is shown all the same";
}

TEST_F(PairsPageTest, NamesAModelFolderThatWasMoved)
{
    fs::copy(demo / "student-llama", folder / "small", fs::copy_options::recursive);
    {
        auto workspace = store::WorkspaceDb::open(folder / "w").value();
        ASSERT_TRUE(pairs::addModel(workspace, demo / "teacher", {}, pairs::Side::Teacher));
        ASSERT_TRUE(pairs::addModel(workspace, folder / "small", {}, pairs::Side::Student));
        ASSERT_TRUE(pairs::addDataset(workspace, demo / "data" / "validation.jsonl"));
    }
    fs::rename(folder / "small", folder / "tiny");
    open();
    EXPECT_EQ(labelText("pairsNotes"), (folder / "small").string() + " was moved to " + (folder / "tiny").string() +
                                           ": it has the same content.");
    ASSERT_EQ(page->model().cells().size(), 1u);
    EXPECT_TRUE(page->model().cells()[0].analysis);
    EXPECT_EQ(page->model().cells()[0].student.path, (folder / "tiny").string());
}

TEST_F(PairsPageTest, IsCancelledAndGoesOnWhenTheDataIsChosenAgain)
{
    knowTheDemo();
    page = std::make_unique<PairsPage>(*feed);
    page->resize(760, 600);
    page->show();
    ASSERT_TRUE(page->busy());
    auto* cancel = page->findChild<QToolButton*>(QStringLiteral("pairsCancel"));
    ASSERT_TRUE(cancel->isVisible());
    cancel->click();
    EXPECT_THAT(labelText("pairsNotes"), HasSubstr("Cancelled."));
    ASSERT_TRUE(waitUntilCompared());
    EXPECT_FALSE(cancel->isVisible());
    EXPECT_LT(page->model().cells().size(), 2u) << "it had only begun";
    page->hide();
    page->show();
    ASSERT_TRUE(waitUntilCompared());
    EXPECT_EQ(page->model().cells().size(), 2u);
}

TEST_F(PairsPageTest, SaysWhatIsMissingAndTakesWhatIsDropped)
{
    open();
    EXPECT_THAT(labelText("emptyState"), HasSubstr("No model is known yet."));
    QMimeData dropped;
    QList<QUrl> urls;
    for (const fs::path& path : {demo / "teacher", demo / "data" / "validation.jsonl", folder / "none"}) {
        urls += QUrl::fromLocalFile(QString::fromStdString(path.string()));
    }
    dropped.setUrls(urls);
    QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &dropped, Qt::LeftButton, Qt::NoModifier);
    QSignalSpy compared(page.get(), &PairsPage::compared);
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &dropped, Qt::LeftButton,
                          Qt::NoModifier); // Qt drops where one was
    QApplication::sendEvent(page.get(), &enter);
    ASSERT_TRUE(enter.isAccepted());
    QApplication::sendEvent(page.get(), &drop);
    EXPECT_TRUE(drop.isAccepted());
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->model().cells().size() == 1; }, 30'000));
    EXPECT_TRUE(page->model().cells()[0].analysis->sameVocabulary) << "either side may have been meant";
    EXPECT_THAT(labelText("pairsNotes"), HasSubstr((folder / "none").string() + " is not there."));
    EXPECT_EQ(page->findChild<QComboBox*>(QStringLiteral("pairsData"))->currentText(), "validation.jsonl");
}

TEST_F(PairsPageTest, ComparesAnewForAnotherNumberOfSamples)
{
    knowTheDemo();
    open();
    page->findChild<QSpinBox*>(QStringLiteral("pairsSamples"))->setValue(20);
    ASSERT_TRUE(waitUntilCompared());
    ASSERT_EQ(page->model().cells().size(), 2u);
    EXPECT_EQ(page->model().cells()[1].analysis->samples, 20);
    const QJsonObject state = page->savedState();
    page = std::make_unique<PairsPage>(*feed);
    page->restoreState(state);
    page->show();
    ASSERT_TRUE(waitUntilCompared());
    EXPECT_EQ(page->model().cells().at(1).analysis->samples, 20);
    EXPECT_TRUE(page->model().cells().at(1).kept) << "what was computed is in the workspace";
}

TEST_F(PairsPageTest, ExportsCsvAndLatex)
{
    knowTheDemo();
    open();
    page->copyLatex();
    EXPECT_THAT(QApplication::clipboard()->text().toStdString(), HasSubstr("teacher & student-llama & "));
    const QString file = QString::fromStdString(folder / "pairs.csv");
    page->exportTo(file);
    ASSERT_TRUE(QTest::qWaitFor([&] { return labelText("pairsNotes").starts_with("written to"); }));
    QFile csv(file);
    ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
    EXPECT_EQ(csv.readAll().count('\n'), 3);
}

TEST_F(PairsPageTest, GoesAwayWhileItCompares)
{
    knowTheDemo();
    page = std::make_unique<PairsPage>(*feed);
    page->show();
    EXPECT_TRUE(page->busy());
    page.reset();
    QTest::qWait(20);
}

TEST(PairsModel, KeepsTheRulesOfModels)
{
    PairsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    store::ModelRow a;
    a.id = 1;
    a.name = "a";
    store::ModelRow b;
    b.id = 2;
    b.name = "b";
    b.problem = "it is not there";
    model.setModels({a, b}, {b});
    EXPECT_EQ(model.data(model.index(0, 0)).toString(), QString(QChar(0x2026))) << "not computed yet";
    pairs::PairCell cell;
    cell.teacher = a;
    cell.student = b;
    cell.problem = "it is not there";
    model.setCell(cell);
    EXPECT_EQ(model.data(model.index(0, 0)).toString(), QStringLiteral("\u2013"));
    EXPECT_EQ(model.data(model.index(0, 0), Qt::ToolTipRole).toString(), "<qt>it is not there</qt>");
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setModels({a, b}, {b});
    EXPECT_EQ(resets.size(), 0) << "the same models keep the grid";
    EXPECT_EQ(model.cells().size(), 1u);
    cell.student.id = 9;
    model.setCell(cell);
    EXPECT_EQ(model.cells().size(), 1u) << "a model that is shown no more";
    model.setModels({a}, {b});
    EXPECT_EQ(model.cells().size(), 0u);
}

TEST(PairsModel, NamesTheBinsOfTheDistribution)
{
    pairs::PairAnalysis analysis;
    analysis.histogram[10] = 2;
    analysis.histogram[19] = 1200;
    EXPECT_EQ(distributionLines(analysis), QStringList({QStringLiteral("0.95 \u2013 1.00: 1,200 samples"),
                                                        QStringLiteral("0.50 \u2013 0.55: 2 samples")}));
}

} // namespace
} // namespace dskd::ui
