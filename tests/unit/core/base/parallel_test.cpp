#include "core/base/parallel.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace dskd
{
namespace
{

TEST(Parallel, DoesEveryItemOnce)
{
    for (const std::size_t count : {0U, 1U, 31U, 32U, 33U, 1000U}) {
        for (const int threads : {1, 4}) {
            std::vector<int> times(count, 0);
            inParallel(count,
                       [&](const Block& block) {
                           for (std::size_t i = block.begin; i < block.end; ++i) {
                               ++times[i];
                           }
                       },
                       {.threads = threads});
            EXPECT_EQ(std::count(times.begin(), times.end(), 1), static_cast<std::ptrdiff_t>(count)) << threads;
        }
    }
}

TEST(Parallel, RunsOnTheThreadsItSays)
{
    const ParallelOptions options{.threads = 3};
    ASSERT_EQ(numThreads(1000, options), 3U);
    std::latch allThree(3); // each waits in its first block, so that none can take the others' share
    std::vector<std::thread::id> ids(3);
    inParallel(
        1000,
        [&](const Block& block) {
            if (ids[block.thread] == std::thread::id{}) {
                ids[block.thread] = std::this_thread::get_id();
                allThree.arrive_and_wait();
            }
            EXPECT_EQ(ids[block.thread], std::this_thread::get_id());
        },
        options);
    EXPECT_EQ(ids[0], std::this_thread::get_id());
    EXPECT_NE(ids[1], ids[2]);
}

TEST(Parallel, KeepsFewItemsOnTheCallersThread)
{
    EXPECT_EQ(numThreads(0, {.threads = 8}), 1U);
    EXPECT_EQ(numThreads(127, {.threads = 8}), 1U);
    EXPECT_EQ(numThreads(128, {.threads = 8}), 2U);
    EXPECT_EQ(numThreads(1U << 20U, {.threads = 8}), 8U);
    EXPECT_GE(numThreads(1U << 20U), 1U);
}

TEST(Parallel, ThrowsTheExceptionOfTheLowestBlock)
{
    for (int repeat = 0; repeat < 20; ++repeat) {
        std::latch bothFail(2); // the blocks of 32 and 64 fail at the same time, on two threads
        try {
            inParallel(1000,
                       [&](const Block& block) {
                           if (block.begin == 32 || block.begin == 64) {
                               bothFail.arrive_and_wait();
                               throw std::runtime_error(std::to_string(block.begin));
                           }
                       },
                       {.threads = 4});
            FAIL() << "nothing was thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "32");
        }
    }
}

TEST(Parallel, BeginsNoBlockAfterAnException)
{
    std::vector<std::size_t> begun;
    const auto work = [&](const Block& block) {
        begun.push_back(block.begin);
        if (block.begin == 32) {
            throw std::runtime_error("broken");
        }
    };
    EXPECT_THROW(inParallel(1000, work, {.threads = 1}), std::runtime_error);
    EXPECT_THAT(begun, testing::ElementsAre(0U, 32U));
}

TEST(Parallel, BeginsNoBlockAfterAStop)
{
    std::atomic<bool> stop{false};
    std::vector<std::size_t> begun;
    inParallel(1000,
               [&](const Block& block) {
                   begun.push_back(block.begin);
                   stop = block.begin == 64;
               },
               {.threads = 1, .stop = &stop});
    EXPECT_THAT(begun, testing::ElementsAre(0U, 32U, 64U));
}

} // namespace
} // namespace dskd
