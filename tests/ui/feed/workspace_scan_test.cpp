#include "ui/feed/workspace_scan.h"

#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/time_scale.h"
#include "tests/ui/feed/idle_cost.h"
#include "tests/ui/feed/workspace_feed_fixture.h"

#include <QElapsedTimer>
#include <atomic>
#include <chrono>

namespace dskd::ui
{
namespace
{

TEST_F(WorkspaceFeedTest, IsSilentWhileNothingDiffers)
{
    test::fillSampleWorkspace(workspace, "", 20);
    WorkspaceScan scan(root());
    const std::atomic<bool> cancelled{false};
    const auto differs = [](const WorkspaceChanges& changes) {
        return changes.runs || !changes.records.empty() || changes.experiments || changes.trash || changes.queue ||
               changes.trouble;
    };
    EXPECT_TRUE(differs(scan.poll(cancelled))) << "the first poll finds everything";
    constexpr int kEveryRunHadItsTurn = 20; // and what reading leaves behind counts for nothing
    for (int look = 1; look < 2 * kEveryRunHadItsTurn; ++look) {
        const bool differed = differs(scan.poll(cancelled));
        EXPECT_TRUE(look < kEveryRunHadItsTurn || !differed) << "look " << look;
    }
    workspace.setNote(workspace.runs().front().id, "a change").value();
    EXPECT_TRUE(differs(scan.poll(cancelled)));
}

TEST_F(WorkspaceFeedTest, LooksAtTwoThousandRunsForLittleWhenNothingHappens)
{
    const std::string run = newRun("");
    {
        const auto writer = store::RunWriter::open(layout(run)).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addMetrics(1, 1, {{"loss", 1.0}});
        writer->endAttempt(0, "Done.").value();
    }
    using namespace std::chrono_literals;
    std::filesystem::last_write_time(layout(run).database(), std::filesystem::file_time_type::clock::now() - 1h);
    const store::Database database(workspace.layout().database(), store::Database::Access::ReadWrite);
    store::Transaction transaction(database);
    for (int i = 0; i < 2000; ++i) {
        const std::string copy = "copy-" + std::to_string(i);
        std::filesystem::copy(layout(run).root, layout(copy).root,
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::create_hard_links);
        database
            .prepare(
                "INSERT INTO runs(id, name, group_name, created, job, objective, space, alignment, distance, seed, "
                "teacher, student, config_hash, note, trashed, number) SELECT ?, name, group_name, created, job, "
                "objective, space, alignment, distance, seed, teacher, student, config_hash, note, trashed, number "
                "+ ? FROM runs WHERE id = ?")
            .bind(1, copy)
            .bind(2, std::int64_t{i} + 1)
            .bind(3, run)
            .run();
    }
    transaction.commit();
    test::StatementCounter statements;
    const std::ptrdiff_t filesBefore = test::openFiles();
    WorkspaceScan scan(root());
    const std::atomic<bool> cancelled = false;
    QElapsedTimer timer;
    timer.start();
    ASSERT_EQ(scan.poll(cancelled).runs->size(), 2001U);
    RecordProperty("firstLookMs", static_cast<int>(timer.restart()));
    constexpr int kOfTheWorkspace = 3; // workspace.db and, with a write-ahead log, its two companions
    EXPECT_LE(test::openFiles(), filesBefore + kOfTheWorkspace);
    EXPECT_GE(statements.take(), 2001) << "the counter sees no statements";
    constexpr int kLooks = 20;
    for (int i = 0; i < kLooks; ++i) {
        const WorkspaceChanges changes = scan.poll(cancelled);
        EXPECT_FALSE(changes.runs || changes.queue || changes.trash || !changes.records.empty());
    }
    EXPECT_LE(statements.take(), kLooks) << "one a look: has workspace.db changed?";
    RecordProperty("idleLookUs", static_cast<int>(timer.nsecsElapsed() / 1000 / kLooks));
    EXPECT_LT(timer.elapsed() / kLooks, 25 * test::kTimeScale); // a tenth of the time between two looks
}

} // namespace
} // namespace dskd::ui
