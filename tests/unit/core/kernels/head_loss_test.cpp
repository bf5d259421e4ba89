#include "core/kernels/head_loss.h"

#include "tests/support/counting_allocator.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <functional>

namespace dskd::kernels
{
namespace
{

using support::Draw;

constexpr double kExact = 1e-11; // float64; the order of summation differs

struct Problem {
    HeadLossInput input;
    HeadLossTerms terms;
};

// Student rows and projected teacher rows through the student's head: every gradient at once.
Problem studentSpace(Distance distance, std::int64_t rows = 70, std::int64_t vocabulary = 83)
{
    Draw draw(21);
    Problem problem;
    problem.input.student = {draw.normal({rows, 6}).requires_grad_(true),
                             draw.normal({vocabulary, 6}).requires_grad_(true)};
    problem.input.target = {draw.normal({rows, 6}).requires_grad_(true), problem.input.student.head};
    problem.input.labels = draw.ids(rows, vocabulary);
    problem.input.rowWeights = at::rand({rows}, at::kDouble);
    problem.terms.crossEntropy = 0.7;
    problem.terms.targetCrossEntropy = 0.2;
    problem.terms.distance = 0.3;
    problem.terms.divergence.distance = distance;
    problem.terms.divergence.temperature = 2.0;
    return problem;
}

// The same with factors of the cross-entropies; some target rows have no label.
Problem withLabelWeights(Distance distance)
{
    Problem problem = studentSpace(distance);
    const std::int64_t rows = problem.input.student.hidden.size(0);
    problem.input.labelWeights = Draw(22).normal({rows});
    problem.input.targetLabelWeights = at::arange(rows).remainder(3).to(at::kDouble);
    problem.terms.onlyWhereTargetCorrect = true;
    const at::Tensor shown = at::mm(problem.input.target.hidden, problem.input.target.head.t()).detach();
    problem.input.targetLabels = // right in every second row
        at::where(at::arange(rows).remainder(2).eq(0), shown.argmax(1), problem.input.labels);
    return problem;
}

struct Outcome {
    double loss = 0.0;
    at::Tensor studentHidden;
    at::Tensor studentHead;
    at::Tensor targetHidden;
};

Outcome outcomeOf(const Problem& problem, const at::Tensor& loss)
{
    for (const at::Tensor& leaf :
         {problem.input.student.hidden, problem.input.student.head, problem.input.target.hidden}) {
        leaf.mutable_grad() = at::Tensor();
    }
    loss.backward();
    return {loss.item<double>(), problem.input.student.hidden.grad(), problem.input.student.head.grad(),
            problem.input.target.hidden.grad()};
}

Outcome fused(const Problem& problem, std::int64_t chunkRows)
{
    return outcomeOf(problem, headLoss(problem.input, problem.terms, chunkRows).loss);
}

at::Tensor capped(const at::Tensor& logits, double cap)
{
    return cap > 0.0 ? at::tanh(logits / cap) * cap : logits;
}

Outcome eager(const Problem& problem)
{
    const auto& [student, target, labels, weights, ownTargetLabels, labelWeights, targetLabelWeights, columns,
                 labelOnly] = problem.input;
    const at::Tensor targetLabels = ownTargetLabels.defined() ? ownTargetLabels : labels;
    const auto total = [](const at::Tensor& rows, const at::Tensor& factors) {
        return factors.defined() ? (rows * factors).sum() : rows.sum();
    };
    const at::Tensor logits = capped(at::mm(student.hidden, student.head.t()), student.softcap);
    const at::Tensor shown = capped(at::mm(target.hidden, target.head.detach().t()), target.softcap);
    at::Tensor distances = oracle::distances(logits, shown.detach(), problem.terms.divergence) * weights;
    if (problem.terms.onlyWhereTargetCorrect) {
        distances = distances * shown.argmax(1).eq(targetLabels);
        if (targetLabelWeights.defined()) {
            distances = distances * targetLabelWeights.ne(0);
        }
    }
    return outcomeOf(problem, *problem.terms.crossEntropy * total(oracle::crossEntropy(logits, labels), labelWeights) +
                                  *problem.terms.targetCrossEntropy *
                                      total(oracle::crossEntropy(shown, targetLabels), targetLabelWeights) +
                                  *problem.terms.distance * distances.sum());
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

void expectSame(const Outcome& actual, const Outcome& expected, double tolerance)
{
    EXPECT_NEAR(actual.loss, expected.loss, tolerance);
    EXPECT_LE(largestDifference(actual.studentHidden, expected.studentHidden), tolerance);
    EXPECT_LE(largestDifference(actual.studentHead, expected.studentHead), tolerance);
    EXPECT_LE(largestDifference(actual.targetHidden, expected.targetHidden), tolerance);
}

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
    other.input.targetLabels = at::where(problem.input.targetLabelWeights.ne(0), problem.input.targetLabels,
                                         at::zeros_like(problem.input.labels));
    EXPECT_EQ(fused(other, 16).loss, fused(problem, 16).loss);
}

TEST(LabelLogProbs, AreThoseOfTheWholeMatrix)
{
    const Problem problem = studentSpace(Distance::Kl);
    HeadRows student = problem.input.student;
    const at::Tensor& labels = problem.input.labels;
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
    reversed.input.labels = problem.input.labels.index_select(0, order);
    reversed.input.rowWeights = problem.input.rowWeights.index_select(0, order);
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
    const at::Tensor& labels = narrow.input.labels;
    const at::Tensor& weights = narrow.input.rowWeights;
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
    input.labels = at::zeros({1}, at::kLong);
    HeadLossTerms terms;
    terms.crossEntropy = 1.0;
    headLoss(input, terms, 4).loss.backward();
    const at::Tensor hidden = at::tensor({4.0, 1.0}).view({1, 2}).to(at::kDouble).requires_grad_(true);
    oracle::crossEntropy(at::tanh(hidden), input.labels).sum().backward();
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
    problem.input.targetLabels = Draw(5).ids(70, 83);
    expectSame(fused(problem, 16), eager(problem), kExact);
    const at::Tensor shown = at::mm(problem.input.target.hidden.detach(), problem.input.target.head.detach().t());
    EXPECT_EQ(headLoss(problem.input, problem.terms, 16).sums.targetCorrect,
              shown.argmax(1).eq(problem.input.targetLabels).sum().item<double>());
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
    problem.input.labels = at::where(at::arange(70).remainder(3).eq(0), shown.argmax(1), problem.input.labels);
    problem.terms.onlyWhereTargetCorrect = true;
    expectSame(fused(problem, 16), eager(problem), kExact);
    const HeadLossSums sums = headLoss(problem.input, problem.terms, 16).sums;
    EXPECT_GE(sums.targetCorrect, 24.0);
    EXPECT_LT(sums.targetCorrect, 70.0);
    EXPECT_NEAR(sums.targetMaxProbability, at::softmax(shown, 1).amax(1).sum().item<double>(), kExact);
}

TEST(HeadLoss, ComparesHeadsOfDifferentPaddedWidthOnTheirCommonColumns)
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
        const Outcome expected = outcomeOf(problem, 0.7 * oracle::crossEntropy(logits, problem.input.labels).sum() +
                                                        0.3 * (distances * problem.input.rowWeights).sum());
        EXPECT_NEAR(ours.loss, expected.loss, kExact);
        EXPECT_LE(largestDifference(ours.studentHead, expected.studentHead), kExact);
        EXPECT_LE(largestDifference(ours.studentHidden, expected.studentHidden), kExact);
        EXPECT_FALSE(ours.targetHidden.defined());
    }
}

TEST(HeadLoss, IgnoresPaddingColumnsThatNoRowCanReach)
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
    input.labels = draw.ids(rows, 2048);
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
