#pragma once

// The main window over the sample workspace, or over an empty one.

#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/run_list.h"

#include <QAction>
#include <QSettings>
#include <QTest>
#include <QTreeView>
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace dskd::ui
{

class Window : public testing::Test
{
protected:
    explicit Window(bool filled = true)
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
        auto workspace = store::WorkspaceDb::create(root()).value();
        if (filled) {
            ids = test::fillSampleWorkspace(workspace, "", 40);
        }
        feed = std::make_unique<WorkspaceFeed>(root());
        open();
    }

    [[nodiscard]] std::filesystem::path root() const { return folder / "w"; }
    void open()
    {
        window = std::make_unique<MainWindow>(*feed, background);
        window->show();
        EXPECT_TRUE(QTest::qWaitFor([this] { return feed->loaded(); }, 10'000));
        QTest::qWait(20);
        EXPECT_TRUE(QTest::qWaitFor([this] { return everyRunHasItsExperiment(); }, 10'000));
    }
    // The window finds one for runs of earlier versions.
    [[nodiscard]] bool everyRunHasItsExperiment() const
    {
        return std::all_of(feed->runs().begin(), feed->runs().end(), [this](const RunRecord& run) {
            return window->runModel().indexOf(run.row.id).data(RunTreeModel::ExperimentRole).toLongLong() != 0;
        });
    }
    [[nodiscard]] QModelIndex experimentOf(const std::string& run) const // as the list shows it
    {
        const auto& list = window->runList().view();
        const qlonglong id = window->runModel().indexOf(run).data(RunTreeModel::ExperimentRole).toLongLong();
        for (int row = 0; row < list.model()->rowCount(); ++row) {
            const QModelIndex index = list.model()->index(row, 0);
            if (index.data(RunTreeModel::ExperimentRole).toLongLong() == id) {
                return index;
            }
        }
        return {};
    }
    void selectExperimentOf(const std::string& run) const
    {
        window->runList().view().setCurrentIndex(experimentOf(run));
    }
    [[nodiscard]] std::vector<std::string> runsIn(const std::string& run) const // the experiment of the run
    {
        return window->runModel().runsOf(
            window->runModel().indexOf(run).data(RunTreeModel::ExperimentRole).toLongLong());
    }
    QAction* action(const char* name)
    {
        auto* found = window->findChild<QAction*>(QLatin1String(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }

    test::TemporaryFolder folder;
    std::vector<std::string> ids;
    Background background{"test"};
    std::unique_ptr<WorkspaceFeed> feed;
    std::unique_ptr<MainWindow> window;
};

class EmptyWindow : public Window
{
protected:
    EmptyWindow() : Window(false) {}
};

} // namespace dskd::ui
