// The decoding kernels of every processor that this machine can be against plain sums in float64.

#include "core/kernels/decode/decode_kernel.h"

#include "core/base/random_stream.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dskd::kernels::decode
{
namespace
{

constexpr double kTolerance = 1e-5; // float32, sums of up to 70 products of numbers below 1

using Sizes = std::vector<std::pair<std::int64_t, std::int64_t>>;

std::vector<float> numbers(std::int64_t count, const std::string& stream)
{
    RandomStream random(5, stream);
    std::vector<float> result;
    result.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        result.push_back(static_cast<float>(2.0 * random.uniform() - 1.0));
    }
    return result;
}

std::size_t at(std::int64_t index)
{
    return static_cast<std::size_t>(index);
}

struct Matrix {
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    std::vector<float> weights = numbers(outputs * inputs, "weights"); // (O, I)
    std::vector<float> bias = numbers(outputs, "bias");

    [[nodiscard]] std::vector<float> panels() const
    {
        std::vector<float> result(at(numPanels(outputs) * inputs * kPanelOutputs), -1.0F);
        packPanels({weights.data(), outputs, inputs, inputs, 1}, result.data(), 0, numPanels(outputs));
        return result;
    }
};

std::vector<float> product(const DecodeKernels& kernels, const Matrix& matrix, const std::vector<float>& rows,
                           std::int64_t numRows, bool withBias)
{
    const std::vector<float> panels = matrix.panels();
    std::vector<float> result(at(numRows * matrix.outputs), std::numeric_limits<float>::quiet_NaN());
    const Product task{rows.data(),   panels.data(), withBias ? matrix.bias.data() : nullptr, result.data(), numRows,
                       matrix.inputs, matrix.outputs};
    const std::int64_t middle = numPanels(matrix.outputs) / 2; // as two threads would share it
    kernels.multiply(task, 0, middle);
    kernels.multiply(task, middle, numPanels(matrix.outputs));
    return result;
}

TEST(PackedProduct, IsRowsTimesWeightsPlusBias)
{
    const Sizes sizes = {{1, 1}, {16, 8}, {37, 19}, {150, 70}};
    for (const auto& [outputs, inputs] : sizes) {
        const Matrix matrix{outputs, inputs};
        for (const DecodeKernels& kernels : decodeKernels()) {
            for (const std::int64_t numRows : {1, 2, 3, 5, 7, 8, 15, 32}) {
                const std::vector<float> rows = numbers(numRows * inputs, "rows");
                for (const bool withBias : {false, true}) {
                    const std::vector<float> actual = product(kernels, matrix, rows, numRows, withBias);
                    for (std::int64_t i = 0; i < numRows * outputs; ++i) {
                        const std::int64_t row = i / outputs;
                        const std::int64_t output = i % outputs;
                        double expected = withBias ? matrix.bias[at(output)] : 0.0;
                        for (std::int64_t k = 0; k < inputs; ++k) {
                            expected += static_cast<double>(rows[at(row * inputs + k)]) *
                                        static_cast<double>(matrix.weights[at(output * inputs + k)]);
                        }
                        ASSERT_NEAR(actual[at(i)], expected, kTolerance)
                            << kernels.name << ", " << numRows << " rows, row " << row << ", output " << output;
                    }
                }
            }
        }
    }
}

TEST(PackedProduct, OfARowHasTheSameBitsWhateverTheOthers)
{
    const Matrix matrix{70, 33};
    const std::vector<float> rows = numbers(15 * matrix.inputs, "rows");
    for (const DecodeKernels& kernels : decodeKernels()) {
        const std::vector<float> together = product(kernels, matrix, rows, 15, true);
        for (std::int64_t row = 0; row < 15; ++row) {
            const std::vector<float> one(rows.begin() + row * matrix.inputs, rows.begin() + (row + 1) * matrix.inputs);
            const std::vector<float> alone = product(kernels, matrix, one, 1, true);
            const std::vector<float> part(together.begin() + row * matrix.outputs,
                                          together.begin() + (row + 1) * matrix.outputs);
            EXPECT_EQ(alone, part) << kernels.name << ", row " << row;
        }
    }
}

TEST(PackedPanels, AreTheSameFromATransposedMatrix)
{
    const Matrix matrix{21, 5};
    std::vector<float> transposed(matrix.weights.size());
    for (std::int64_t o = 0; o < matrix.outputs; ++o) {
        for (std::int64_t i = 0; i < matrix.inputs; ++i) {
            transposed[at(i * matrix.outputs + o)] = matrix.weights[at(o * matrix.inputs + i)];
        }
    }
    std::vector<float> panels(matrix.panels().size());
    packPanels({transposed.data(), matrix.outputs, matrix.inputs, 1, matrix.outputs}, panels.data(), 0, 2);
    EXPECT_EQ(panels, matrix.panels());
}

TEST(AttentionOfOnePosition, IsTheSoftmaxOfTheScoresTimesTheValues)
{
    constexpr std::int64_t kSequences = 3;
    constexpr std::int64_t kHeads = 6;
    constexpr std::int64_t kSharedHeads = 2;
    constexpr std::int64_t kCapacity = 64;
    const Sizes ranges = {{1, 0}, {7, 0}, {40, 0}, {40, 39}, {64, 21}}; // positions, the first in the window
    for (const std::int64_t width : {4, 8, 12, 16, 40, 64}) {
        const std::vector<float> query = numbers(kSequences * kHeads * width, "query");
        const std::vector<float> keys = numbers(kSequences * kSharedHeads * kCapacity * width, "keys");
        const std::vector<float> values = numbers(kSequences * kSharedHeads * kCapacity * width, "values");
        for (const auto& [positions, first] : ranges) {
            const auto present = std::make_unique<bool[]>(at(kSequences * positions));
            // The second sequence has padding, the third nothing else.
            for (std::int64_t i = 0; i < kSequences * positions; ++i) {
                present[at(i)] = i < positions || (i < 2 * positions && i % positions > 4);
            }
            for (const DecodeKernels& kernels : decodeKernels()) {
                std::vector<float> result(query.size(), std::numeric_limits<float>::quiet_NaN());
                std::vector<float> scores(at(positions + 16));
                Attending task;
                task.query = query.data();
                task.keys = keys.data();
                task.values = values.data();
                task.present = present.get();
                task.result = result.data();
                task.heads = kHeads;
                task.sharedHeads = kSharedHeads;
                task.width = width;
                task.positions = positions;
                task.capacity = kCapacity;
                task.first = first;
                task.scale = 0.7F;
                for (std::int64_t i = 0; i < kSequences * kSharedHeads; ++i) {
                    kernels.attend(task, i / kSharedHeads, i % kSharedHeads, scores.data());
                }
                for (std::int64_t head = 0; head < kSequences * kHeads; ++head) {
                    const std::int64_t sequence = head / kHeads;
                    const std::int64_t shared = head % kHeads / (kHeads / kSharedHeads);
                    const std::int64_t cached = (sequence * kSharedHeads + shared) * kCapacity;
                    std::vector<double> sums(at(width), 0.0);
                    double total = 0.0;
                    for (std::int64_t s = first; s < positions; ++s) {
                        if (!present[at(sequence * positions + s)] && s + 1 < positions) {
                            continue;
                        }
                        double score = 0.0;
                        for (std::int64_t d = 0; d < width; ++d) {
                            score += static_cast<double>(query[at(head * width + d)]) *
                                     static_cast<double>(keys[at((cached + s) * width + d)]);
                        }
                        const double weight = std::exp(0.7 * score);
                        total += weight;
                        for (std::int64_t d = 0; d < width; ++d) {
                            sums[at(d)] += weight * static_cast<double>(values[at((cached + s) * width + d)]);
                        }
                    }
                    for (std::int64_t d = 0; d < width; ++d) {
                        ASSERT_NEAR(result[at(head * width + d)], sums[at(d)] / total, kTolerance)
                            << kernels.name << ", width " << width << ", " << positions << " positions from " << first
                            << ", head " << head;
                    }
                }
            }
        }
    }
}

// A position with such a key that is looked at must not be left out in silence: it takes part in the softmax.
TEST(AttentionOfOnePosition, IsNotANumberWhereAKeyThatIsLookedAtIsNot)
{
    constexpr std::int64_t kHeads = 4;
    constexpr std::int64_t kSharedHeads = 2;
    constexpr std::int64_t kPositions = 37;
    constexpr std::int64_t kWidth = 12;
    const std::vector<float> query = numbers(kHeads * kWidth, "query");
    const std::vector<float> values = numbers(kSharedHeads * kPositions * kWidth, "values");
    const auto present = std::make_unique<bool[]>(at(kPositions));
    for (const DecodeKernels& kernels : decodeKernels()) {
        for (const std::int64_t place : {0, 17, 32, 36}) {
            std::vector<float> keys = numbers(kSharedHeads * kPositions * kWidth, "keys");
            keys[at(place * kWidth + 5)] = std::numeric_limits<float>::quiet_NaN(); // of the first two query heads
            for (const bool isLookedAt : {true, false}) {
                for (std::int64_t s = 0; s < kPositions; ++s) {
                    present[at(s)] = s != place || isLookedAt;
                }
                std::vector<float> result(query.size(), 0.0F);
                std::vector<float> scores(at(kPositions + 16));
                Attending task;
                task.query = query.data();
                task.keys = keys.data();
                task.values = values.data();
                task.present = present.get();
                task.result = result.data();
                task.heads = kHeads;
                task.sharedHeads = kSharedHeads;
                task.width = kWidth;
                task.positions = kPositions;
                task.capacity = kPositions;
                kernels.attend(task, 0, 0, scores.data());
                kernels.attend(task, 0, 1, scores.data());
                const bool isSeen = isLookedAt || place == kPositions - 1; // the new position looks at itself
                for (std::int64_t i = 0; i < kHeads * kWidth; ++i) {
                    ASSERT_EQ(std::isnan(result[at(i)]), isSeen && i < 2 * kWidth)
                        << kernels.name << ", position " << place << (isLookedAt ? "" : " out of sight") << ", number "
                        << i;
                }
            }
        }
    }
}

TEST(LargestValue, IsTheFirstOfTheFiniteOnes)
{
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    for (const DecodeKernels& kernels : decodeKernels()) {
        std::vector<float> values = numbers(100, "logits");
        values[3] = kInfinity;
        values[4] = kNan;
        values[5] = -kInfinity;
        values[61] = values[62] = values[97] = 2.0F;
        EXPECT_EQ(kernels.largest(values.data(), 100), 61) << kernels.name;
        EXPECT_EQ(kernels.largest(values.data() + 62, 38), 0) << kernels.name;
        EXPECT_EQ(kernels.largest(values.data() + 63, 37), 34) << kernels.name;
        const std::vector<float> none = {kNan, kInfinity, -kInfinity};
        EXPECT_EQ(kernels.largest(none.data(), 3), 0) << kernels.name;
        const std::vector<float> last = {kNan, -kInfinity, -1e30F};
        EXPECT_EQ(kernels.largest(last.data(), 3), 2) << kernels.name;
    }
}

} // namespace
} // namespace dskd::kernels::decode
