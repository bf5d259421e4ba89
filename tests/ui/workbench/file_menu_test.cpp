// The shown runs as files of other programs, from the File menu.

#include "app/report/report.h"
#include "app/workbench/compose.h"
#include "app/workbench/file_menu.h"
#include "app/workbench/recent_workspaces.h"
#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"

#include <QAction>
#include <QMenu>
#include <QSettings>
#include <QTest>
#include <gmock/gmock.h>

namespace dskd::workbench
{
namespace
{

using testing::HasSubstr;

class FileMenuTest : public testing::Test
{
protected:
    FileMenuTest()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        ids = test::fillSampleWorkspace(workspace, "", 20);
        bench = std::make_unique<Workbench>(folder / "w");
        bench->window().show();
        EXPECT_TRUE(QTest::qWaitFor([this] { return !model().shownRuns().empty(); }, 20'000));
    }

    ui::RunTreeModel& model() { return bench->window().runModel(); }
    FileMenu& menu() { return *bench->window().findChild<FileMenu*>(); }
    [[nodiscard]] QString place(const std::string& name) const
    {
        return QString::fromStdString((folder / name).string());
    }
    // The window's message once it is no longer about what is going on.
    std::string outcome()
    {
        const auto said = [this] { return bench->window().messages().text().toStdString(); };
        EXPECT_TRUE(
            QTest::qWaitFor([&] { return !said().empty() && said().find("Writing") == std::string::npos; }, 20'000));
        return said();
    }

    test::TemporaryFolder folder;
    std::vector<std::string> ids;
    std::unique_ptr<Workbench> bench;
};

TEST_F(FileMenuTest, WritesAReportOfTheShownRunsAndNothingOverOtherFiles)
{
    model().setShown({ids[0], ids[3]});
    menu().writeReport(place("report.html"));
    EXPECT_THAT(outcome(), HasSubstr("The report is in"));
    EXPECT_TRUE(report::isReport(folder / "report.html"));
    const std::string page = readTextFile(folder / "report.html").value();
    EXPECT_THAT(page, testing::AllOf(HasSubstr(ids[0]), HasSubstr(ids[3]), testing::Not(HasSubstr(ids[1]))));
    ASSERT_TRUE(writeFileAtomically(folder / "thesis.html", "mine"));
    menu().writeReport(place("thesis.html"));
    EXPECT_THAT(outcome(), HasSubstr("is no report of this program"));
    EXPECT_EQ(readTextFile(folder / "thesis.html").value(), "mine");
}

TEST_F(FileMenuTest, WritesEventFilesOfTheShownRuns)
{
    model().setShown({ids[1]});
    menu().writeEventFiles(place("curves"));
    EXPECT_THAT(outcome(), HasSubstr("of 1 run are in"));
    EXPECT_TRUE(std::filesystem::is_directory(folder / "curves" / ids[1]));
    EXPECT_FALSE(std::filesystem::exists(folder / "curves" / ids[0]));
    model().setShown({});
    menu().writeEventFiles(place("none"));
    EXPECT_THAT(outcome(), HasSubstr("No run is shown."));
    EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

TEST_F(FileMenuTest, ListsTheOtherWorkspacesThatWereOpen)
{
    ASSERT_TRUE(store::WorkspaceDb::create(folder / "other"));
    noteOpened(folder / "other");
    auto* recent = bench->window().findChild<QMenu*>("openRecent");
    ASSERT_NE(recent, nullptr);
    Q_EMIT recent->aboutToShow();
    ASSERT_EQ(recent->actions().size(), 1);
    EXPECT_EQ(recent->actions().first()->text(), place("other"));
}

} // namespace
} // namespace dskd::workbench
