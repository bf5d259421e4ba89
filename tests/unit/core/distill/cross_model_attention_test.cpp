#include "core/distill/cross_model_attention.h"

#include "core/distill/distiller.h"
#include "tests/support/step_rows.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dskd::distill
{
namespace
{

using support::Draw;

TEST(CrossModelAttention, KeepsSamplesApart)
{
    Draw draw(1);
    const at::Tensor query = draw.normal({5, 4});
    const at::Tensor key = draw.normal({6, 4});
    const at::Tensor value = draw.normal({6, 3});
    const CrossModelAttention both(query, key, {2, 3}, {4, 2});
    const CrossModelAttention first(query.narrow(0, 0, 2), key.narrow(0, 0, 4), {2}, {4});
    const CrossModelAttention second(query.narrow(0, 2, 3), key.narrow(0, 4, 2), {3}, {2});
    const at::Tensor expected =
        at::cat({first.toQueries(value.narrow(0, 0, 4)), second.toQueries(value.narrow(0, 4, 2))}, 0);
    EXPECT_TRUE(both.toQueries(value).allclose(expected, 0.0, 1e-14));
}

TEST(CrossModelAttention, WeightsAreSoftmaxesOfTheScaledProducts)
{
    const at::Tensor query = at::tensor({2.0, 0.0, 0.0, 0.0}, at::kDouble).reshape({1, 4});
    const at::Tensor key = at::tensor({1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0}, at::kDouble).reshape({2, 4});
    const CrossModelAttention attention(query, key, {1}, {2});
    const double e = std::exp(2.0 / std::sqrt(4.0));
    const at::Tensor weights = attention.queryWeights()[0];
    EXPECT_NEAR(weights[0][0].item<double>(), e / (e + 1.0), 1e-14);
    EXPECT_NEAR(weights[0][1].item<double>(), 1.0 / (e + 1.0), 1e-14);
    // Each key has one query to look at.
    EXPECT_TRUE(attention.keyWeights()[0].equal(at::ones({2, 1}, at::kDouble)));
}

TEST(CrossModelAttention, GivesAQueryWithoutKeysZeros)
{
    Draw draw(2);
    const CrossModelAttention attention(draw.normal({3, 4}), draw.normal({2, 4}), {1, 2}, {2, 0});
    const at::Tensor shown = attention.toQueries(draw.normal({2, 5}));
    EXPECT_EQ(shown.sizes(), at::IntArrayRef({3, 5}));
    EXPECT_EQ(shown.narrow(0, 1, 2).abs().max().item<double>(), 0.0);
}

TEST(CrossModelAttention, RefusesSamplesThatDoNotSumToTheRows)
{
    const at::Tensor rows = at::zeros({3, 4}, at::kDouble);
    EXPECT_THROW(CrossModelAttention(rows, rows, {1, 1}, {1, 2}), c10::Error);
    EXPECT_THROW(CrossModelAttention(rows, rows, {3}, {1, 2}), c10::Error);
}

TEST(DividedByDeviation, HasUnitDeviationAndLeavesConstantsAlone)
{
    Draw draw(3);
    EXPECT_NEAR(dividedByDeviation(draw.normal({7, 5}, 4.0) + 2.0).std().item<double>(), 1.0, 1e-14);
    const at::Tensor constant = at::ones({3, 3}, at::kDouble);
    EXPECT_TRUE(dividedByDeviation(constant).equal(constant));
    EXPECT_EQ(dividedByDeviation(at::zeros({0, 4})).numel(), 0);
}

TEST(AttentionMaps, HaveRowsThatSumToOneForEverySample)
{
    config::MethodConfig method;
    method.alignment = config::Alignment::Cma;
    const Distiller distiller(method, {6, 10}, 4, 3, at::kCPU, at::kDouble);
    const AttentionMaps maps = distiller.attention(support::randomRows({6, 10, 83, 71, {5, 1, 7}, {3, 2, 9}}));
    ASSERT_EQ(maps.studentFromTeacher.size(), 3u);
    ASSERT_EQ(maps.teacherFromStudent.size(), 3u);
    EXPECT_EQ(maps.studentFromTeacher[2].sizes(), at::IntArrayRef({7, 9}));
    EXPECT_EQ(maps.teacherFromStudent[2].sizes(), at::IntArrayRef({9, 7}));
    for (const auto& list : {maps.studentFromTeacher, maps.teacherFromStudent}) {
        for (const at::Tensor& map : list) {
            EXPECT_EQ(map.scalar_type(), at::kFloat);
            EXPECT_FALSE(map.requires_grad());
            EXPECT_LE((map.sum(1) - 1.0).abs().max().item<double>(), 1e-6); // float32
        }
    }
}

} // namespace
} // namespace dskd::distill
