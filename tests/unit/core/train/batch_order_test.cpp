#include "core/train/data/batch_order.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::train
{
namespace
{

std::vector<std::int64_t> flat(const std::vector<std::vector<std::int64_t>>& batches)
{
    std::vector<std::int64_t> all;
    for (const auto& batch : batches) {
        all.insert(all.end(), batch.begin(), batch.end());
    }
    return all;
}

std::vector<std::int64_t> epochOf(BatchOrder& order, std::int64_t epoch)
{
    std::vector<std::int64_t> all;
    for (std::int64_t step = 0; step < order.stepsPerEpoch(); ++step) {
        const auto part = flat(order.microBatches(epoch * order.stepsPerEpoch() + step));
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

} // namespace

TEST(BatchOrder, VisitsEverySampleOncePerEpochIncludingTheIncompleteLastBatch)
{
    BatchOrder order(10, 11, 2, 2);
    EXPECT_EQ(order.stepsPerEpoch(), 3);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
        std::vector<std::int64_t> all = epochOf(order, epoch);
        std::sort(all.begin(), all.end());
        EXPECT_THAT(all, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    }
    const auto last = order.microBatches(2); // 3 samples are left
    ASSERT_EQ(last.size(), 2u);
    EXPECT_EQ(last[0].size(), 2u);
    EXPECT_EQ(last[1].size(), 1u);
}

TEST(BatchOrder, DependsOnNothingButSeedAndStep)
{
    BatchOrder fromTheStart(10, 50, 4, 1);
    for (std::int64_t step = 0; step < 30; ++step) {
        (void)fromTheStart.microBatches(step);
    }
    BatchOrder resumed(10, 50, 4, 1);
    EXPECT_EQ(fromTheStart.microBatches(31), resumed.microBatches(31));
}

TEST(BatchOrder, DiffersBetweenEpochsAndBetweenSeeds)
{
    BatchOrder order(10, 50, 5, 1);
    BatchOrder other(11, 50, 5, 1);
    const auto first = epochOf(order, 0);
    EXPECT_NE(first, epochOf(order, 1));
    EXPECT_NE(first, epochOf(other, 0));
}

TEST(BatchOrder, SplittingAStepIntoMicroBatchesDoesNotChangeItsSamples)
{
    BatchOrder whole(10, 50, 8, 1);
    BatchOrder split(10, 50, 2, 4);
    for (std::int64_t step = 0; step < 20; ++step) {
        EXPECT_EQ(flat(whole.microBatches(step)), flat(split.microBatches(step)));
    }
}

} // namespace dskd::train
