#include "core/base/usable_threads.h"

#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sched.h>
#include <thread>

namespace dskd
{
namespace
{

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

TEST(UsableThreads, AreNoMoreThanTheProcessorsOfThisThread)
{
    int usable = 0;
    std::thread([&] { // a narrower mask of its own, which ends with it
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
        ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
        usable = usableThreads();
    })
        .join();
    EXPECT_EQ(usable, 1);
}

class ProcessorQuota : public testing::Test
{
protected:
    std::optional<int> quota() { return processorQuota(folder / "cgroup", folder / "root"); }

    test::TemporaryFolder folder;
};

TEST_F(ProcessorQuota, IsRoundedUp)
{
    write(folder / "cgroup", "9:cpu:/elsewhere\n0::/slice/job\n");
    write(folder / "root/slice/job/cpu.max", "150000 100000\n");
    EXPECT_EQ(quota(), 2);
}

TEST_F(ProcessorQuota, IsTheLowestOfTheGroupsAbove)
{
    write(folder / "cgroup", "0::/slice/job\n");
    write(folder / "root/slice/job/cpu.max", "800000 100000\n");
    write(folder / "root/slice/cpu.max", "400000 100000\n");
    EXPECT_EQ(quota(), 4);
    write(folder / "root/cpu.max", "300000 100000\n"); // inside a container the root is the container's group
    EXPECT_EQ(quota(), 3);
}

TEST_F(ProcessorQuota, IsNoneWithoutALimit)
{
    EXPECT_EQ(quota(), std::nullopt);
    write(folder / "cgroup", "0::/slice\n");
    EXPECT_EQ(quota(), std::nullopt);
    write(folder / "root/slice/cpu.max", "max 100000\n");
    EXPECT_EQ(quota(), std::nullopt);
}

} // namespace
} // namespace dskd
