// What the page of curves writes: one chart, or every point of the shown runs.

#include "tests/ui/pages/curves_page_fixture.h"
#include "ui/pages/shared/picture_export_dialog.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QSignalSpy>

namespace dskd::ui
{
namespace
{

TEST_F(CurvesPageTest, AChartIsExportedAsItsRecordedPoints)
{
    watchAll();
    open();
    const std::vector<std::string> seeds = named("dual");
    m_page->setRuns(seeds, {});
    m_page->findChild<QCheckBox*>(QStringLiteral("meanOverSeeds"))->setChecked(true);
    ASSERT_TRUE(QTest::qWaitFor([&] { return curves("loss").size() == 1; }));
    card("loss")->findChild<QAction*>(QStringLiteral("exportChart"))->trigger();
    auto* dialog = m_page->findChild<PictureExportDialog*>();
    ASSERT_NE(dialog, nullptr);
    auto* format = dialog->findChild<QComboBox*>(QStringLiteral("format"));
    format->setCurrentIndex(format->count() - 1);
    QSignalSpy finished(dialog, &PictureExportDialog::finishedWriting);
    const QString file = QString::fromStdString((*s_folder / "loss.csv").string());
    dialog->writeTo(file);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !finished.isEmpty(); }));
    QFile written(file);
    ASSERT_TRUE(written.open(QIODevice::ReadOnly));
    const QByteArray text = written.readAll();
    EXPECT_EQ(text.count('\n'), 1 + 3 * 100) << "every point of every seed, also of a mean";
    EXPECT_EQ(text.count(",loss,"), 300);
    EXPECT_TRUE(text.contains(QByteArray::fromStdString(seeds[1] + ",dual,20,loss,")));
}

TEST_F(CurvesPageTest, ExportHoldsEveryRecordedPoint)
{
    watchAll();
    open();
    m_page->setRuns({s_ids.front()}, {});
    QSignalSpy exported(m_page.get(), &CurvesPage::exported);
    const QString file = QString::fromStdString((*s_folder / "points.csv").string());
    m_page->exportTo(file);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !exported.isEmpty(); }));
    std::size_t points = 0;
    for (const std::string& name : reader(s_ids.front()).metricNames()) {
        points += reader(s_ids.front()).series(name).size();
    }
    EXPECT_EQ(exported.front().at(1).toInt(), static_cast<int>(points));
    QFile written(file);
    ASSERT_TRUE(written.open(QIODevice::ReadOnly));
    const QByteArray text = written.readAll();
    EXPECT_EQ(text.count('\n'), static_cast<int>(points) + 1);
    EXPECT_TRUE(text.startsWith("run,name,seed,metric,step,tokens,time,value\n"));
}

TEST_F(CurvesPageTest, ExportTellsTheSeedsOfOneNameApart)
{
    watchAll();
    open();
    const std::vector<std::string> seeds = named("dual");
    m_page->setRuns(seeds, {});
    QSignalSpy exported(m_page.get(), &CurvesPage::exported);
    const QString file = QString::fromStdString((*s_folder / "seeds.csv").string());
    m_page->exportTo(file);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !exported.isEmpty(); }));
    QFile written(file);
    ASSERT_TRUE(written.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(written.readAll());
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        const QString begin = QString::fromStdString(seeds[i]) + QStringLiteral(",dual,%1,loss,42,").arg(10 * (i + 1));
        EXPECT_EQ(text.count(begin), 1) << begin.toStdString();
    }
}

TEST_F(CurvesPageTest, ExportThatCannotBeWrittenSaysSo)
{
    watchAll();
    open();
    m_page->setRuns({s_ids.front()}, {});
    QSignalSpy exported(m_page.get(), &CurvesPage::exported);
    m_page->exportTo(QString::fromStdString((*s_folder / "missing" / "points.csv").string()));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !exported.isEmpty(); }));
    EXPECT_EQ(exported.front().at(1).toInt(), -1);
    EXPECT_TRUE(m_page->findChild<QLabel*>(QStringLiteral("pageNotes"))->text().contains("cannot be written"));
}

} // namespace
} // namespace dskd::ui
