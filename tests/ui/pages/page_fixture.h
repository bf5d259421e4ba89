#pragma once

// The sample workspace with the feeds of a window over it.

#include "core/store/run_reader.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/series_feed.h"
#include "ui/feed/workspace_feed.h"

#include <QTest>
#include <algorithm>
#include <gtest/gtest.h>

namespace dskd::ui
{

class PageTest : public testing::Test
{
protected:
    // Reading is all that the pages do, so one workspace serves all tests of a suite.
    static void SetUpTestSuite()
    {
        s_folder = std::make_unique<test::TemporaryFolder>();
        auto workspace = store::WorkspaceDb::create(s_folder->path()).value();
        s_ids = test::fillSampleWorkspace(workspace, "", 100);
    }
    static void TearDownTestSuite() { s_folder.reset(); }

    void SetUp() override
    {
        m_feed = std::make_unique<WorkspaceFeed>(s_folder->path());
        m_series = std::make_unique<SeriesFeed>(s_folder->path());
        m_background = std::make_unique<Background>(QStringLiteral("test"));
        ASSERT_TRUE(QTest::qWaitFor([this] { return m_feed->loaded() && m_feed->runs().size() == s_ids.size(); }));
    }

    void watchAll()
    {
        m_series->watch({s_ids.begin(), s_ids.end()});
        ASSERT_TRUE(QTest::qWaitFor([this] {
            return std::all_of(s_ids.begin(), s_ids.end(), [this](const std::string& id) {
                const RunSeries* series = m_series->series(id);
                return series && series->complete;
            });
        }));
    }

    // The runs of that name, one per seed.
    std::vector<std::string> named(const std::string& name) const
    {
        std::vector<std::string> ids;
        for (const RunRecord& run : m_feed->runs()) {
            if (run.row.name == name) {
                ids.push_back(run.row.id);
            }
        }
        return ids;
    }

    store::RunReader reader(const std::string& id) const
    {
        return store::RunReader::open(WorkspaceLayout{s_folder->path()}.run(id)).value();
    }

    static inline std::unique_ptr<test::TemporaryFolder> s_folder;
    static inline std::vector<std::string> s_ids;
    std::unique_ptr<WorkspaceFeed> m_feed;
    std::unique_ptr<SeriesFeed> m_series;
    std::unique_ptr<Background> m_background;
};

} // namespace dskd::ui
