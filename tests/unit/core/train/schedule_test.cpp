#include "core/train/loop/schedule.h"

#include <gtest/gtest.h>

namespace dskd::train
{

TEST(LearningRate, CosineFollowsTorchsCosineAnnealing)
{
    // torch 2.11: CosineAnnealingLR(AdamW(lr=5e-4), T_max=10, eta_min=1e-7)
    const double expected[] = {
        0.0005,     0.0004877665762479737, 0.0004522637977440181, 0.0003969669238105037, 0.0003272887977440181,
        0.00025005, 0.0001728112022559819, 0.0001031330761894964, 4.783620225598192e-05, 1.233342375202638e-05};
    const LearningRate rate{config::Schedule::Cosine, 5e-4, 1e-7, 0, 10};
    for (int step = 0; step < 10; ++step) {
        EXPECT_NEAR(rate.at(step), expected[step], 1e-17) << "step " << step; // torch multiplies up, we evaluate anew
    }
}

TEST(LearningRate, WarmUpRisesLinearlyAndReachesThePeakWithItsLastStep)
{
    const LearningRate rate{config::Schedule::Cosine, 1.0, 0.0, 4, 12};
    EXPECT_DOUBLE_EQ(rate.at(0), 0.25);
    EXPECT_DOUBLE_EQ(rate.at(1), 0.50);
    EXPECT_DOUBLE_EQ(rate.at(3), 1.00);
    EXPECT_DOUBLE_EQ(rate.at(4), 1.00);
    EXPECT_DOUBLE_EQ(rate.at(8), 0.50); // half way through the cosine
}

TEST(LearningRate, LinearFallsToZeroAfterTheLastStep)
{
    const LearningRate rate{config::Schedule::Linear, 2.0, 0.0, 0, 4};
    EXPECT_DOUBLE_EQ(rate.at(0), 2.0);
    EXPECT_DOUBLE_EQ(rate.at(1), 1.5);
    EXPECT_DOUBLE_EQ(rate.at(3), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(4), 0.0);
}

TEST(LearningRate, ConstantStaysAtThePeak)
{
    const LearningRate rate{config::Schedule::Constant, 3.0, 0.0, 1, 5};
    EXPECT_DOUBLE_EQ(rate.at(0), 3.0);
    EXPECT_DOUBLE_EQ(rate.at(100), 3.0);
}

TEST(LearningRate, APeakBelowTheMinimumIsKept)
{
    const LearningRate rate{config::Schedule::Cosine, 1e-9, 1e-7, 0, 10};
    EXPECT_DOUBLE_EQ(rate.at(0), 1e-9);
    EXPECT_DOUBLE_EQ(rate.at(9), 1e-9);
}

} // namespace dskd::train
