#include "core/jobs/sample_counts.h"

#include "tests/support/temporary_folder.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace dskd::jobs
{
namespace
{

class SampleCountsOfAFile : public testing::Test
{
protected:
    void write(int lines)
    {
        std::ofstream out(data.train);
        for (int i = 0; i < lines; ++i) {
            out << R"({"instruction": "a", "output": "b"})" << '\n';
        }
    }
    void SetUp() override
    {
        data.train = (folder / "train.jsonl").string();
        write(3);
    }

    test::TemporaryFolder folder;
    config::DataConfig data;
    SampleCounts counts;
};

TEST_F(SampleCountsOfAFile, AreTakenAgainOnlyWhenItsSizeOrTimeHasChanged)
{
    EXPECT_EQ(counts.of(data), 3);
    const auto time = std::filesystem::last_write_time(data.train);
    const auto size = std::filesystem::file_size(data.train);
    std::ofstream(data.train) << std::string(size, '\n'); // as long, with nothing in it
    std::filesystem::last_write_time(data.train, time);
    EXPECT_EQ(counts.of(data), 3) << "it was not read";
    write(3);
    std::filesystem::last_write_time(data.train, time + std::chrono::seconds(2));
    EXPECT_EQ(counts.of(data), 3);
    write(5);
    EXPECT_EQ(counts.of(data), 5);
}

TEST_F(SampleCountsOfAFile, AreThoseOfTheLimitAndTryAgainWhatCouldNotBeRead)
{
    EXPECT_EQ(counts.of(data), 3);
    data.limit = 2;
    EXPECT_EQ(counts.of(data), 2);
    std::filesystem::remove(data.train);
    EXPECT_FALSE(counts.of(data));
    write(1);
    EXPECT_EQ(counts.of(data), 1);
}

} // namespace
} // namespace dskd::jobs
