// What one page asks of another, through the window.

#include "app/workbench/compose.h"
#include "core/config/schema/experiment.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/window/main_window.h"

#include <QComboBox>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

namespace dskd::workbench
{
namespace
{

TEST(PageLinks, ASampleOfAPairIsShownOnThePageOfAlignment)
{
    const test::TemporaryFolder folder;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                       QString::fromStdString((folder / "settings").string()));
    ASSERT_TRUE(store::WorkspaceDb::create(folder / "w"));
    Workbench bench(folder / "w");
    bench.window().show();
    QTabWidget& pages = bench.window().pages();
    auto* pairs = pages.findChild<ui::PairsPage*>();
    auto* alignment = pages.findChild<ui::AlignmentPage*>();
    ASSERT_TRUE(pairs != nullptr && alignment != nullptr);
    pages.setCurrentWidget(pairs);
    config::Experiment experiment;
    experiment.teacher.model = "/models/large";
    experiment.student.model = "/models/small";
    experiment.method.alignment = config::Alignment::Eta;
    Q_EMIT pairs->alignmentRequested(experiment, 7);
    EXPECT_EQ(pages.currentWidget(), alignment);
    EXPECT_EQ(alignment->findChild<QComboBox*>(QStringLiteral("run"))->currentText(), "large and small, without a run");
}

TEST(PageLinks, WhetherStepsAreLinkedIsOnAtFirstAndKept)
{
    const test::TemporaryFolder folder;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                       QString::fromStdString((folder / "settings").string()));
    ASSERT_TRUE(store::WorkspaceDb::create(folder / "w"));
    const auto switches = [](const Workbench& bench) {
        return bench.window().pages().findChildren<QToolButton*>(QStringLiteral("linkSteps"));
    };
    const auto on = [&](const Workbench& bench) {
        int count = 0;
        for (const QToolButton* one : switches(bench)) {
            count += one->isChecked() ? 1 : 0;
        }
        return count;
    };
    {
        const Workbench bench(folder / "w");
        EXPECT_EQ(on(bench), 3) << "of Alignment, Spaces and Samples";
        for (QToolButton* one : switches(bench)) {
            if (one->isChecked()) {
                one->click();
                break;
            }
        }
        EXPECT_EQ(on(bench), 0) << "one switch in three places";
    }
    const Workbench again(folder / "w");
    EXPECT_EQ(on(again), 0);
}

} // namespace
} // namespace dskd::workbench
