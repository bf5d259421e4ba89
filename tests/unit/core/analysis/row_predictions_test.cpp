#include "core/analysis/row_predictions.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dskd::analysis
{
namespace
{

at::Tensor numbers(std::int64_t rows, std::int64_t columns, double frequency)
{
    return at::sin(at::arange(rows * columns, at::kDouble) * frequency).mul_(2.0).reshape({rows, columns});
}

// Plain loops over the logits of one row.
struct Plain {
    double entropy = 0.0;
    std::int64_t best = 0;
};
Plain plainly(const at::Tensor& hidden, const at::Tensor& head, double softcap)
{
    std::vector<double> logits;
    for (std::int64_t v = 0; v < head.size(0); ++v) {
        double sum = 0.0;
        for (std::int64_t i = 0; i < head.size(1); ++i) {
            sum += hidden[i].item<double>() * head[v][i].item<double>();
        }
        logits.push_back(softcap > 0.0 ? softcap * std::tanh(sum / softcap) : sum);
    }
    double whole = 0.0;
    for (const double logit : logits) {
        whole += std::exp(logit);
    }
    Plain result;
    for (std::size_t v = 0; v < logits.size(); ++v) {
        const double q = std::exp(logits[v]) / whole;
        result.entropy -= q * std::log(q);
        if (logits[v] > logits[static_cast<std::size_t>(result.best)]) {
            result.best = static_cast<std::int64_t>(v);
        }
    }
    return result;
}

TEST(RowPredictions, AreThoseOfPlainLoopsHoweverTheRowsAreCut)
{
    const at::Tensor hidden = numbers(7, 5, 0.83);
    const at::Tensor head = numbers(11, 5, 0.61);
    for (const double softcap : {0.0, 3.0}) {
        double expected = 0.0;
        for (std::int64_t row = 0; row < 7; ++row) {
            expected += plainly(hidden[row], head, softcap).entropy;
        }
        for (const std::int64_t chunkRows : {1, 3, 7, 100}) {
            const RowPredictions said = predictRows({.hidden = hidden, .head = head, .softcap = softcap}, chunkRows);
            EXPECT_NEAR(said.entropySum, expected, 1e-12) << softcap << ", " << chunkRows;
            for (std::int64_t row = 0; row < 7; ++row) {
                EXPECT_EQ(said.predicted[row].item<std::int64_t>(), plainly(hidden[row], head, softcap).best);
            }
        }
    }
}

TEST(RowPredictions, HaveTheEntropyOfAllTokensForEqualLogitsAndNoneForACertainOne)
{
    const at::Tensor none = at::zeros({2, 3}, at::kDouble);
    EXPECT_NEAR(predictRows({.hidden = none, .head = numbers(8, 3, 0.4)}, 16).entropySum, 2.0 * std::log(8.0), 1e-12);
    const at::Tensor head = at::eye(4, at::kDouble);
    const at::Tensor sure = at::zeros({1, 4}, at::kDouble).index_fill_(1, at::tensor({2}, at::kLong), 1000.0);
    const RowPredictions said = predictRows({.hidden = sure, .head = head}, 16);
    EXPECT_EQ(said.entropySum, 0.0);
    EXPECT_EQ(said.predicted[0].item<std::int64_t>(), 2);
}

TEST(RowPredictions, OfNarrowModelsAreComputedInFloat32)
{
    const at::Tensor hidden = numbers(5, 8, 0.83).to(at::kBFloat16);
    const at::Tensor head = numbers(300, 8, 0.61).to(at::kBFloat16);
    const at::Tensor logits = at::mm(hidden, head.t()).to(at::kDouble);
    const at::Tensor logProbs = at::log_softmax(logits, 1);
    const double expected = -(logProbs.exp() * logProbs).sum().item<double>();
    EXPECT_NEAR(predictRows({.hidden = hidden, .head = head}, 8).entropySum, expected, 1e-5 * expected);
}

TEST(RowPredictions, OfNoRowsAreNone)
{
    const RowPredictions said = predictRows({.hidden = at::zeros({0, 3}), .head = at::zeros({4, 3})}, 8);
    EXPECT_EQ(said.entropySum, 0.0);
    EXPECT_EQ(said.predicted.size(0), 0);
}

TEST(RowPredictions, NameTheShapesThatDisagree)
{
    EXPECT_THROW((void)predictRows({.hidden = at::zeros({2, 3}), .head = at::zeros({4, 5})}, 8), c10::Error);
    EXPECT_THROW((void)predictRows({.hidden = at::zeros({2, 3}), .head = at::zeros({4, 3})}, 0), c10::Error);
}

} // namespace
} // namespace dskd::analysis
