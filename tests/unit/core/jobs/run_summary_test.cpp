#include "core/jobs/run_summary.h"

#include "core/store/database.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;

// Makes its files older than those that may still change without a trace.
void age(const RunLayout& run)
{
    const auto before = fs::file_time_type::clock::now() - std::chrono::seconds(10);
    for (const fs::path& path :
         {run.database(), fs::path(run.database().string() + "-wal"), run.launch(), run.checkpoints()}) {
        if (fs::exists(path)) {
            fs::last_write_time(path, before);
        }
    }
}

class SummaryCacheTest : public testing::Test
{
protected:
    SummaryCacheTest()
    {
        auto workspace = store::WorkspaceDb::create(m_folder.path()).value();
        test::fillSampleWorkspace(workspace);
        for (const store::RunRow& row : workspace.runs()) {
            m_runs.push_back(row.id);
            age(m_layout.run(row.id));
        }
    }
    [[nodiscard]] RunTrace traceOf(const std::string& id) const { return RunFiles(m_layout.run(id)).trace(); }
    // Reads every run, and writes the file.
    void fill() const
    {
        SummaryCache cache(m_layout);
        for (const std::string& id : m_runs) {
            cache.remember(id, traceOf(id), readSummary(m_layout.run(id)));
        }
        EXPECT_EQ(cache.added(), m_runs.size());
        ASSERT_TRUE(cache.save());
        EXPECT_EQ(cache.added(), 0U);
    }

    test::TemporaryFolder m_folder;
    WorkspaceLayout m_layout{m_folder.path()};
    std::vector<std::string> m_runs;
};

TEST_F(SummaryCacheTest, KnowsWhatWasReadOfEveryRun)
{
    fill();
    const SummaryCache cache(m_layout);
    for (const std::string& id : m_runs) {
        const RunSummary expected = readSummary(m_layout.run(id));
        const std::optional<RunSummary> known = cache.find(id, traceOf(id));
        ASSERT_TRUE(known) << id;
        EXPECT_EQ(known->status.status, expected.status.status);
        EXPECT_EQ(known->status.sentence, expected.status.sentence);
        EXPECT_EQ(known->status.step, expected.status.step);
        EXPECT_EQ(known->status.totalSteps, expected.status.totalSteps);
        EXPECT_EQ(known->status.phase, expected.status.phase);
        EXPECT_EQ(known->status.checkpoint, expected.status.checkpoint);
        EXPECT_EQ(known->status.resumable, expected.status.resumable);
        EXPECT_EQ(known->started, expected.started);
        EXPECT_EQ(known->ended, expected.ended);
        EXPECT_EQ(known->attemptStarted, expected.attemptStarted);
        EXPECT_EQ(known->attemptStep, expected.attemptStep);
        ASSERT_EQ(known->latest.size(), expected.latest.size());
        EXPECT_GT(known->latest.size(), 5U);
        for (const auto& [name, value] : expected.latest) {
            EXPECT_TRUE(known->latest.at(name) == value || (std::isnan(value) && std::isnan(known->latest.at(name))));
        }
    }
    EXPECT_FALSE(cache.find("no such run", {}));
}

TEST_F(SummaryCacheTest, DoesNotKnowARunThatWasWrittenTo)
{
    fill();
    const RunLayout run = m_layout.run(m_runs.front());
    store::Database(run.database(), store::Database::Access::ReadWrite)
        .execute("INSERT INTO events (time, step, kind, message, hint) VALUES (0, 0, 'note', 'later', '')");
    const SummaryCache cache(m_layout);
    EXPECT_FALSE(cache.find(m_runs.front(), traceOf(m_runs.front())));
    EXPECT_TRUE(cache.find(m_runs.back(), traceOf(m_runs.back())));
    fs::create_directories(m_layout.run(m_runs.back()).checkpoint(7));
    EXPECT_FALSE(cache.find(m_runs.back(), traceOf(m_runs.back()))) << "it has another checkpoint";
}

TEST_F(SummaryCacheTest, ForgetsDeletedRunsWhenItIsWritten)
{
    fill();
    const RunTrace trace = traceOf(m_runs.front());
    fs::remove_all(m_layout.run(m_runs.front()).root);
    SummaryCache cache(m_layout);
    ASSERT_TRUE(cache.find(m_runs.front(), trace));
    ASSERT_TRUE(cache.save());
    EXPECT_FALSE(SummaryCache(m_layout).find(m_runs.front(), trace));
}

TEST_F(SummaryCacheTest, RemembersNeitherLivingNorFailedNorFreshlyWrittenRuns)
{
    SummaryCache cache(m_layout);
    const RunTrace trace = traceOf(m_runs.front());
    for (const Status status : {Status::Created, Status::Running, Status::Stalled, Status::Failed, Status::Crashed}) {
        cache.remember("run", trace, {{.status = status}, {}});
    }
    const std::ofstream touched(m_layout.run(m_runs.front()).launch(), std::ios::app);
    fs::last_write_time(m_layout.run(m_runs.front()).database(), fs::file_time_type::clock::now());
    cache.remember("run", traceOf(m_runs.front()), {{.status = Status::Done}, {}});
    EXPECT_EQ(cache.added(), 0U);
}

TEST_F(SummaryCacheTest, IsEmptyWhereItsFileIsDamaged)
{
    fill();
    std::string bytes;
    {
        std::ifstream file(m_layout.summaries(), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    ASSERT_GT(bytes.size(), 100U);
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, bytes.size() / 2, bytes.size() - 1}) {
        std::ofstream(m_layout.summaries(), std::ios::binary) << bytes.substr(0, length);
        EXPECT_FALSE(SummaryCache(m_layout).find(m_runs.front(), traceOf(m_runs.front()))) << length;
    }
    for (std::size_t at = 0; at < bytes.size(); at += 37) { // one flipped bit, in numbers too
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 4);
        std::ofstream(m_layout.summaries(), std::ios::binary) << flipped;
        EXPECT_FALSE(SummaryCache(m_layout).find(m_runs.front(), traceOf(m_runs.front()))) << at;
    }
}

} // namespace
} // namespace dskd::jobs
