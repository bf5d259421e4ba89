#include "core/kernels/divergence.h"

#include "tests/support/loss_oracle.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace dskd::kernels
{
namespace
{

at::Tensor row(const std::vector<double>& values)
{
    return at::tensor(values, at::kDouble).unsqueeze(0);
}

at::Tensor random(std::uint64_t seed, at::IntArrayRef shape, double scale = 1.0)
{
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return at::randn(shape, generator, at::kDouble) * scale;
}

DivergenceOptions with(Distance distance, double temperature = 1.0)
{
    DivergenceOptions options;
    options.distance = distance;
    options.temperature = temperature;
    return options;
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return a.numel() == 0 ? 0.0 : (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

// The published example (reference functions in float32, one position), printed with six digits.
const std::vector<double> kStudent = {0, 1, 2, -1, 0.5};
const std::vector<double> kTeacher = {1, 0, 3, -2, 0.25};
constexpr double kPrinted = 1e-6;

struct Golden {
    Distance distance;
    double atOne;
    double atTwo;
};

class PublishedDistance : public testing::TestWithParam<Golden>
{
};

TEST_P(PublishedDistance, HasTheReferenceValueAtTemperaturesOneAndTwo)
{
    const Golden& golden = GetParam();
    EXPECT_NEAR(divergence(row(kStudent), row(kTeacher), with(golden.distance, 1.0)).values.item<double>(),
                golden.atOne, kPrinted);
    EXPECT_NEAR(divergence(row(kStudent), row(kTeacher), with(golden.distance, 2.0)).values.item<double>(),
                golden.atTwo, kPrinted);
}

INSTANTIATE_TEST_SUITE_P(
    All, PublishedDistance,
    testing::Values(Golden{Distance::Kl, 0.193018, 0.086105}, Golden{Distance::Rkl, 0.280670, 0.094689},
                    Golden{Distance::Js, 0.054937, 0.022321}, Golden{Distance::Skl, 0.163229, 0.070579},
                    Golden{Distance::Srkl, 0.199609, 0.074613}, Golden{Distance::Akl, 0.242068, 0.091552}),
    [](const auto& instance) { return std::string(name(instance.param.distance)); });

TEST(ForwardKl, HasTheReferenceValueWithATeacherTemperature)
{
    DivergenceOptions options = with(Distance::Kl);
    options.teacherTemperature = 1.5;
    EXPECT_NEAR(divergence(row(kStudent), row(kTeacher), options).values.item<double>(), 0.092340, kPrinted);
}

void expectGradient(Distance distance, double temperature, const std::vector<double>& expected)
{
    const DivergenceRows rows = divergence(row(kStudent), row(kTeacher), with(distance, temperature));
    EXPECT_LE(largestDifference(rows.gradient, row(expected)), kPrinted) << rows.gradient;
}

TEST(ForwardKl, HasTheReferenceGradient)
{
    expectGradient(Distance::Kl, 1.0, {-0.031573, 0.167478, -0.233291, 0.022666, 0.074720});
    expectGradient(Distance::Kl, 2.0, {-0.026613, 0.055659, -0.072342, 0.020476, 0.022820});
}

TEST(AdaptiveKl, HasTheReferenceGradient)
{
    expectGradient(Distance::Akl, 1.0, {-0.040654, 0.232857, -0.300397, 0.031514, 0.076680});
    expectGradient(Distance::Akl, 2.0, {-0.028144, 0.062049, -0.076504, 0.022826, 0.019773});
}

// The published example: two rows of three student logits and of four teacher logits, summed.
TEST(SortedProbabilities, HaveTheReferenceValueAcrossVocabularies)
{
    const at::Tensor student = at::tensor({0.0, 1.0, 2.0, 2.0, 0.0, 0.0}, at::kDouble).view({2, 3});
    const at::Tensor teacher = at::tensor({0.0, 0.0, 1.0, 3.0, 1.0, 0.0, 0.0, 0.0}, at::kDouble).view({2, 4});
    const DivergenceRows rows = divergence(student, teacher, with(Distance::Uld, 2.0));
    EXPECT_NEAR(rows.values.sum().item<double>(), 0.992941, kPrinted) << "at any temperature";
    const at::Tensor leaf = student.clone().requires_grad_(true);
    oracle::distances(leaf, teacher, with(Distance::Uld)).sum().backward();
    EXPECT_LE(largestDifference(rows.gradient, leaf.grad()), 1e-12);
    const at::Tensor wide = random(8, {3, 9}).requires_grad_(true); // and with the wider vocabulary on the other side
    const at::Tensor narrow = random(9, {3, 5});
    oracle::distances(wide, narrow, with(Distance::Uld)).sum().backward();
    EXPECT_LE(largestDifference(divergence(wide.detach(), narrow, with(Distance::Uld)).gradient, wide.grad()), 1e-12);
}

TEST(GeneralisedJs, HasKlAndRklAtItsEndsAndIsHalfWayTheJs)
{
    const auto value = [](double beta) {
        DivergenceOptions options = with(Distance::Gjs);
        options.beta = beta;
        return divergence(row(kStudent), row(kTeacher), options).values.item<double>();
    };
    EXPECT_NEAR(value(0.0), 0.193018, kPrinted);
    EXPECT_NEAR(value(1.0), 0.280670, kPrinted);
    EXPECT_NEAR(value(0.5), 0.054937, kPrinted) << "but for the 1e-9 of the published JS";
}

class EveryDistance : public testing::TestWithParam<Distance>
{
};

INSTANTIATE_TEST_SUITE_P(All, EveryDistance, testing::ValuesIn(kAllDistances),
                         [](const auto& instance) { return std::string(name(instance.param)); });

TEST_P(EveryDistance, AgreesWithTheEagerOracleInValueAndGradient)
{
    for (const double temperature : {1.0, 1.5, 2.0, 4.0}) {
        for (const bool squared : {false, true}) {
            DivergenceOptions options = with(GetParam(), temperature);
            options.temperatureSquared = squared;
            options.teacherTemperature = 1.25;
            const at::Tensor student = random(1, {9, 131}, 3.0).requires_grad_(true); // 131: no multiple of 64
            const at::Tensor target = random(2, {9, 131}, 3.0);
            const at::Tensor expected = oracle::distances(student, target, options);
            expected.sum().backward();
            const DivergenceRows rows = divergence(student.detach(), target, options);
            EXPECT_LE(largestDifference(rows.values, expected.detach()), 1e-12); // float64, sums of 131 terms
            EXPECT_LE(largestDifference(rows.gradient, student.grad()), 1e-12);
        }
    }
}

TEST_P(EveryDistance, GradientAgreesWithCentralDifferences)
{
    const DivergenceOptions options = with(GetParam(), 2.0);
    const at::Tensor student = random(3, {4, 37}, 2.0);
    const at::Tensor target = random(4, {4, 37}, 2.0);
    const at::Tensor direction = random(5, {4, 37});
    const double analytic = (divergence(student, target, options).gradient * direction).sum().item<double>();
    const double h = 1e-5;
    const auto at = [&](double step) {
        return divergence(student + direction * step, target, options, false).values.sum().item<double>();
    };
    if (GetParam() == Distance::Akl) {
        // AKL's weights are constants for the gradient but not for the value: freeze them by mixing the two parts.
        const at::Tensor q = at::softmax(student / 2.0, 1);
        const at::Tensor p = at::softmax(target / 2.0, 1);
        const auto [sorted, order] = p.sort(1);
        const at::Tensor gap = (p - q).abs();
        const at::Tensor tail = (gap.gather(1, order) * sorted.cumsum(1).le(0.5)).sum(1) / gap.sum(1);
        const auto frozen = [&](double step) {
            const at::Tensor moved = student + direction * step;
            return ((1.0 - tail) * divergence(moved, target, with(Distance::Kl, 2.0), false).values +
                    tail * divergence(moved, target, with(Distance::Rkl, 2.0), false).values)
                .sum()
                .item<double>();
        };
        EXPECT_NEAR((frozen(h) - frozen(-h)) / (2 * h), analytic, 1e-8);
        return;
    }
    EXPECT_NEAR((at(h) - at(-h)) / (2 * h), analytic, 1e-8); // truncation h^2, rounding 1e-16 / h
}

TEST_P(EveryDistance, IsZeroWithZeroGradientForIdenticalLogits)
{
    const at::Tensor logits = random(6, {5, 50}, 4.0);
    const DivergenceRows rows = divergence(logits, logits, with(GetParam(), 2.0));
    EXPECT_LE(rows.values.abs().max().item<double>(), 1e-14);
    EXPECT_LE(rows.gradient.abs().max().item<double>(), 1e-14);
}

TEST_P(EveryDistance, IsNotNegative)
{
    const DivergenceRows rows = divergence(random(7, {64, 40}, 5.0), random(8, {64, 40}, 5.0), with(GetParam()));
    EXPECT_GE(rows.values.min().item<double>(), 0.0);
}

TEST_P(EveryDistance, GradientSumsToZeroOverTheVocabulary)
{
    const DivergenceRows rows = divergence(random(9, {6, 77}, 2.0), random(10, {6, 77}, 2.0), with(GetParam(), 1.5));
    EXPECT_LE(rows.gradient.sum(1).abs().max().item<double>(), 1e-13);
}

TEST_P(EveryDistance, StaysFiniteForHugeLogits)
{
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        const at::Tensor student = row({1e4, -1e4, 0, 5}).to(type);
        const at::Tensor target = row({-1e4, 1e4, 0, 5}).to(type);
        const DivergenceRows rows = divergence(student, target, with(GetParam(), 2.0));
        EXPECT_TRUE(rows.values.isfinite().all().item<bool>()) << rows.values;
        EXPECT_TRUE(rows.gradient.isfinite().all().item<bool>()) << rows.gradient;
    }
}

TEST_P(EveryDistance, IgnoresTokensThatTheTeacherExcludesWithMinusInfinity)
{
    const double minusInfinity = -std::numeric_limits<double>::infinity();
    at::Tensor target = random(11, {3, 20});
    target.select(1, 4).fill_(minusInfinity);
    target.select(1, 19).fill_(minusInfinity);
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        const DivergenceRows rows = divergence(random(12, {3, 20}).to(type), target.to(type), with(GetParam(), 2.0));
        EXPECT_TRUE(rows.values.isfinite().all().item<bool>()) << rows.values;
        EXPECT_TRUE(rows.gradient.isfinite().all().item<bool>()) << rows.gradient;
    }
    // Excluded by both sides: as if the tokens were not there.
    at::Tensor student = random(12, {3, 20});
    student.select(1, 4).fill_(minusInfinity);
    student.select(1, 19).fill_(minusInfinity);
    const at::Tensor kept =
        at::tensor(std::vector<std::int64_t>{0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18});
    const DivergenceRows masked = divergence(student, target, with(GetParam(), 2.0));
    const DivergenceRows smaller =
        divergence(student.index_select(1, kept), target.index_select(1, kept), with(GetParam(), 2.0));
    EXPECT_LE(largestDifference(masked.values, smaller.values), 1e-13);
    EXPECT_LE(largestDifference(masked.gradient.index_select(1, kept), smaller.gradient), 1e-13);
    EXPECT_EQ(masked.gradient.select(1, 4).abs().max().item<double>(), 0.0);
}

TEST_P(EveryDistance, HandlesNoRows)
{
    const DivergenceRows rows = divergence(at::zeros({0, 7}), at::zeros({0, 7}), with(GetParam()));
    EXPECT_EQ(rows.values.numel(), 0);
    EXPECT_EQ(rows.gradient.size(1), 7);
}

TEST_P(EveryDistance, IsComputedInFloat32ForBfloat16Logits)
{
    const at::Tensor student = random(13, {8, 300}, 2.0).to(at::kBFloat16);
    const at::Tensor target = random(14, {8, 300}, 2.0).to(at::kBFloat16);
    const DivergenceRows rows = divergence(student, target, with(GetParam(), 2.0));
    const DivergenceRows exact = divergence(student.to(at::kDouble), target.to(at::kDouble), with(GetParam(), 2.0));
    EXPECT_EQ(rows.values.scalar_type(), at::kFloat);
    EXPECT_LE(largestDifference(rows.values, exact.values), 1e-5); // float32 sums of 300 terms of size 1
    EXPECT_LE(largestDifference(rows.gradient, exact.gradient), 1e-6);
}

TEST_P(EveryDistance, LeavesItsInputsAlone)
{
    const at::Tensor student = random(15, {2, 10});
    const at::Tensor target = random(16, {2, 10});
    const at::Tensor studentBefore = student.clone();
    const at::Tensor targetBefore = target.clone();
    (void)divergence(student, target, with(GetParam()));
    EXPECT_TRUE(student.equal(studentBefore));
    EXPECT_TRUE(target.equal(targetBefore));
}

TEST(JensenShannon, IsAtMostLogTwo)
{
    const DivergenceRows rows = divergence(row({50, 0, 0}), row({0, 50, 0}), with(Distance::Js));
    EXPECT_LE(rows.values.item<double>(), std::log(2.0));
    EXPECT_NEAR(rows.values.item<double>(), std::log(2.0), 1e-8); // the published epsilon of 1e-9
}

TEST(SkewedKl, BecomesKlAndRklAsLambdaVanishes)
{
    const at::Tensor student = random(17, {5, 30}, 2.0);
    const at::Tensor target = random(18, {5, 30}, 2.0);
    DivergenceOptions skewed = with(Distance::Skl);
    skewed.skewLambda = 0.0;
    EXPECT_LE(largestDifference(divergence(student, target, skewed).values,
                                divergence(student, target, with(Distance::Kl)).values),
              1e-13);
    skewed.distance = Distance::Srkl;
    EXPECT_LE(largestDifference(divergence(student, target, skewed).values,
                                divergence(student, target, with(Distance::Rkl)).values),
              1e-13);
}

TEST(AdaptiveKl, StaysBetweenKlAndRklWhereProbabilitiesTie)
{
    // All teacher probabilities are equal, so which tokens form the tail is arbitrary; 4 of 8 fit below mass 0.5.
    const at::Tensor student = random(19, {1, 8});
    const at::Tensor target = at::zeros({1, 8}, at::kDouble);
    const double kl = divergence(student, target, with(Distance::Kl)).values.item<double>();
    const double rkl = divergence(student, target, with(Distance::Rkl)).values.item<double>();
    const double akl = divergence(student, target, with(Distance::Akl)).values.item<double>();
    EXPECT_GE(akl, std::min(kl, rkl));
    EXPECT_LE(akl, std::max(kl, rkl));
}

TEST(AdaptiveKl, CountsATailOfExactlyAlphaAsTail)
{
    // p = (0.5, 0.25, 0.25): the two small tokens reach alpha = 0.5 exactly and are the tail.
    const at::Tensor target = row({std::log(0.5), std::log(0.25), std::log(0.25)});
    const at::Tensor student = row({std::log(0.5), std::log(0.375), std::log(0.125)});
    // No gap in the head, so AKL is RKL alone.
    DivergenceOptions options = with(Distance::Akl);
    options.adaptiveAlpha = 0.5 + 1e-12; // rounding of the softmax
    EXPECT_NEAR(divergence(student, target, options).values.item<double>(),
                divergence(student, target, with(Distance::Rkl)).values.item<double>(), 1e-12);
}

TEST(Divergence, NamesTheShapesThatDisagree)
{
    try {
        (void)divergence(at::zeros({2, 3}), at::zeros({2, 4}), with(Distance::Kl));
        FAIL() << "no exception";
    } catch (const c10::Error& error) {
        EXPECT_NE(std::string(error.what()).find("[2, 3]"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("[2, 4]"), std::string::npos);
    }
}

TEST(Divergence, RefusesTemperaturesThatAreNotPositive)
{
    EXPECT_THROW((void)divergence(at::zeros({1, 3}), at::zeros({1, 3}), with(Distance::Kl, 0.0)), c10::Error);
    EXPECT_THROW((void)divergence(at::zeros({1, 3}), at::zeros({1, 3}), with(Distance::Kl, -1.0)), c10::Error);
}

} // namespace
} // namespace dskd::kernels
