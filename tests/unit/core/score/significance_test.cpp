#include "core/score/significance.h"

#include <cmath>
#include <gmock/gmock.h>
#include <numbers>
#include <vector>

namespace dskd::score
{
namespace
{

using testing::DoubleNear;
using testing::ElementsAre;

// Quantiles t(0.975) as printed tables of Student's t have them.
TEST(Interval, TakesStudentsT)
{
    for (const auto& [n, t] : {std::pair(2, 12.706), {3, 4.303}, {5, 2.776}, {10, 2.262}, {31, 2.042}}) {
        EXPECT_NEAR(intervalHalfWidth(std::sqrt(n), n), t, 5e-4) << n;
    }
    EXPECT_DOUBLE_EQ(standardError(6.0, 9), 2.0);
    EXPECT_DOUBLE_EQ(intervalHalfWidth(0.0, 3), 0.0);
}

// The additional sleep of ten patients under two drugs (Student, "The probable error of a mean", 1908): t = 4.0621 with
// 9 degrees of freedom; R prints p-value = 0.002833 for t.test(extra ~ group, data = sleep, paired = TRUE).
TEST(PairedTTest, GivesThePublishedValueOfStudentsOwnData)
{
    const std::vector<double> differences{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
    EXPECT_NEAR(pairedTTest(differences), 0.002833, 5e-7);
}

// With 1 degree of freedom p = 1 - 2/pi atan t, with 2 it is 1 - t / sqrt(2 + t^2).
TEST(PairedTTest, AgreesWithTheClosedForms)
{
    EXPECT_NEAR(pairedTTest(std::vector{1.0, 3.0}), 1.0 - 2.0 / std::numbers::pi * std::atan(2.0), 1e-12);
    EXPECT_NEAR(pairedTTest(std::vector{1.0, 2.0, 3.0}), 1.0 - std::sqrt(12.0 / 14.0), 1e-12);
    EXPECT_NEAR(pairedTTest(std::vector{-1.0, -2.0, -3.0}), 1.0 - std::sqrt(12.0 / 14.0), 1e-12) << "both sides";
}

TEST(PairedTTest, OfDifferencesWithoutSpreadIsCertain)
{
    EXPECT_EQ(pairedTTest(std::vector{0.0, 0.0, 0.0}), 1.0);
    EXPECT_EQ(pairedTTest(std::vector{0.5, 0.5, 0.5}), 0.0);
}

// All draws counted: of {3, -1} one in four has no mean above 0, of {4, 1, -2} ten in twenty-seven.
TEST(PairedBootstrap, ApproachesTheShareOfAllDraws)
{
    constexpr int kDraws = 20000;
    EXPECT_NEAR(pairedBootstrap(std::vector{3.0, -1.0}, kDraws, 1), 2.0 / 4.0, 0.02);
    EXPECT_NEAR(pairedBootstrap(std::vector{-3.0, 1.0}, kDraws, 1), 2.0 / 4.0, 0.02);
    EXPECT_NEAR(pairedBootstrap(std::vector{4.0, 1.0, -2.0}, kDraws, 1), 20.0 / 27.0, 0.02);
}

TEST(PairedBootstrap, IsNeverZeroAndNeverAboveOne)
{
    EXPECT_DOUBLE_EQ(pairedBootstrap(std::vector{1.0, 1.0, 1.0}, 999, 1), 2.0 / 1000.0);
    EXPECT_EQ(pairedBootstrap(std::vector{0.0, 0.0}, 999, 1), 1.0);
    EXPECT_EQ(pairedBootstrap(std::vector{1.0, -1.0}, 999, 1), 1.0);
}

TEST(PairedBootstrap, IsAFunctionOfItsSeed)
{
    const std::vector<double> differences{0.3, -0.1, 0.2, -0.15, 0.1, 0.05, -0.2};
    EXPECT_EQ(pairedBootstrap(differences, 50000, 7), pairedBootstrap(differences, 50000, 7));
    EXPECT_NE(pairedBootstrap(differences, 50000, 7), pairedBootstrap(differences, 50000, 8));
}

// As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
TEST(Holm, RaisesEachByWhatIsLeftToTest)
{
    EXPECT_THAT(holm({0.01, 0.04, 0.03, 0.005}), ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12),
                                                             DoubleNear(0.06, 1e-12), DoubleNear(0.02, 1e-12)));
    EXPECT_THAT(holm({0.7, 0.9}), ElementsAre(1.0, 1.0));
    EXPECT_THAT(holm({}), testing::IsEmpty());
}

} // namespace
} // namespace dskd::score
