// How one run's series are read in portions, without threads.

#include "ui/feed/run_series_reader.h"

#include "core/store/run_writer.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <vector>

namespace dskd::ui
{
namespace
{

constexpr std::int64_t kSteps = 6'000; // too few for a series file: every point lies behind it
constexpr std::int64_t kBudget = 500;
constexpr std::size_t kBuckets = 128;

class RunSeriesReaderTest : public testing::Test
{
protected:
    RunSeriesReaderTest()
    {
        std::filesystem::create_directories(m_run.root);
        m_writer = store::RunWriter::open(m_run).value();
        m_writer->beginAttempt(std::nullopt).value();
        append(1, kSteps);
        m_reader.emplace(store::RunReader::open(m_run).value());
        look(std::nullopt);
        while (m_series.due()) {
            (void)read();
        }
    }

    static double lossAt(std::int64_t step) { return static_cast<double>(step % 97); }
    void append(std::int64_t from, std::int64_t to)
    {
        for (std::int64_t step = from; step <= to; ++step) {
            m_writer->addMetrics(step, step * 10, {{"loss", lossAt(step)}, {"lr", 0.5}});
        }
        (void)m_writer->flush().value();
    }
    void look(std::optional<StepSpan> closely)
    {
        const SeriesRequest request{{{"loss", false}}, closely};
        (void)m_series.setRequest(&request, kBuckets);
    }
    // The rows that it took. What it hands over of the loss is in m_loss.
    std::int64_t read()
    {
        SeriesPortion portion;
        const std::int64_t rows = m_series.read(*m_reader, false, kBudget, portion);
        const auto loss = portion.added.find("loss");
        m_loss = loss == portion.added.end() ? std::nullopt : std::optional(std::move(loss->second));
        return rows;
    }
    // The steps of m_loss within these, each with the value that was recorded.
    [[nodiscard]] std::vector<std::int64_t> shown(std::int64_t first, std::int64_t last) const
    {
        std::vector<std::int64_t> steps;
        for (std::size_t i = 0; m_loss && i < m_loss->size(); ++i) {
            EXPECT_EQ(m_loss->values[i], lossAt(m_loss->steps[i]));
            EXPECT_TRUE(i == 0 || m_loss->steps[i] > m_loss->steps[i - 1]);
            if (m_loss->steps[i] >= first && m_loss->steps[i] <= last) {
                steps.push_back(m_loss->steps[i]);
            }
        }
        return steps;
    }

    test::TemporaryFolder m_folder;
    RunLayout m_run = WorkspaceLayout{m_folder.path()}.run("run");
    std::unique_ptr<store::RunWriter> m_writer;
    std::optional<store::RunReader> m_reader;
    RunSeriesReader m_series{m_run};
    std::optional<SeriesUpdate> m_loss;
};

TEST_F(RunSeriesReaderTest, ReadsOnlyTheRowsOfTheZoomedTail)
{
    look(StepSpan{kSteps - 99, kSteps});
    EXPECT_EQ(read(), 100);
    EXPECT_EQ(shown(kSteps - 99, kSteps).size(), 100U);
    EXPECT_EQ(m_loss->steps.front(), 1) << "the rest is drawn as before";
    EXPECT_EQ(m_loss->total, kSteps);
    EXPECT_FALSE(m_series.due());

    look(StepSpan{201, 300});
    EXPECT_LE(read(), kBudget);
    EXPECT_EQ(shown(201, 300).size(), 100U);
    EXPECT_FALSE(m_series.due());
}

TEST_F(RunSeriesReaderTest, ReadsALargePartInPortionsAndHandsItOverWhole)
{
    constexpr StepSpan kHalf{1'001, 4'000};
    look(kHalf);
    for (int portion = 0; portion < 5; ++portion) {
        EXPECT_EQ(read(), kBudget) << portion;
        EXPECT_FALSE(m_loss) << "not before it is whole";
        ASSERT_TRUE(m_series.due());
    }
    EXPECT_EQ(read(), kBudget);
    const std::vector<std::int64_t> steps = shown(kHalf.first, kHalf.last);
    ASSERT_GT(steps.size(), kBuckets / 2) << "as much as a whole series shows";
    EXPECT_EQ(steps.front(), kHalf.first);
    EXPECT_EQ(steps.back(), kHalf.last);
    EXPECT_FALSE(m_series.due());
}

TEST_F(RunSeriesReaderTest, AddsWhatIsRecordedToTheZoomedTailWithoutReadingItAgain)
{
    look(StepSpan{kSteps - 99, 2 * kSteps});
    EXPECT_EQ(read(), 100);
    append(kSteps + 1, kSteps + 10);
    EXPECT_EQ(read(), 10);
    EXPECT_EQ(shown(kSteps - 99, 2 * kSteps).size(), 110U);
    EXPECT_EQ(m_loss->steps.back(), kSteps + 10);
    look(std::nullopt);
    EXPECT_EQ(read(), 0);
    EXPECT_LT(shown(kSteps - 99, 2 * kSteps).size(), 20U) << "as everywhere else";
}

TEST_F(RunSeriesReaderTest, RowsThatComeWhileAPartIsReadAreInItOnce)
{
    look(StepSpan{kSteps - 599, 2 * kSteps});
    EXPECT_EQ(read(), kBudget);
    append(kSteps + 1, kSteps + 10);
    // These ten for the whole series, then those that the part lacks.
    EXPECT_EQ(read(), 10 + 100 + 10);
    EXPECT_FALSE(m_series.due());
    const std::vector<std::int64_t> steps = shown(kSteps + 1, 2 * kSteps);
    ASSERT_FALSE(steps.empty());
    EXPECT_EQ(steps.back(), kSteps + 10);
    look(StepSpan{kSteps - 89, kSteps + 10});
    EXPECT_EQ(read(), 100);
    EXPECT_EQ(shown(kSteps - 89, kSteps + 10).size(), 100U) << "each once, none missing";
}

} // namespace
} // namespace dskd::ui
