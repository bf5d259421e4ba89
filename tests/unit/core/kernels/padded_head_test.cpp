// Heads with rows that stand for no token: a model's own padding, and what a GPU's matrix product favours.

#include "tests/unit/core/kernels/head_problem.h"

namespace dskd::kernels
{
namespace
{

class PaddedHeadOfEveryDistance : public testing::TestWithParam<Distance>
{
};

INSTANTIATE_TEST_SUITE_P(All, PaddedHeadOfEveryDistance, testing::ValuesIn(kAllDistances),
                         [](const auto& instance) { return std::string(name(instance.param)); });

// As heads are padded on a GPU. The rows' largest logits are made negative, below the padding's zeros.
TEST_P(PaddedHeadOfEveryDistance, IsLookedAtInNoPaddingColumn)
{
    Problem problem = withLabelWeights(GetParam());
    const auto lowered = [](const at::Tensor& rows) {
        return at::cat({rows.detach(), at::full({rows.size(0), 1}, -9.0, at::kDouble)}, 1).requires_grad_(true);
    };
    const at::Tensor head = problem.input.student.head.detach();
    problem.input.student = {lowered(problem.input.student.hidden),
                             at::cat({head, at::ones({head.size(0), 1}, at::kDouble)}, 1).requires_grad_(true), 12.0};
    problem.input.target = {lowered(problem.input.target.hidden), problem.input.student.head, 15.0};
    const Outcome expected = eager(problem);
    for (const std::int64_t headColumns : {1, 64, 83}) {
        SCOPED_TRACE(headColumns);
        const HeadLossSums sums = headLoss(problem.input, problem.terms, 16, headColumns).sums;
        EXPECT_EQ(sums.correct, headLoss(problem.input, problem.terms, 16).sums.correct);
        expectSame(fused(problem, 16, headColumns), expected, kExact);
        EXPECT_TRUE(argmaxRows(problem.input.student, 16, headColumns).equal(argmaxRows(problem.input.student, 16)));
        EXPECT_LE(largestDifference(labelLogProbs(problem.input.student, problem.input.rows.labels, 16, headColumns),
                                    labelLogProbs(problem.input.student, problem.input.rows.labels, 16)),
                  kExact);
    }
}

TEST(PaddedHead, MayBeOneOfMatchedTokens)
{
    Problem problem = studentSpace(Distance::Kl);
    Draw draw(33);
    problem.input.target = {draw.normal({70, 5}), draw.normal({50, 5})};
    problem.input.targetColumns = at::randperm(83, at::kLong).narrow(0, 0, 50);
    problem.input.rows.labelOnly = at::arange(70).remainder(4).eq(0);
    problem.terms.targetCrossEntropy = std::nullopt;
    const Outcome expected = fused(problem, 16, 1);
    const Outcome padded = fused(problem, 16, 64);
    EXPECT_NEAR(padded.loss, expected.loss, kExact);
    EXPECT_LE(largestDifference(padded.studentHidden, expected.studentHidden), kExact);
    EXPECT_LE(largestDifference(padded.studentHead, expected.studentHead), kExact);
}

TEST(PaddedHead, ComparesHeadsOfDifferentPaddedWidthOnTheirCommonColumns)
{
    for (const bool studentIsWider : {true, false}) {
        Problem problem = studentSpace(Distance::Rkl);
        Draw draw(31);
        const at::Tensor wide = draw.normal({90, 6});
        const at::Tensor narrow = draw.normal({83, 6});
        problem.input.student.head = (studentIsWider ? wide : narrow).clone().requires_grad_(true);
        problem.input.target.head = studentIsWider ? narrow : wide;
        problem.terms.targetCrossEntropy = std::nullopt;
        const Outcome ours = fused(problem, 16);
        const at::Tensor logits = at::mm(problem.input.student.hidden, problem.input.student.head.t());
        const at::Tensor target = at::mm(problem.input.target.hidden.detach(), problem.input.target.head.t());
        const at::Tensor distances =
            oracle::distances(logits.slice(1, 0, 83), target.slice(1, 0, 83), problem.terms.divergence);
        const Outcome expected =
            outcomeOf(problem, 0.7 * oracle::crossEntropy(logits, problem.input.rows.labels).sum() +
                                   0.3 * (distances * problem.input.rows.distanceWeights).sum());
        EXPECT_NEAR(ours.loss, expected.loss, kExact);
        EXPECT_LE(largestDifference(ours.studentHead, expected.studentHead), kExact);
        EXPECT_LE(largestDifference(ours.studentHidden, expected.studentHidden), kExact);
        EXPECT_FALSE(ours.targetHidden.defined());
    }
}

TEST(PaddedHead, IgnoresPaddingColumnsThatNoRowCanReach)
{
    Problem problem = studentSpace(Distance::Kl);
    // A constant last feature makes the padding's logits -1e4 for every row.
    const auto withFeature = [](const at::Tensor& hidden) {
        return at::cat({hidden.detach(), at::ones({hidden.size(0), 1}, at::kDouble)}, 1).requires_grad_(true);
    };
    const at::Tensor head = problem.input.student.head.detach();
    at::Tensor padding = at::zeros({13, 7}, at::kDouble);
    padding.select(1, 6).fill_(-1e4);
    Problem padded = problem;
    padded.input.student.hidden = withFeature(problem.input.student.hidden);
    padded.input.target.hidden = withFeature(problem.input.target.hidden);
    padded.input.student.head =
        at::cat({at::cat({head, at::zeros({83, 1}, at::kDouble)}, 1), padding}, 0).requires_grad_(true);
    padded.input.target.head = padded.input.student.head;
    const Outcome expected = fused(problem, 16);
    const Outcome actual = fused(padded, 16);
    EXPECT_NEAR(actual.loss, expected.loss, kExact);
    EXPECT_LE(largestDifference(actual.studentHidden.slice(1, 0, 6), expected.studentHidden), kExact);
    EXPECT_EQ(actual.studentHead.slice(0, 83).abs().max().item<double>(), 0.0);
}

} // namespace
} // namespace dskd::kernels
