#include "ui/feed/series_scan.h"

#include "core/store/run_writer.h"
#include "tests/support/temporary_folder.h"
#include "tests/ui/feed/idle_cost.h"

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

constexpr int kRuns = 200;
constexpr int kDescriptorsOfAReader = 3; // run.db, its log, its shared memory
constexpr int kMostReaders = 16;
constexpr int kEveryRunHadItsTurn = 10;

class SeriesScanTest : public testing::Test
{
protected:
    SeriesScanTest()
    {
        for (int number = 0; number < kRuns; ++number) {
            const std::string id = "run-" + std::to_string(number);
            watched->emplace(id, 1);
            const RunLayout run = layout(id);
            std::filesystem::create_directories(run.root);
            if (number == 0) {
                const auto writer = store::RunWriter::open(run).value();
                writer->beginAttempt(std::nullopt).value();
                writer->addMetrics(1, 10, {{"loss", 2.0}, {"lr", 0.1}});
                writer->endAttempt(0, "Done.").value();
            } else {
                std::filesystem::copy_file(layout("run-0").database(), run.database());
            }
            letAge(run);
        }
    }
    [[nodiscard]] RunLayout layout(const std::string& id) const { return WorkspaceLayout{folder.path()}.run(id); }
    static void letAge(const RunLayout& run)
    {
        using namespace std::chrono_literals;
        std::filesystem::last_write_time(run.database(), std::filesystem::file_time_type::clock::now() - 1h);
    }
    SeriesScan::Portions poll() { return scan.poll(watched, nullptr, cancelled); }
    void readAll()
    {
        std::size_t complete = 0;
        SeriesScan::Portions seen;
        do {
            seen = poll();
            complete += static_cast<std::size_t>(std::count_if(seen.portions.begin(), seen.portions.end(),
                                                               [](const auto& portion) { return portion.complete; }));
        } while (seen.more);
        ASSERT_EQ(complete, static_cast<std::size_t>(kRuns));
    }

    test::TemporaryFolder folder;
    std::shared_ptr<WatchedRuns> watched = std::make_shared<WatchedRuns>();
    std::atomic<bool> cancelled = false;
    SeriesScan scan{folder.path()};
};

TEST_F(SeriesScanTest, KeepsNoFileOpenAndAsksNothingOfRunsThatHaveEnded)
{
    test::StatementCounter statements;
    const std::ptrdiff_t before = test::openFiles();
    ASSERT_NO_FATAL_FAILURE(readAll());
    EXPECT_LE(test::openFiles(), before + kMostReaders * kDescriptorsOfAReader);
    EXPECT_GE(statements.take(), kRuns) << "the counter sees no statements";
    for (int i = 0; i < kEveryRunHadItsTurn; ++i) {
        EXPECT_TRUE(poll().portions.empty());
    }
    EXPECT_EQ(test::openFiles(), before);
    EXPECT_EQ(statements.take(), 0);
}

TEST_F(SeriesScanTest, SeesWithinATurnWhatAnEndedRunRecordsAgain)
{
    ASSERT_NO_FATAL_FAILURE(readAll());
    for (int i = 0; i < kEveryRunHadItsTurn; ++i) {
        (void)poll();
    }
    const auto writer = store::RunWriter::open(layout("run-77")).value();
    writer->beginAttempt(1).value();
    writer->addMetrics(2, 20, {{"loss", 1.5}});
    writer->flush().value();
    std::vector<SeriesPortion> seen;
    for (int i = 0; i < kEveryRunHadItsTurn; ++i) {
        for (SeriesPortion& portion : poll().portions) {
            seen.push_back(std::move(portion));
        }
    }
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].runId, "run-77");
    EXPECT_EQ(seen[0].voidAfter, 1);
    EXPECT_THAT(seen[0].added.at("loss").values, testing::ElementsAre(1.5));
    // From then on every look sees what it writes, also within one tick of the file system's clock.
    for (int step = 3; step < 20; ++step) {
        writer->addMetrics(step, 10 * step, {{"loss", 1.0}});
        writer->flush().value();
        const SeriesScan::Portions next = poll();
        ASSERT_EQ(next.portions.size(), 1U) << "step " << step;
        EXPECT_THAT(next.portions[0].added.at("loss").steps, testing::ElementsAre(step));
    }
}

} // namespace
} // namespace dskd::ui
