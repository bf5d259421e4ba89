// Models and data that are dropped on the window.

#include "app/workbench/compose.h"
#include "core/store/input_table.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"

#include <QComboBox>
#include <QDropEvent>
#include <QMimeData>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <QUrl>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace dskd::workbench
{
namespace
{

using testing::HasSubstr;

class Dropped : public testing::Test
{
protected:
    Dropped()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
        EXPECT_TRUE(store::WorkspaceDb::create(folder / "w"));
        bench = std::make_unique<Workbench>(folder / "w");
        window().show();
    }

    ui::MainWindow& window() const { return bench->window(); }
    std::string said() const { return window().messages().text().toStdString(); }
    bool showsPairs() const { return qobject_cast<ui::PairsPage*>(window().pages().currentWidget()) != nullptr; }
    void drop(const std::vector<std::filesystem::path>& paths)
    {
        QMimeData data;
        QList<QUrl> urls;
        for (const auto& path : paths) {
            urls.append(QUrl::fromLocalFile(QString::fromStdString(path.string())));
        }
        data.setUrls(urls);
        QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window(), &enter); // Qt drops where something was dragged to
        QDropEvent event({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window(), &event);
    }
    bool waitUntilSaid(const QString& part)
    {
        return QTest::qWaitFor([&] { return window().messages().text().contains(part); }, 20'000);
    }

    test::TemporaryFolder folder;
    const std::filesystem::path demo = std::filesystem::path(test::sourceDir()) / "resources" / "demo";
    std::unique_ptr<Workbench> bench;
};

TEST_F(Dropped, ModelsAndDataAreAddedTogetherAndShownOnThePageOfPairs)
{
    std::filesystem::create_directories(folder / "holiday");
    ASSERT_FALSE(showsPairs());
    drop({demo / "teacher", demo / "student-llama", demo / "data" / "validation.jsonl", folder / "holiday"});
    ASSERT_TRUE(waitUntilSaid("Added to the workspace")) << said();
    EXPECT_THAT(said(), HasSubstr("2 models (teacher, student-llama)"));
    EXPECT_THAT(said(), HasSubstr("1 data set (validation"));
    EXPECT_THAT(said(), HasSubstr("holiday")) << "what was not added, and why";
    EXPECT_THAT(said(), HasSubstr("config.json"));
    EXPECT_TRUE(showsPairs());
    auto workspace = store::WorkspaceDb::open(folder / "w").value();
    store::InputTable inputs(workspace);
    EXPECT_EQ(inputs.models().size(), 2U);
    ASSERT_EQ(inputs.datasets().size(), 1U);
    auto* page = window().findChild<ui::PairsPage*>();
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->findChild<QComboBox*>("pairsData")->count() == 1; }, 20'000));
    EXPECT_TRUE(QTest::qWaitFor([&] { return !page->busy(); }, 30'000));
}

TEST_F(Dropped, WhatIsNoModelSaysWhyAndLeavesThePage)
{
    std::filesystem::create_directories(folder / "holiday");
    std::ofstream(folder / "picture.png") << "\x89PNG";
    drop({folder / "holiday", folder / "picture.png"});
    ASSERT_TRUE(waitUntilSaid("Nothing was added")) << said();
    EXPECT_THAT(said(), HasSubstr("holiday"));
    EXPECT_THAT(said(), HasSubstr("picture.png"));
    EXPECT_FALSE(showsPairs());
}

TEST_F(Dropped, WhatIsNoFileIsLeftToOthers)
{
    QMimeData data;
    data.setText("words");
    QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    enter.ignore();
    QCoreApplication::sendEvent(&window(), &enter);
    EXPECT_FALSE(enter.isAccepted());
    EXPECT_FALSE(window().messages().isVisible());
}

} // namespace
} // namespace dskd::workbench
