#include "core/analysis/structure_distance.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>
#include <vector>

namespace dskd::analysis
{
namespace
{

at::Tensor matrix(std::vector<double> values, std::int64_t columns)
{
    return at::tensor(values, at::kDouble).reshape({-1, columns});
}

TEST(StructureDistance, HasThePublishedSumsAndMeans)
{
    const StructureDistance distance =
        structureDistance(matrix({1, 0, 1, 1, 0, 2}, 2), matrix({1, 0, 1, 0, 1, 1, 2, 1, 0}, 3));
    EXPECT_NEAR(distance.cosine, 2.460883, 5.1e-7); // printed with six digits
    EXPECT_NEAR(distance.product, 1.600000, 5.1e-7);
    EXPECT_NEAR(distance.cosineMean, 0.273431, 5.1e-7);
    EXPECT_NEAR(distance.productMean, 0.533333, 5.1e-7);
    EXPECT_EQ(distance.productRows, 3);
}

TEST(StructureDistance, IsZeroForRotatedAndScaledRepresentations)
{
    const at::Tensor hidden = matrix({1, 2, 3, 1, 0.5, 2, 4, 1}, 2);
    const double angle = 0.7;
    const at::Tensor rotation = matrix({std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)}, 2);
    const StructureDistance distance = structureDistance(hidden, at::mm(hidden, rotation) * 3.0);
    EXPECT_NEAR(distance.cosine, 0.0, 1e-12);
    EXPECT_NEAR(distance.product, 0.0, 1e-12);
}

TEST(StructureDistance, LeavesOutRowsWhoseProductsSumToNothing)
{
    // The first two rows of the student cancel: h_0 h_0 + h_0 h_1 + h_0 h_2 = 1 - 1 + 0.
    const at::Tensor student = matrix({1, 0, -1, 0, 0, 1}, 2);
    const at::Tensor teacher = matrix({1, 0, 1, 1, 0, 2}, 2);
    const StructureDistance distance = structureDistance(student, teacher);
    EXPECT_EQ(distance.productRows, 1);
    EXPECT_TRUE(std::isfinite(distance.product));
    // The remaining row: student (0, 0, 1), teacher (0, 2, 4) / 6.
    EXPECT_NEAR(distance.product, 2.0 / 6.0 + 2.0 / 6.0, 1e-12);
    EXPECT_NEAR(distance.productMean, distance.product, 1e-12);
}

TEST(StructureDistance, TakesZeroRowsAsUnrelatedToEverything)
{
    const StructureDistance distance = structureDistance(matrix({0, 0, 1, 0}, 2), matrix({1, 0, 0, 1}, 2));
    EXPECT_NEAR(distance.cosine, 1.0, 1e-12); // only M(0,0) differs: 0 and 1
    EXPECT_TRUE(std::isfinite(distance.product));
}

TEST(StructureDistance, IsZeroForNoRows)
{
    const StructureDistance distance = structureDistance(at::zeros({0, 3}), at::zeros({0, 5}));
    EXPECT_EQ(distance.cosine, 0.0);
    EXPECT_EQ(distance.productRows, 0);
}

TEST(StructureDistance, DoesNotLoseDigitsToLowPrecisionInputs)
{
    const at::Tensor student = at::linspace(-1.0, 1.0, 40, at::kDouble).reshape({10, 4}).to(at::kBFloat16);
    const at::Tensor teacher = at::linspace(0.5, 2.0, 60, at::kDouble).reshape({10, 6}).to(at::kBFloat16);
    EXPECT_EQ(structureDistance(student, teacher).cosine,
              structureDistance(student.to(at::kDouble), teacher.to(at::kDouble)).cosine);
}

TEST(StructureDistance, NamesTheShapesThatDisagree)
{
    try {
        (void)structureDistance(at::zeros({2, 3}), at::zeros({3, 3}));
        FAIL() << "nothing was thrown";
    } catch (const c10::Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("[2, 3] and [3, 3]"));
    }
}

} // namespace
} // namespace dskd::analysis
