#include "core/bench/measure.h"

#include <ATen/ATen.h>
#include <array>
#include <functional>
#include <gtest/gtest.h>
#include <string>

namespace dskd::bench
{
namespace
{

TEST(Quartiles, LieBetweenNeighbours)
{
    const Quartiles quartiles = quartilesOf({4.0, 1.0, 3.0, 2.0});
    EXPECT_DOUBLE_EQ(quartiles.low, 1.75);
    EXPECT_DOUBLE_EQ(quartiles.median, 2.5);
    EXPECT_DOUBLE_EQ(quartiles.high, 3.25);
    EXPECT_DOUBLE_EQ(quartilesOf({7.0}).high, 7.0);
}

TEST(MeasureInTurns, TakesTurnsAfterOneThatIsNotMeasured)
{
    std::string order;
    const std::array<std::function<void()>, 2> works{[&] { order += 'a'; }, [&] { order += 'b'; }};
    EXPECT_EQ(measureInTurns(at::kCPU, works, 3).size(), 2U);
    EXPECT_EQ(order, "abababab");
}

TEST(MeasureInTurns, FindsTheMemoryAndTheTimeOfAWork)
{
    const std::array<std::function<void()>, 1> works{[] { (void)at::ones({64 << 18}).sum().item<double>(); }};
    const Measured measured = measureInTurns(at::kCPU, works, 3).front();
    if (resetResidentPeak()) {
        EXPECT_GT(measured.peakBytes, 60U << 20) << "64 MiB of ones";
    } else {
        EXPECT_EQ(measured.peakBytes, 0U) << "this kernel measures no peaks";
    }
    EXPECT_GT(measured.wall.median, 0.0);
    EXPECT_GE(measured.wall.high, measured.wall.low);
}

TEST(ResetResidentPeak, FailsWhereTheKernelDoesNotTakeTheNumber)
{
    EXPECT_FALSE(resetResidentPeak("/proc/self/nothing"));
    EXPECT_FALSE(resetResidentPeak("/dev/full")) << "can be opened, takes nothing";
    EXPECT_TRUE(resetResidentPeak("/dev/null"));
}

TEST(ProductRate, IsPositive)
{
    EXPECT_GT(productRate(at::kCPU, at::kFloat), 0.0);
}

} // namespace
} // namespace dskd::bench
