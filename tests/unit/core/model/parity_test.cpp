// Every family computes what transformers computes. float32 on both sides: 1e-5 of the largest value leaves room for
// the different order of summation and for nothing else.

#include "golden_model.h"

#include "core/model/kv_cache.h"
#include "tests/support/model_families.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;

constexpr double kTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4; // sums over all rows of products of rounded values

class Parity : public ::testing::TestWithParam<std::string>
{
protected:
    void SetUp() override
    {
        model = goldenModel(GetParam());
        expected = goldenExpected(GetParam());
        sequences = tokenLists(expected.at("ids"), expected.at("lengths"));
    }

    std::unique_ptr<CausalLm> model;
    TensorMap expected;
    TokenLists sequences;
};

TEST_P(Parity, PackedSequencesAreEachAsAlone)
{
    const at::Tensor hidden = model->hiddenStates(packed(sequences));
    EXPECT_LT(relativeError(hidden, expected.at("hidden")), kTolerance);
    EXPECT_LT(relativeError(logitsOf(*model, hidden), expected.at("logits")), kTolerance);
}

TEST_P(Parity, PaddingOnEitherSideChangesNoRealRow)
{
    for (const Padding side : {Padding::Left, Padding::Right}) {
        const PaddedTokens tokens = padded(sequences, side);
        const at::Tensor hidden = model->hiddenStates(tokens);
        ASSERT_EQ(hidden.dim(), 3);
        EXPECT_TRUE(hidden.isfinite().all().item<bool>());
        EXPECT_LT(relativeError(hidden.index({tokens.mask}), expected.at("hidden")), kTolerance);
    }
}

TEST_P(Parity, TokenByTokenWithACacheIsAsAtOnce)
{
    const std::vector<at::Tensor> expectedHidden =
        expected.at("hidden").split_with_sizes(integers(expected.at("lengths")));
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        KeyValueCache cache;
        std::vector<at::Tensor> rows;
        for (const std::int64_t id : sequences[i]) {
            const at::Tensor mask = at::ones({1, cache.length + 1}, at::kBool);
            rows.push_back(model->hiddenStates(at::full({1, 1}, id, at::kLong), mask, cache)[0]);
        }
        EXPECT_LT(relativeError(at::cat(rows), expectedHidden[i]), kTolerance);
    }
}

TEST_P(Parity, ChunksOfALeftPaddedBatchWithACacheAreAsAtOnce)
{
    const PaddedTokens tokens = padded(sequences, Padding::Left);
    KeyValueCache cache;
    std::vector<at::Tensor> chunks;
    for (const at::Tensor& ids : tokens.ids.split_with_sizes({7, 1, 1, 10}, 1)) {
        const at::Tensor mask = tokens.mask.narrow(1, 0, cache.length + ids.size(1));
        chunks.push_back(model->hiddenStates(ids, mask, cache));
    }
    const at::Tensor hidden = at::cat(chunks, 1);
    EXPECT_TRUE(hidden.isfinite().all().item<bool>());
    EXPECT_LT(relativeError(hidden.index({tokens.mask}), expected.at("hidden")), kTolerance);
}

std::string nameOf(const ::testing::TestParamInfo<std::string>& info)
{
    return info.param;
}

INSTANTIATE_TEST_SUITE_P(Families, Parity, ::testing::ValuesIn(kGoldenModels), nameOf);

class GradientParity : public ::testing::TestWithParam<std::string>
{
protected:
    void expectGradients(const CausalLm& model, const TensorMap& expected)
    {
        int compared = 0;
        for (const NamedTensor& parameter : model.parameters()) {
            const auto found = expected.find("grad." + parameter.name);
            if (found != expected.end()) {
                ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
                EXPECT_LT(relativeError(parameter.tensor.grad(), found->second), kGradientTolerance) << parameter.name;
                ++compared;
            }
        }
        const auto golden = std::count_if(expected.begin(), expected.end(),
                                          [](const auto& entry) { return entry.first.starts_with("grad."); });
        EXPECT_GE(golden, 2);
        EXPECT_EQ(compared, golden);
    }
};

TEST_P(GradientParity, OfPackedSequences)
{
    const auto model = goldenModel(GetParam(), true);
    const TensorMap expected = goldenExpected(GetParam());
    const TokenLists sequences = tokenLists(expected.at("ids"), expected.at("lengths"));
    lossOf(*model, model->hiddenStates(packed(sequences)), sequences).backward();
    expectGradients(*model, expected);
}

TEST_P(GradientParity, OfPaddedSequences)
{
    const auto model = goldenModel(GetParam(), true);
    const TensorMap expected = goldenExpected(GetParam());
    const TokenLists sequences = tokenLists(expected.at("ids"), expected.at("lengths"));
    const PaddedTokens tokens = padded(sequences, Padding::Left);
    lossOf(*model, model->hiddenStates(tokens).index({tokens.mask}), sequences).backward();
    expectGradients(*model, expected);
}

const std::vector<std::string> kWithGradients = {"gpt2",   "llama", "qwen3", "phi3",    "gemma2", "gemma3",
                                                 "pythia", "olmo",  "olmo2", "smollm3", "exaone4"};
INSTANTIATE_TEST_SUITE_P(Families, GradientParity, ::testing::ValuesIn(kWithGradients), nameOf);

TEST(GoldenModels, HaveOneOfEveryFamily)
{
    EXPECT_THAT(familiesOf(kGoldenModels), ::testing::UnorderedElementsAreArray(test::familyNames()));
}

TEST(GoldenModels, AreComparedByTheirGradientsWhereTheseAreKnown)
{
    std::vector<std::string> known;
    for (const std::string& name : kGoldenModels) {
        const TensorMap expected = goldenExpected(name);
        if (std::any_of(expected.begin(), expected.end(),
                        [](const auto& entry) { return entry.first.starts_with("grad."); })) {
            known.push_back(name);
        }
    }
    EXPECT_THAT(kWithGradients, ::testing::UnorderedElementsAreArray(known));
}

} // namespace
} // namespace dskd::model
