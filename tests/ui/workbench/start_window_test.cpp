// What stands there before any workspace is known.

#include "app/workbench/recent_workspaces.h"
#include "app/workbench/start_window.h"
#include "core/store/workspace_db.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/workspace_feed.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QCommandLinkButton>
#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QTest>
#include <QUrl>
#include <gmock/gmock.h>

namespace dskd::workbench
{
namespace
{

using testing::HasSubstr;

class Start : public testing::Test
{
protected:
    Start()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
    }
    ~Start() override
    {
        if (ui::MainWindow* opened = window()) {
            opened->close(); // with it go its threads
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        }
    }

    // The window that has been opened; nullptr: none.
    static ui::MainWindow* window()
    {
        for (QWidget* widget : QApplication::topLevelWidgets()) {
            if (auto* found = qobject_cast<ui::MainWindow*>(widget)) {
                return found;
            }
        }
        return nullptr;
    }
    static std::string textOf(const StartWindow& start)
    {
        std::string text;
        for (const QLabel* label : start.findChildren<QLabel*>()) {
            text += label->text().toStdString() + "\n";
        }
        return text;
    }
    static void drop(StartWindow& start, const QString& path)
    {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&start, &enter); // Qt drops where something was dragged to
        QDropEvent event({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&start, &event);
    }
    QString place(const std::string& name) { return QString::fromStdString((folder / name).string()); }

    test::TemporaryFolder folder;
};

TEST_F(Start, OffersTheWorkspacesThatWereOpenBeforeAndAreStillThere)
{
    for (const char* name : {"first", "second", "gone"}) {
        ASSERT_TRUE(store::WorkspaceDb::create(folder / name));
        noteOpened(folder / name);
    }
    noteOpened(folder / "first");
    std::filesystem::remove_all(folder / "gone");
    EXPECT_EQ(recentWorkspaces(), (QStringList{place("first"), place("second")}));
    StartWindow start;
    start.show();
    const auto offered = start.findChildren<QCommandLinkButton*>();
    ASSERT_EQ(offered.size(), 2);
    EXPECT_EQ(offered[1]->text(), "second");
    QTest::mouseClick(offered[1], Qt::LeftButton);
    ASSERT_NE(window(), nullptr);
    EXPECT_THAT(window()->windowTitle().toStdString(), HasSubstr("second"));
    EXPECT_FALSE(start.isVisible());
    EXPECT_EQ(recentWorkspaces().first(), place("second"));
}

TEST_F(Start, KeepsTheEightNewest)
{
    for (int i = 0; i < 10; ++i) {
        const std::string name = "w" + std::to_string(i);
        ASSERT_TRUE(store::WorkspaceDb::create(folder / name));
        noteOpened(folder / name);
    }
    ASSERT_EQ(recentWorkspaces().size(), 8);
    EXPECT_EQ(recentWorkspaces().first(), place("w9"));
}

TEST_F(Start, TheDemoIsOneButton)
{
    const test::EnvironmentVariable runner("DSKD", "/bin/true"); // works on nothing: its runs stay queued
    StartWindow start;
    start.show();
    ASSERT_NE(start.findChild<QPushButton*>("tryDemo"), nullptr);
    start.startDemo(place("demo"));
    EXPECT_FALSE(start.findChild<QPushButton*>("tryDemo")->isEnabled()) << "not twice at once";
    ASSERT_TRUE(QTest::qWaitFor([] { return window() != nullptr; }, 20'000)) << textOf(start);
    auto workspace = store::WorkspaceDb::open(folder / "demo").value();
    EXPECT_GE(workspace.runs().size(), 4U);
    EXPECT_EQ(workspace.queue().size(), workspace.runs().size());
    for (const store::RunRow& run : workspace.runs()) {
        EXPECT_TRUE(run.experiment) << run.id;
    }
}

TEST_F(Start, SaysWhyThereIsNoDemo)
{
    const test::EnvironmentVariable nowhere("DSKD_DEMO", folder / "nowhere");
    StartWindow start;
    start.startDemo(place("demo"));
    auto* button = start.findChild<QPushButton*>("tryDemo");
    ASSERT_TRUE(QTest::qWaitFor([&] { return button->isEnabled(); }, 20'000));
    EXPECT_THAT(textOf(start), HasSubstr("The demo's files"));
    EXPECT_FALSE(std::filesystem::exists(folder / "demo"));
    EXPECT_EQ(window(), nullptr);
}

TEST_F(Start, OpensAWorkspaceThatIsDroppedAndSaysWhatElseIsNone)
{
    ASSERT_TRUE(store::WorkspaceDb::create(folder / "dropped"));
    std::filesystem::create_directories(folder / "model");
    StartWindow start;
    start.show();
    drop(start, place("model"));
    EXPECT_EQ(window(), nullptr);
    EXPECT_THAT(textOf(start), HasSubstr("model is no workspace"));
    drop(start, place("dropped"));
    ASSERT_NE(window(), nullptr);
    EXPECT_FALSE(start.isVisible());
}

} // namespace
} // namespace dskd::workbench
