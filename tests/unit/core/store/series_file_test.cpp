// The copy of the metrics that charts read: what it gives back, and when it is not to be used.

#include "core/store/series_file.h"

#include "tests/unit/core/store/run_db.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <limits>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;

constexpr std::int64_t kSteps = 10'000; // two blocks and a half
constexpr std::int64_t kSpike = 6'789;

class SeriesFileTest : public RunDb
{
protected:
    // Of a run with `kSteps` steps.
    void record()
    {
        const auto writing = writer();
        writing->beginAttempt(std::nullopt).value();
        for (std::int64_t step = 1; step <= kSteps; ++step) {
            const std::int64_t tokens = step < 5000 ? 7 * step : step * 1'000'000'000'000; // one jump beyond 32 bits
            writing->addMetrics(step, tokens, {{"loss", lossAt(step)}});
            if (step % 3 == 0) {
                writing->addMetrics(step, tokens, {{"lr", 1.0 / static_cast<double>(step)}});
            }
        }
        (void)writing->flush().value();
    }
    static double lossAt(std::int64_t step)
    {
        switch (step) {
        case 17: return std::numeric_limits<double>::quiet_NaN();
        case 18: return std::numeric_limits<double>::infinity();
        case 19: return -std::numeric_limits<double>::infinity();
        case 20: return -0.0;
        case kSpike: return 1e9;
        default: return std::sin(static_cast<double>(step * step));
        }
    }
    void makeFile()
    {
        RunReader reading = reader();
        SeriesFileWriter file = SeriesFileWriter::create(run.series(), reading.attempts()).value();
        reading.eachMetricAfter(
            0, 0, [&](const std::string& name, const MetricPoint& point) { file.add(name, point).value(); });
        file.commit().value();
    }
    std::optional<SeriesFile> openFile()
    {
        RunReader reading = reader();
        return SeriesFile::open(run.series(), reading);
    }
    static MetricColumns all(const SeriesFile& file, const std::string& metric)
    {
        MetricColumns columns;
        for (const SeriesBlock& block : file.blocks(metric)) {
            EXPECT_TRUE(file.read(block, columns));
        }
        return columns;
    }
    static std::string bytesOf(const std::filesystem::path& file)
    {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void put(const std::filesystem::path& file, const std::string& bytes)
    {
        std::ofstream(file, std::ios::binary | std::ios::trunc).write(bytes.data(), std::ssize(bytes));
    }
};

constexpr std::size_t kInFirstBlock = 5000; // a byte of it

void flip(std::string& bytes, std::size_t at)
{
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
}

bool sameBits(double a, double b)
{
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

TEST_F(SeriesFileTest, GivesBackEveryPointBitByBit)
{
    record();
    makeFile();
    const auto file = openFile();
    ASSERT_TRUE(file);
    RunReader reading = reader();
    for (const char* name : {"loss", "lr"}) {
        const std::vector<MetricPoint> expected = reading.series(name);
        const MetricColumns found = all(*file, name);
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_EQ(found.steps[i], expected[i].step);
            ASSERT_EQ(found.tokens[i], expected[i].tokens);
            ASSERT_TRUE(sameBits(found.times[i], expected[i].time)) << i;
            ASSERT_TRUE(sameBits(found.values[i], expected[i].value) ||
                        (std::isnan(found.values[i]) && std::isnan(expected[i].value)))
                << i;
        }
    }
    EXPECT_EQ(file->directory().points, kSteps + kSteps / 3);
    EXPECT_EQ(file->directory().lastId, reading.lastMetricId());
    EXPECT_EQ(file->directory().lastStep, kSteps);
    EXPECT_TRUE(file->blocks("none").empty());
}

TEST_F(SeriesFileTest, ItsDirectoryAloneShowsTheSpikeAndWhatIsNotFinite)
{
    record();
    makeFile();
    const auto file = openFile();
    ASSERT_TRUE(file);
    const std::vector<SeriesBlock>& blocks = file->blocks("loss");
    ASSERT_EQ(blocks.size(), 3U);
    EXPECT_EQ(blocks[1].firstStep, 4097);
    EXPECT_EQ(blocks[1].lastStep, 8192);
    EXPECT_EQ(blocks[1].bucket.count, 4096);
    EXPECT_EQ(blocks[1].bucket.greatest.step, kSpike);
    EXPECT_EQ(blocks[1].bucket.greatest.value, 1e9);
    EXPECT_EQ(blocks[0].bucket.notFinite, 3);
    ASSERT_TRUE(blocks[0].nonFinite[0] && blocks[0].nonFinite[1] && blocks[0].nonFinite[2]);
    EXPECT_EQ(blocks[0].nonFinite[0]->step, 17);
    EXPECT_EQ(blocks[0].nonFinite[1]->step, 18);
    EXPECT_EQ(blocks[0].nonFinite[2]->step, 19);
    EXPECT_EQ(blocks[2].bucket.notFinite, 0);
}

TEST_F(SeriesFileTest, SaysWhereToGoOnInRunDb)
{
    record();
    makeFile();
    const auto writing = writer();
    writing->addMetrics(kSteps + 1, 1, {{"loss", 0.25}});
    (void)writing->flush().value();
    const auto file = openFile();
    ASSERT_TRUE(file) << "what was appended leaves it as it was";
    const auto rest = reader().series("loss", file->directory().lastId);
    EXPECT_THAT(stepsOf(rest), ElementsAre(kSteps + 1));
}

TEST_F(SeriesFileTest, IsNotUsedAfterAResumeThatDeletedRowsOfIt)
{
    record();
    makeFile();
    writer()->beginAttempt(kSteps).value();
    EXPECT_TRUE(openFile()) << "nothing of it was deleted";
    writer()->beginFailedAttempt().value();
    EXPECT_TRUE(openFile()) << "nor here";
    writer()->beginAttempt(kSteps - 1).value();
    EXPECT_FALSE(openFile());
    makeFile();
    const auto file = openFile();
    ASSERT_TRUE(file);
    EXPECT_EQ(all(*file, "loss").steps.back(), kSteps - 1);
    writer()->beginAttempt(std::nullopt).value();
    EXPECT_FALSE(openFile()) << "everything was deleted";
}

TEST_F(SeriesFileTest, IsNotUsedWithAnotherRunDb)
{
    record();
    makeFile();
    const std::string foreign = bytesOf(run.series());
    std::filesystem::remove(run.database());
    record(); // the same rows with the same ids, of another attempt
    ASSERT_TRUE(std::filesystem::exists(run.series()));
    EXPECT_FALSE(openFile());
    makeFile();
    EXPECT_TRUE(openFile());
    put(run.series(), foreign);
    EXPECT_FALSE(openFile());
}

TEST_F(SeriesFileTest, IsNotUsedWhenItWasTorn)
{
    record();
    makeFile();
    const std::string whole = bytesOf(run.series());
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{7}, std::size_t{40}, whole.size() / 2, whole.size() - 33, whole.size() - 1}) {
        put(run.series(), whole.substr(0, kept));
        EXPECT_FALSE(openFile()) << kept;
    }
    put(run.series(), whole + "x");
    EXPECT_FALSE(openFile());
    std::string flipped = whole;
    flip(flipped, whole.size() - 200); // in the directory
    put(run.series(), flipped);
    EXPECT_FALSE(openFile());
    flipped = whole;
    flip(flipped, kInFirstBlock);
    put(run.series(), flipped);
    const auto file = openFile();
    ASSERT_TRUE(file) << "the directory is whole";
    MetricColumns columns;
    const auto damaged = [](const SeriesBlock& block) {
        return block.offset <= kInFirstBlock && kInFirstBlock < block.offset + block.bytes;
    };
    int numDamaged = 0;
    for (const char* name : {"loss", "lr"}) {
        for (const SeriesBlock& block : file->blocks(name)) {
            EXPECT_EQ(file->read(block, columns), !damaged(block));
            numDamaged += damaged(block) ? 1 : 0;
        }
    }
    EXPECT_EQ(numDamaged, 1);
}

TEST_F(SeriesFileTest, LeavesNothingBehindWhenItIsGivenUp)
{
    record();
    const std::vector<AttemptRow> attempts = reader().attempts(); // reading makes the files of the log
    const auto before = std::distance(std::filesystem::directory_iterator(run.root), {});
    {
        SeriesFileWriter file = SeriesFileWriter::create(run.series(), attempts).value();
        for (std::int64_t step = 1; step <= kSteps; ++step) {
            file.add("loss", {step, step, step, 0.0, 1.0}).value();
        }
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(run.root), {}), before);
    EXPECT_FALSE(openFile());
}

} // namespace
} // namespace dskd::store
