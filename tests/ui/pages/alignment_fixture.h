#pragma once

// The alignment page on runs whose tokenizers and data are there.

#include "core/config/schema/choices.h"
#include "core/preflight/run_coverage.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/token_rows.h"

#include <QComboBox>
#include <QLabel>
#include <QTest>
#include <atomic>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dskd::ui
{

class AlignmentCoverageTest : public testing::Test
{
protected:
    static constexpr int kSteps = 100; // of a run that has ended

    void SetUp() override;
    // A folder with the tokenizer and the config.json of golden models.
    void makeModel(const std::string& name, const std::string& tokenizer, const std::string& model);
    std::string makeRun(config::Alignment alignment, const std::string& teacher);

    std::filesystem::path folderOf(config::Alignment alignment) const;
    config::Experiment experimentOf(config::Alignment alignment) const;
    std::shared_ptr<const preflight::RunCoverage> measure(config::Alignment alignment) const;
    // A map of sample 0 as the worker records it: every row looks at its chunk alone, or at everything alike.
    store::HeatMapRow map(config::Alignment alignment, std::int64_t step, bool insideChunks) const;
    void record(config::Alignment alignment, const std::vector<store::HeatMapRow>& maps);
    // The page with these runs shown, until it has their coverage.
    void open(const std::vector<config::Alignment>& alignments);

    template <typename T>
    T* child(const char* name) const
    {
        return m_page->findChild<T*>(QString::fromLatin1(name));
    }
    QString text(const char* name) const { return child<QLabel>(name)->text(); }
    TokenRows* tokens() const { return m_page->findChild<TokenRows*>(); }
    void choose(const char* box, const QString& data) const
    {
        auto* combo = child<QComboBox>(box);
        ASSERT_GE(combo->findData(data), 0) << box << " " << data.toStdString();
        combo->setCurrentIndex(combo->findData(data));
    }

    const std::atomic<bool> m_never{false};
    test::TemporaryFolder m_folder;
    test::TemporaryFolder m_cache;
    test::EnvironmentVariable m_cacheHome{"XDG_CACHE_HOME", m_cache.path().string()};
    std::unique_ptr<store::WorkspaceDb> m_workspace;
    std::map<config::Alignment, std::string> m_ids;
    std::unique_ptr<WorkspaceFeed> m_feed;
    std::unique_ptr<Background> m_background;
    std::unique_ptr<AlignmentPage> m_page;
};

} // namespace dskd::ui
