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

} // namespace
} // namespace dskd::workbench
