// The row kernel of every processor that this machine can be against the plain code in float64, on the same logits.

#include "core/kernels/row_terms.h"
#include "tests/support/random_tensors.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

namespace dskd::kernels
{
namespace
{

using support::Draw;

constexpr std::int64_t kRows = 9;

// Logits of float32 and the rows' labels and factors; float64 ones hold the same numbers.
RowLogits someRows(std::int64_t studentColumns, std::int64_t targetColumns, double width = 2.5)
{
    Draw draw(3);
    RowLogits chunk;
    chunk.student = (draw.normal({kRows, studentColumns}) * width).to(at::kFloat);
    chunk.target = (draw.normal({kRows, targetColumns}) * width).to(at::kFloat);
    chunk.rows.labels = draw.ids(kRows, std::min(studentColumns, targetColumns));
    chunk.rows.labels[0] = chunk.student[0].argmax();
    chunk.rows.targetLabels =
        at::where(at::arange(kRows).remainder(2).eq(0), chunk.target.argmax(1), chunk.rows.labels);
    chunk.predicted = at::empty({kRows}, at::kLong);
    chunk.targetPredicted = at::empty({kRows}, at::kLong);
    return chunk;
}

RowLogits copyOf(const RowLogits& chunk, at::ScalarType type)
{
    RowLogits copy = chunk;
    copy.student = chunk.student.to(type, /*non_blocking=*/false, /*copy=*/true);
    copy.target = chunk.target.defined() ? chunk.target.to(type, false, true) : chunk.target;
    copy.predicted = chunk.predicted.clone();
    copy.targetPredicted = chunk.targetPredicted.clone();
    return copy;
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

void expectAsPlainCode(const RowLogits& chunk, const HeadLossTerms& terms, const WantedGradients& wanted,
                       double tolerance = 2e-6)
{
    const RowLogits plain = copyOf(chunk, at::kDouble);
    const at::Tensor expected = rowTerms(plain, terms, wanted);
    for (const rows::RowKernelVersion& version : rows::rowKernels()) {
        SCOPED_TRACE(std::string(version.name));
        const RowLogits fast = copyOf(chunk, at::kFloat);
        ASSERT_TRUE(rowKernelFits(fast, terms));
        const at::Tensor sums = rowTermsOnCpu(fast, terms, wanted, version.run);
        EXPECT_TRUE(at::allclose(sums, expected, tolerance, tolerance)) << sums << expected;
        if (wanted.studentHidden) {
            EXPECT_LE(largestDifference(fast.student, plain.student), tolerance);
        }
        if (wanted.targetHidden) {
            EXPECT_LE(largestDifference(fast.target, plain.target), tolerance);
        }
        if (chunk.rows.labels.defined()) {
            EXPECT_TRUE(fast.predicted.equal(plain.predicted));
        }
        if (terms.targetCrossEntropy || terms.onlyWhereTargetCorrect) {
            EXPECT_TRUE(fast.targetPredicted.equal(plain.targetPredicted));
        }
    }
}

constexpr WantedGradients kAll{.studentHidden = true, .studentHead = true, .targetHidden = true};

HeadLossTerms allTerms(Distance distance)
{
    HeadLossTerms terms;
    terms.crossEntropy = 0.7;
    terms.targetCrossEntropy = 0.2;
    terms.distance = 0.3;
    terms.divergence.distance = distance;
    return terms;
}

class RowKernelOfEveryDistance : public testing::TestWithParam<Distance>
{
};

INSTANTIATE_TEST_SUITE_P(All, RowKernelOfEveryDistance, testing::ValuesIn(kAllDistances),
                         [](const auto& instance) { return std::string(name(instance.param)); });

TEST_P(RowKernelOfEveryDistance, IsThePlainCodeAtEveryTemperatureAndLength)
{
    for (const std::int64_t columns : {1, 15, 16, 83, 4096, 5003}) {
        for (const double temperature : {1.0, 2.0, 1.3}) {
            for (const double teacherTemperature : {1.0, 1.5}) {
                SCOPED_TRACE(std::to_string(columns) + " columns, temperature " + std::to_string(temperature) +
                             ", the teacher's " + std::to_string(teacherTemperature));
                HeadLossTerms terms = allTerms(GetParam());
                terms.divergence.temperature = temperature;
                terms.divergence.teacherTemperature = teacherTemperature;
                terms.divergence.temperatureSquared = temperature == 1.3;
                expectAsPlainCode(someRows(columns, columns), terms, kAll);
            }
        }
    }
}

TEST_P(RowKernelOfEveryDistance, TakesEveryPartOfTheLossAlone)
{
    const RowLogits chunk = someRows(83, 83);
    HeadLossTerms terms = allTerms(GetParam());
    terms.targetCrossEntropy.reset();
    expectAsPlainCode(chunk, terms, {.studentHidden = true});
    terms.crossEntropy.reset();
    expectAsPlainCode(chunk, terms, {.studentHidden = true});
    terms.divergence.temperature = 2.0;
    expectAsPlainCode(chunk, terms, {.studentHidden = true});
    expectAsPlainCode(chunk, terms, {}); // its value only
}

TEST_P(RowKernelOfEveryDistance, ComparesTheColumnsThatBothHave)
{
    HeadLossTerms terms = allTerms(GetParam());
    terms.divergence.temperature = 2.0;
    expectAsPlainCode(someRows(83, 120), terms, kAll);
    expectAsPlainCode(someRows(120, 83), terms, kAll);
    terms.crossEntropy.reset();
    terms.targetCrossEntropy.reset();
    expectAsPlainCode(someRows(120, 83), terms, {.studentHidden = true});
}

TEST_P(RowKernelOfEveryDistance, HasTheFactorsOfTheRows)
{
    RowLogits chunk = someRows(83, 83);
    Draw draw(4);
    chunk.rows.labelWeights = draw.normal({kRows});
    chunk.rows.targetLabelWeights = at::arange(kRows).remainder(3).to(at::kDouble);
    chunk.rows.distanceWeights = at::arange(kRows).to(at::kFloat);
    HeadLossTerms terms = allTerms(GetParam());
    expectAsPlainCode(chunk, terms, kAll);
    terms.onlyWhereTargetCorrect = true;
    expectAsPlainCode(chunk, terms, kAll);
    terms.targetCrossEntropy.reset();
    expectAsPlainCode(chunk, terms, {.studentHidden = true});
}

TEST_P(RowKernelOfEveryDistance, TakesLogitsFarApart)
{
    // float32 holds logarithms of about 300 to 3e-5
    expectAsPlainCode(someRows(83, 83, /*width=*/60.0), allTerms(GetParam()), kAll, /*tolerance=*/1e-4);
}

TEST_P(RowKernelOfEveryDistance, PutsATargetOfAnotherVocabularyIntoTheStudentsColumns)
{
    RowLogits chunk = someRows(83, 40);
    chunk.rows.targetLabels = at::Tensor();
    chunk.targetColumns = at::randperm(83).narrow(0, 0, 40).contiguous();
    chunk.rows.labelOnly = at::arange(kRows).remainder(3).eq(0);
    HeadLossTerms terms = allTerms(GetParam());
    terms.targetCrossEntropy.reset();
    terms.divergence.temperature = 2.0;
    if (rowOf(GetParam()).infiniteWithoutPartner(terms.divergence)) {
        EXPECT_FALSE(rowKernelFits(chunk, terms)) << "the plain code leaves out the tokens without a partner";
    } else {
        expectAsPlainCode(chunk, terms, {.studentHidden = true});
    }
}

TEST(RowKernel, LeavesNotANumberWhatIsNotANumber)
{
    RowLogits chunk = someRows(83, 83);
    chunk.student[2][7] = std::numeric_limits<float>::quiet_NaN();
    for (const Distance distance : kAllDistances) {
        for (const rows::RowKernelVersion& version : rows::rowKernels()) {
            SCOPED_TRACE(std::string(name(distance)) + ", " + std::string(version.name));
            const at::Tensor sums = rowTermsOnCpu(copyOf(chunk, at::kFloat), allTerms(distance), kAll, version.run);
            EXPECT_TRUE(sums[kCrossEntropySum].isnan().item<bool>());
            EXPECT_TRUE(sums[kDistanceSum].isnan().item<bool>());
        }
    }
}

TEST(RowKernel, StaysInsideRowsOfOtherLengthsWhereTheTargetIsNotANumber)
{
    RowLogits chunk = someRows(120, 83);
    chunk.target[2][7] = std::numeric_limits<float>::quiet_NaN();
    for (const rows::RowKernelVersion& version : rows::rowKernels()) {
        const RowLogits fast = copyOf(chunk, at::kFloat);
        const at::Tensor sums = rowTermsOnCpu(fast, allTerms(Distance::Uld), kAll, version.run);
        EXPECT_TRUE(sums[kDistanceSum].isnan().item<bool>()) << version.name;
        EXPECT_FALSE(fast.student[3].isnan().any().item<bool>()) << "the other rows are as they would be";
    }
}

TEST(RowKernel, HasTheTailOfAklFromNothingToAll)
{
    for (const double alpha : {0.0, 0.3, 1.0}) {
        SCOPED_TRACE(alpha);
        HeadLossTerms terms = allTerms(Distance::Akl);
        terms.divergence.adaptiveAlpha = alpha;
        if (alpha < 1.0) {
            expectAsPlainCode(someRows(83, 83), terms, kAll);
            continue;
        }
        // the sums of the plain code may pass 1 by rounding before the last token
        HeadLossTerms reverse = allTerms(Distance::Rkl);
        const RowLogits all = copyOf(someRows(83, 83), at::kFloat);
        const RowLogits expected = copyOf(someRows(83, 83), at::kFloat);
        const at::Tensor sums = rowTermsOnCpu(all, terms, kAll, rows::rowKernel());
        EXPECT_TRUE(at::allclose(sums, rowTermsOnCpu(expected, reverse, kAll, rows::rowKernel()), 1e-6, 1e-6));
        EXPECT_LE(largestDifference(all.student, expected.student), 1e-6);
    }
}

TEST(RowKernel, RefusesLabelsThatAreNoColumn)
{
    for (const std::int64_t label : {-1, 83}) {
        RowLogits chunk = someRows(83, 83);
        chunk.rows.labels[4] = label;
        EXPECT_THROW((void)rowTermsOnCpu(copyOf(chunk, at::kFloat), allTerms(Distance::Kl), kAll, rows::rowKernel()),
                     c10::Error);
    }
}

TEST(RowKernel, GivesTheSameBitsOnAnyNumberOfThreads)
{
    const RowLogits chunk = someRows(5003, 5003);
    const HeadLossTerms terms = allTerms(Distance::Js);
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const RowLogits one = copyOf(chunk, at::kFloat);
    const at::Tensor sums = rowTermsOnCpu(one, terms, kAll, rows::rowKernel());
    at::set_num_threads(2);
    const RowLogits two = copyOf(chunk, at::kFloat);
    EXPECT_TRUE(rowTermsOnCpu(two, terms, kAll, rows::rowKernel()).equal(sums));
    EXPECT_TRUE(two.student.equal(one.student));
    at::set_num_threads(before);
}

} // namespace
} // namespace dskd::kernels
