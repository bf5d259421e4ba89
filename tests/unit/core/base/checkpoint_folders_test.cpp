#include "core/base/checkpoint_folders.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <future>
#include <gmock/gmock.h>
#include <limits>

namespace dskd
{
namespace
{

TEST(CheckpointFolders, CountOnlyWhenTheyWereFinished)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    EXPECT_EQ(latestCheckpoint(run), std::nullopt);
    for (const char* name : {"step-5", "step-40", "step-100", "step-x", "step--1", "step-7 copy", "other"}) {
        std::filesystem::create_directories(run.checkpoints() / name);
    }
    for (const char* name : {"step-5", "step-40", "step-x", "step--1", "step-7 copy", "other"}) {
        ASSERT_TRUE(writeFileAtomically(CheckpointLayout{run.checkpoints() / name}.done(), ""));
    }
    EXPECT_THAT(finishedCheckpoints(run), testing::ElementsAre(5, 40)) << "step-100 was interrupted";
    EXPECT_EQ(latestCheckpoint(run), 40);
}

TEST(CheckpointFolders, AreCalledAsTheRunCallsThem)
{
    EXPECT_EQ(checkpointStep("step-0"), 0);
    EXPECT_EQ(checkpointStep("step-9223372036854775807"), std::numeric_limits<std::int64_t>::max());
    for (const char* name : {"step-", "step-05", "step--1", "step-+1", "step-5 best", "step-5.bak", "step-1e3",
                             "step-9223372036854775808", "Step-5", "5", ""}) {
        EXPECT_EQ(checkpointStep(name), std::nullopt) << name;
    }
}

TEST(CheckpointUse, IsSeenByOthersAndEnds)
{
    const test::TemporaryFolder folder;
    const auto checkpoint = folder.path() / "step-5";
    EXPECT_FALSE(CheckpointUse::of(checkpoint)) << "it is gone";
    std::filesystem::create_directories(checkpoint);
    EXPECT_FALSE(CheckpointUse::of(checkpoint)) << "it was not finished";
    ASSERT_TRUE(writeFileAtomically(CheckpointLayout{checkpoint}.done(), ""));
    EXPECT_FALSE(CheckpointUse::isUsed(checkpoint));
    {
        const auto one = CheckpointUse::of(checkpoint);
        const auto two = CheckpointUse::of(checkpoint);
        ASSERT_TRUE(one && two);
        EXPECT_TRUE(CheckpointUse::isUsed(checkpoint));
    }
    EXPECT_FALSE(CheckpointUse::isUsed(checkpoint));
}

TEST(CheckpointUse, WaitsForAPruningAndThenFindsNothing)
{
    const test::TemporaryFolder folder;
    const auto checkpoint = folder.path() / "step-5";
    std::filesystem::create_directories(checkpoint);
    ASSERT_TRUE(writeFileAtomically(CheckpointLayout{checkpoint}.done(), ""));
    {
        const auto use = CheckpointUse::of(checkpoint);
        ASSERT_TRUE(use);
        EXPECT_FALSE(CheckpointUse::alone(checkpoint)) << "it is read";
    }
    auto pruning = CheckpointUse::alone(checkpoint);
    ASSERT_TRUE(pruning);
    auto late = std::async(std::launch::async, [&] { return CheckpointUse::of(checkpoint).has_value(); });
    EXPECT_EQ(late.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
    std::filesystem::remove_all(checkpoint);
    pruning.reset();
    EXPECT_FALSE(late.get());
}

TEST(CheckpointFolders, AreNotCalledMissingWhenTheyCannotBeRead)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    ASSERT_TRUE(writeFileAtomically(run.checkpoints(), "a file in place of the folder"));
    EXPECT_THROW((void)finishedCheckpoints(run), Error);
    EXPECT_THROW((void)latestCheckpoint(run), Error);
}

} // namespace
} // namespace dskd
