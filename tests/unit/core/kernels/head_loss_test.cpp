#include "core/kernels/head_loss.h"

#include "tests/support/counting_allocator.h"
#include "tests/unit/core/kernels/head_problem.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace dskd::kernels
{
namespace
{

class HeadLossOfEveryDistance : public testing::TestWithParam<Distance>
{
};

INSTANTIATE_TEST_SUITE_P(All, HeadLossOfEveryDistance, testing::ValuesIn(kAllDistances),
                         [](const auto& instance) { return std::string(name(instance.param)); });

TEST_P(HeadLossOfEveryDistance, GivesTheSameForEveryChunkSize)
{
    const Problem problem = studentSpace(GetParam());
    const Outcome expected = eager(problem);
    for (const std::int64_t chunkRows : {1, 7, 64, 70, 1000}) {
        SCOPED_TRACE(chunkRows);
        expectSame(fused(problem, chunkRows), expected, kExact);
    }
}

// Which is padded, and multiplied once for both sides.
TEST_P(HeadLossOfEveryDistance, GivesTheSameThroughALargeHead)
{
    const Problem problem = studentSpace(GetParam(), /*rows=*/9, /*vocabulary=*/5003);
    const Outcome expected = eager(problem);
    for (const std::int64_t chunkRows : {4, 1000}) {
        SCOPED_TRACE(chunkRows);
        expectSame(fused(problem, chunkRows), expected, kExact);
    }
}

// Logits are about 2.5 wide here: the student's cap bends all of them, the target's the largest.
TEST_P(HeadLossOfEveryDistance, CapsTheLogitsOfEachSideByItsOwnCap)
{
    Problem problem = studentSpace(GetParam());
    const Outcome plain = fused(problem, 16);
    problem.input.student.softcap = 1.5;
    problem.input.target.softcap = 4.0;
    const Outcome expected = eager(problem);
    for (const std::int64_t chunkRows : {1, 16, 1000}) {
        SCOPED_TRACE(chunkRows);
        expectSame(fused(problem, chunkRows), expected, kExact);
    }
    EXPECT_GT(largestDifference(expected.studentHidden, plain.studentHidden), 1e-2);
    EXPECT_GT(largestDifference(expected.targetHidden, plain.targetHidden), 1e-2);
}

TEST_P(HeadLossOfEveryDistance, WeighsCrossEntropiesByRowAndTakesNoUnlabelledRowForRight)
{
    const Problem problem = withLabelWeights(GetParam());
    const Outcome expected = eager(problem);
    for (const std::int64_t chunkRows : {7, 1000}) {
        SCOPED_TRACE(chunkRows);
        expectSame(fused(problem, chunkRows), expected, kExact);
    }
    Problem other = problem; // rows without a label may hold any
    other.input.rows.targetLabels =
        at::where(problem.input.rows.targetLabelWeights.ne(0), problem.input.rows.targetLabels,
                  at::zeros_like(problem.input.rows.labels));
    EXPECT_EQ(fused(other, 16).loss, fused(problem, 16).loss);
}

TEST(LabelLogProbs, AreThoseOfTheWholeMatrix)
{
    const Problem problem = studentSpace(Distance::Kl);
    HeadRows student = problem.input.student;
    const at::Tensor& labels = problem.input.rows.labels;
    for (const double softcap : {0.0, 1.5}) {
        student.softcap = softcap;
        const at::Tensor logits = capped(at::mm(student.hidden, student.head.t()), softcap);
        const at::Tensor expected = -oracle::crossEntropy(logits, labels).detach();
        for (const std::int64_t chunkRows : {1, 16, 1000}) {
            const at::Tensor actual = labelLogProbs(student, labels, chunkRows);
            EXPECT_FALSE(actual.requires_grad());
            EXPECT_LE(largestDifference(actual, expected), kExact);
        }
    }
    EXPECT_THROW((void)labelLogProbs(student, labels.narrow(0, 0, 3), 16), c10::Error);
}

TEST_P(HeadLossOfEveryDistance, DoesNotDependOnTheOrderOfRows)
{
    const Problem problem = studentSpace(GetParam());
    const at::Tensor order = at::arange(69, -1, -1, at::kLong);
    Problem reversed = problem;
    reversed.input.student.hidden = problem.input.student.hidden.detach().index_select(0, order).requires_grad_(true);
    reversed.input.target.hidden = problem.input.target.hidden.detach().index_select(0, order).requires_grad_(true);
    reversed.input.rows.labels = problem.input.rows.labels.index_select(0, order);
    reversed.input.rows.distanceWeights = problem.input.rows.distanceWeights.index_select(0, order);
    Outcome expected = fused(problem, 16);
    expected.studentHidden = expected.studentHidden.index_select(0, order);
    expected.targetHidden = expected.targetHidden.index_select(0, order);
    expectSame(fused(reversed, 16), expected, kExact);
}

// AKL's value moves with its weights, which its gradient holds constant; divergence_test freezes them.
class HeadLossOfFixedWeights : public testing::TestWithParam<Distance>
{
};

INSTANTIATE_TEST_SUITE_P(All, HeadLossOfFixedWeights,
                         testing::Values(Distance::Kl, Distance::Rkl, Distance::Js, Distance::Skl, Distance::Srkl),
                         [](const auto& instance) { return std::string(name(instance.param)); });

TEST_P(HeadLossOfFixedWeights, DirectionalDerivativesAgreeWithCentralDifferences)
{
    Problem problem = studentSpace(GetParam());
    problem.terms.targetCrossEntropy = 0.0; // its gradient and the distance's value meet in target.hidden
    const Outcome outcome = fused(problem, 16);
    Draw draw(5);
    const double h = 1e-5;
    for (const bool head : {false, true}) {
        const at::Tensor& moved = head ? problem.input.student.head : problem.input.student.hidden;
        const at::Tensor direction = draw.normal(moved.sizes());
        const double analytic = ((head ? outcome.studentHead : outcome.studentHidden) * direction).sum().item<double>();
        const auto valueAt = [&](double step) {
            const c10::NoGradGuard noGrad;
            HeadLossInput input = problem.input;
            input.target.head = problem.input.student.head.clone(); // stays where it is: a constant
            (head ? input.student.head : input.student.hidden) = moved + direction * step;
            return headLoss(input, problem.terms, 16).loss.item<double>();
        };
        EXPECT_NEAR((valueAt(h) - valueAt(-h)) / (2 * h), analytic, 1e-6 * std::max(1.0, std::abs(analytic)));
    }
}

// Errors of bfloat16 against float64 on the same (rounded) inputs: ours and those of eager autograd.
TEST_P(HeadLossOfEveryDistance, IsAsAccurateInBfloat16AsEagerAutograd)
{
    const Problem exact = studentSpace(GetParam(), 96, 257);
    const auto leaf = [](const at::Tensor& tensor, at::ScalarType type) {
        return tensor.detach().to(at::kBFloat16).to(type).requires_grad_(true);
    };
    const auto inType = [&](at::ScalarType type) {
        Problem problem = exact;
        problem.input.student = {leaf(exact.input.student.hidden, type), leaf(exact.input.student.head, type)};
        problem.input.target = {leaf(exact.input.target.hidden, type), problem.input.student.head};
        return problem;
    };
    const Outcome expected = eager(inType(at::kDouble));
    const Outcome ours = fused(inType(at::kBFloat16), 32);
    Problem narrow = inType(at::kBFloat16);
    const HeadRows& student = narrow.input.student;
    const HeadRows& target = narrow.input.target;
    const at::Tensor& labels = narrow.input.rows.labels;
    const at::Tensor& weights = narrow.input.rows.distanceWeights;
    // As eager training code does it: logits in bfloat16, everything after in float32.
    const at::Tensor logits = at::mm(student.hidden, student.head.t()).to(at::kFloat);
    const at::Tensor shown = at::mm(target.hidden, target.head.detach().t()).to(at::kFloat);
    const Outcome plain = outcomeOf(
        narrow, 0.7 * oracle::crossEntropy(logits, labels).sum() + 0.2 * oracle::crossEntropy(shown, labels).sum() +
                    0.3 * (oracle::distances(logits, shown.detach(), narrow.terms.divergence) * weights).sum());
    const auto error = [&](const at::Tensor& gradient, const at::Tensor& reference) {
        return ((gradient.to(at::kDouble) - reference).norm() / reference.norm()).item<double>();
    };
    // Both round at the same places, so the errors are alike; 10 % for what chance does with them.
    EXPECT_LE(error(ours.studentHidden, expected.studentHidden),
              1.1 * error(plain.studentHidden, expected.studentHidden));
    EXPECT_LE(error(ours.studentHead, expected.studentHead), 1.1 * error(plain.studentHead, expected.studentHead));
    EXPECT_LE(error(ours.targetHidden, expected.targetHidden), 1.1 * error(plain.targetHidden, expected.targetHidden));
    EXPECT_EQ(ours.studentHead.scalar_type(), at::kBFloat16);
}

// A capped logit's slope is one minus a square near one: rounded to bfloat16 first it would be lost.
TEST(HeadLoss, KeepsTheSlopeOfANearlySaturatedCapInBfloat16)
{
    const at::TensorOptions narrow = at::TensorOptions().dtype(at::kBFloat16);
    HeadLossInput input;
    input.student = {at::tensor({4.0F, 1.0F}).view({1, 2}).to(narrow).requires_grad_(true),
                     at::tensor({1.0F, 0.0F, 0.0F, 1.0F}).view({2, 2}).to(narrow), 1.0};
    input.rows.labels = at::zeros({1}, at::kLong);
    HeadLossTerms terms;
    terms.crossEntropy = 1.0;
    headLoss(input, terms, 4).loss.backward();
    const at::Tensor hidden = at::tensor({4.0, 1.0}).view({1, 2}).to(at::kDouble).requires_grad_(true);
    oracle::crossEntropy(at::tanh(hidden), input.rows.labels).sum().backward();
    const at::Tensor gradient = input.student.hidden.grad().to(at::kDouble);
    EXPECT_GT(std::abs(hidden.grad()[0][0].item<double>()), 1e-4);
    EXPECT_LE(((gradient - hidden.grad()) / hidden.grad()).abs().max().item<double>(), 0.02); // 8 bits
}

TEST(HeadLoss, RefusesANegativeCap)
{
    Problem problem = studentSpace(Distance::Kl);
    problem.input.student.softcap = -1.0;
    EXPECT_THROW((void)headLoss(problem.input, problem.terms, 16), c10::Error);
}

TEST(HeadLoss, LetsTheTargetHaveLabelsOfItsOwn)
{
    Problem problem = studentSpace(Distance::Kl);
    problem.input.rows.targetLabels = Draw(5).ids(70, 83);
    expectSame(fused(problem, 16), eager(problem), kExact);
    const at::Tensor shown = at::mm(problem.input.target.hidden.detach(), problem.input.target.head.detach().t());
    EXPECT_EQ(headLoss(problem.input, problem.terms, 16).sums.targetCorrect,
              shown.argmax(1).eq(problem.input.rows.targetLabels).sum().item<double>());
}

TEST(ArgmaxRows, IsTheMostProbableTokenForEveryChunkSize)
{
    Draw draw(4);
    const HeadRows rows{draw.normal({33, 6}), draw.normal({83, 6})};
    const at::Tensor expected = at::mm(rows.hidden, rows.head.t()).argmax(1);
    for (const std::int64_t chunkRows : {1, 8, 33, 100}) {
        EXPECT_TRUE(argmaxRows(rows, chunkRows).equal(expected)) << chunkRows;
    }
    EXPECT_EQ(argmaxRows({rows.hidden.narrow(0, 0, 0), rows.head}, 4).size(0), 0);
}

TEST(HeadLoss, CountsOnlyRowsWhereTheTargetIsRight)
{
    Problem problem = studentSpace(Distance::Kl);
    const at::Tensor shown = at::mm(problem.input.target.hidden.detach(), problem.input.target.head.detach().t());
    problem.input.rows.labels =
        at::where(at::arange(70).remainder(3).eq(0), shown.argmax(1), problem.input.rows.labels);
    problem.terms.onlyWhereTargetCorrect = true;
    expectSame(fused(problem, 16), eager(problem), kExact);
    const HeadLossSums sums = headLoss(problem.input, problem.terms, 16).sums;
    EXPECT_GE(sums.targetCorrect, 24.0);
    EXPECT_LT(sums.targetCorrect, 70.0);
    EXPECT_NEAR(sums.targetMaxProbability, at::softmax(shown, 1).amax(1).sum().item<double>(), kExact);
}

TEST(HeadLoss, IsZeroWithZeroGradientsForNoRows)
{
    const Problem problem = studentSpace(Distance::Akl, 0);
    const Outcome outcome = fused(problem, 16);
    EXPECT_EQ(outcome.loss, 0.0);
    EXPECT_EQ(outcome.studentHidden.size(0), 0);
    EXPECT_EQ(outcome.studentHead.abs().max().item<double>(), 0.0);
}

TEST(HeadLoss, GivesOnlyValuesWhereNoGradientIsWanted)
{
    const Problem problem = studentSpace(Distance::Js);
    const double expected = headLoss(problem.input, problem.terms, 16).loss.item<double>();
    {
        const c10::NoGradGuard noGrad;
        const at::Tensor loss = headLoss(problem.input, problem.terms, 16).loss;
        EXPECT_FALSE(loss.requires_grad());
        EXPECT_DOUBLE_EQ(loss.item<double>(), expected);
    }
    const c10::InferenceMode inference;
    EXPECT_DOUBLE_EQ(headLoss(problem.input, problem.terms, 16).loss.item<double>(), expected);
}

TEST(HeadLoss, ScalesItsGradientsByWhatComesFromAbove)
{
    const Problem problem = studentSpace(Distance::Kl);
    const Outcome once = fused(problem, 16);
    const Outcome thrice = outcomeOf(problem, headLoss(problem.input, problem.terms, 16).loss * 3.0);
    EXPECT_LE(largestDifference(thrice.studentHidden, once.studentHidden * 3.0), kExact);
    EXPECT_LE(largestDifference(thrice.studentHead, once.studentHead * 3.0), kExact);
}

TEST(HeadLoss, NamesTheShapesThatDisagree)
{
    Problem problem = studentSpace(Distance::Kl);
    problem.input.target.hidden = at::zeros({69, 6}, at::kDouble);
    try {
        (void)headLoss(problem.input, problem.terms, 16);
        FAIL() << "no exception";
    } catch (const c10::Error& error) {
        EXPECT_NE(std::string(error.what()).find("70 and 69"), std::string::npos) << error.what();
    }
}

// Bytes that headLoss holds at its peak beyond what it must return: the gradients of the hidden rows.
std::int64_t peakBeyondResults(std::int64_t rows)
{
    constexpr std::int64_t kWidth = 8;
    Draw draw(1);
    HeadLossInput input;
    input.student = {draw.normal({rows, kWidth}).to(at::kFloat).requires_grad_(true),
                     draw.normal({2048, kWidth}).to(at::kFloat).requires_grad_(true)};
    input.target = {draw.normal({rows, kWidth}).to(at::kFloat).requires_grad_(true), input.student.head};
    input.rows.labels = draw.ids(rows, 2048);
    HeadLossTerms terms;
    terms.crossEntropy = terms.targetCrossEntropy = terms.distance = 1.0;
    const support::CountingAllocator allocator;
    const HeadLoss loss = headLoss(input, terms, 64);
    return allocator.peakBytes() - 2 * rows * kWidth * static_cast<std::int64_t>(sizeof(float));
}

TEST(HeadLoss, NeedsMemoryIndependentOfTheNumberOfRows)
{
    const std::int64_t few = peakBeyondResults(256);
    const std::int64_t many = peakBeyondResults(1024);
    const std::int64_t oneMatrix = 1024 * 2048 * static_cast<std::int64_t>(sizeof(float));
    // How far two threads are apart in their slices varies; a slice's temporaries are about 2 MB a thread.
    EXPECT_NEAR(static_cast<double>(many), static_cast<double>(few), 0.5 * static_cast<double>(few));
    EXPECT_LT(many, oneMatrix); // less than one [rows, vocabulary] matrix; eager needs more than ten
}

} // namespace
} // namespace dskd::kernels
