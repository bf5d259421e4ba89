// The window on small and on large screens.

#include "app/workbench/compose.h"
#include "app/workbench/recent_workspaces.h"
#include "app/workbench/start_window.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"
#include "ui/pages/curves/card_layout.h"
#include "ui/pages/curves/chart_card.h"
#include "ui/window/main_window.h"

#include <QAction>
#include <QDialog>
#include <QDockWidget>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <algorithm>
#include <gmock/gmock.h>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace dskd::workbench
{
namespace
{

class Sizes : public testing::Test
{
protected:
    Sizes()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
    }

    void open(QSize size)
    {
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        ids = test::fillSampleWorkspace(workspace, "", 60);
        bench = std::make_unique<Workbench>(folder / "w");
        window().resize(size);
        window().show();
        ASSERT_TRUE(QTest::qWaitFor([this] { return window().runModel().indexOf(ids.back()).isValid(); }, 20'000));
    }
    ui::MainWindow& window() const { return bench->window(); }
    std::vector<ui::ChartCard*> cards() const
    {
        std::vector<ui::ChartCard*> shown;
        const QList<ui::ChartCard*> all = window().pages().currentWidget()->findChildren<ui::ChartCard*>();
        std::copy_if(all.begin(), all.end(), std::back_inserter(shown),
                     [](const ui::ChartCard* card) { return card->isVisible(); });
        return shown;
    }

    test::TemporaryFolder folder;
    std::vector<std::string> ids;
    std::unique_ptr<Workbench> bench;
};

TEST_F(Sizes, OfALargeScreenThePagesHaveTheRoom)
{
    open({3840, 2160});
    ASSERT_TRUE(QTest::qWaitFor([this] { return cards().size() > 4; }, 10'000));
    QTest::qWait(100);
    int beside = 0; // of the page
    for (const char* name : {"runsDock", "detailsDock"}) {
        const int width = window().findChild<QDockWidget*>(name)->width();
        EXPECT_LE(width, 500) << name;
        EXPECT_GE(width, 220) << name;
        beside += width;
    }
    EXPECT_LE(window().findChild<QDockWidget*>("bottomDock")->height(), 300);
    const int page = window().pages().currentWidget()->width();
    EXPECT_GE(page, 3840 - beside - 60);
    int bottom = 0;
    int right = 0;
    for (const ui::ChartCard* card : cards()) {
        EXPECT_LE(card->width(), ui::kWidestCard);
        EXPECT_GE(card->width(), 500) << "nor many small ones above an empty page";
        bottom = std::max(bottom, card->geometry().bottom());
        right = std::max(right, card->geometry().right());
    }
    EXPECT_GT(right, page * 3 / 4);
    EXPECT_GT(bottom, window().pages().currentWidget()->height() / 2);
}

TEST_F(Sizes, TextStaysInAColumnOnALargeScreen)
{
    open({3840, 2160});
    window().runModel().setShown({});
    const auto* sentence = window().pages().widget(0)->findChild<QLabel*>("emptyState");
    ASSERT_TRUE(QTest::qWaitFor([&] { return sentence->isVisible(); }, 5000));
    EXPECT_GT(sentence->width(), 2000);
    EXPECT_LE(sentence->contentsRect().width(), ui::kTextColumn);
    EXPECT_NEAR(sentence->contentsRect().center().x(), sentence->rect().center().x(), 2);
}

TEST_F(Sizes, EveryPageFitsOnASmallScreen)
{
    open({1024, 600});
    for (int page = 0; page < window().pages().count(); ++page) {
        window().pages().setCurrentIndex(page);
        QTest::qWait(50);
        const QString title = window().pages().tabText(page);
        EXPECT_LE(window().minimumSizeHint().width(), 1024) << title.toStdString();
        EXPECT_LE(window().minimumSizeHint().height(), 600) << title.toStdString();
        EXPECT_LE(window().width(), 1024) << title.toStdString();
        EXPECT_LE(window().height(), 600) << title.toStdString();
    }
}

TEST_F(Sizes, EveryDialogFitsOnASmallScreen)
{
    open({1024, 600});
    for (const char* name : {"newExperiment", "showTrash", "showCache", "palette", "about"}) {
        window().findChild<QAction*>(name)->trigger();
        const auto dialog = [this]() -> QDialog* {
            const QList<QDialog*> all = window().findChildren<QDialog*>();
            const auto shown = std::find_if(all.begin(), all.end(), [](const QDialog* d) { return d->isVisible(); });
            return shown == all.end() ? nullptr : *shown;
        };
        ASSERT_TRUE(QTest::qWaitFor([&] { return dialog() != nullptr; }, 5000)) << name;
        QTest::qWait(50);
        EXPECT_LE(dialog()->minimumSizeHint().width(), 1024) << name;
        EXPECT_LE(dialog()->minimumSizeHint().height(), 600) << name;
        dialog()->close();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
}

TEST_F(Sizes, TheFirstWindowFitsWithAllItsWorkspacesAndKeepsItsColumn)
{
    for (int i = 0; i < 8; ++i) {
        const std::string name = "workspace" + std::to_string(i);
        ASSERT_TRUE(store::WorkspaceDb::create(folder / name));
        noteOpened(folder / name);
    }
    StartWindow start;
    start.show();
    QTest::qWait(20);
    EXPECT_LE(start.height(), 600);
    EXPECT_LE(start.minimumSizeHint().height(), 600);
    EXPECT_LE(start.minimumSizeHint().width(), 800);
    const auto* buttons = start.findChild<QPushButton*>("openWorkspace");
    EXPECT_TRUE(start.rect().contains(QRect(buttons->mapTo(&start, QPoint()), buttons->size())));
    start.resize(3840, 2160);
    QTest::qWait(20);
    const auto* column = start.findChild<QWidget*>("column");
    EXPECT_LE(column->width(), 720);
    EXPECT_NEAR(column->geometry().center().x(), start.rect().center().x(), 2);
}

} // namespace
} // namespace dskd::workbench
