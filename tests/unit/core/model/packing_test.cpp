#include "golden_model.h"

#include "core/model/attention.h"
#include "core/model/folder/tensor_specs.h"
#include "core/model/make_causal_lm.h"
#include "tests/support/model_families.h"

#include <ATen/Context.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace dskd::model
{
namespace
{
using namespace testing;

class Packing : public ::testing::TestWithParam<std::string>
{
protected:
    void SetUp() override { model = goldenModel(GetParam(), true); }

    std::unique_ptr<CausalLm> model;
};

TEST_P(Packing, EmptySequencesTakeNoRows)
{
    const PackedTokens without = packed({{3, 4, 5}, {6, 7}});
    const PackedTokens with = packed({{}, {3, 4, 5}, {}, {6, 7}, {}});
    EXPECT_TRUE(at::equal(model->hiddenStates(with), model->hiddenStates(without)));
}

TEST_P(Packing, NothingInGivesNothingOut)
{
    EXPECT_EQ(model->hiddenStates(packed({})).sizes(), at::IntArrayRef({0, model->config().width}));
    const PaddedTokens onlyPadding{at::zeros({2, 3}, at::kLong), at::zeros({2, 3}, at::kBool)};
    const at::Tensor hidden = model->hiddenStates(onlyPadding);
    EXPECT_EQ(hidden.sizes(), at::IntArrayRef({2, 3, model->config().width}));
    EXPECT_TRUE(hidden.isfinite().all().item<bool>());
}

TEST_P(Packing, ASequenceDoesNotSeeItsNeighbours)
{
    const at::Tensor first = model->hiddenStates(packed({{3, 4, 5}, {6, 7}})).slice(0, 3);
    const at::Tensor second = model->hiddenStates(packed({{90, 80, 70}, {6, 7}})).slice(0, 3);
    EXPECT_TRUE(at::equal(first, second));
}

TEST_P(Packing, ARowDoesNotSeeLaterOnes)
{
    const at::Tensor first = model->hiddenStates(packed({{3, 4, 5, 6}})).slice(0, 0, 3);
    const at::Tensor second = model->hiddenStates(packed({{3, 4, 5, 77}})).slice(0, 0, 3);
    EXPECT_LT(relativeError(first, second), 1e-6); // the same sums, perhaps in another order
}

TEST_P(Packing, EveryParameterGetsAGradient)
{
    at::linear(model->hiddenStates(packed({{3, 4, 5, 6}, {7, 8}})), model->head()).square().sum().backward();
    for (const NamedTensor& parameter : model->parameters()) {
        ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
        EXPECT_GT(parameter.tensor.grad().abs().max().item<float>(), 0.0F) << parameter.name;
    }
}

TEST_P(Packing, IdsThatDisagreeWithTheirLengthsAreRefused)
{
    EXPECT_THROW((void)model->hiddenStates(PackedTokens{at::ones({5}, at::kLong), {2, 2}}), c10::Error);
    EXPECT_THROW((void)model->hiddenStates(PaddedTokens{at::ones({2, 3}, at::kLong), at::ones({2, 4}, at::kBool)}),
                 c10::Error);
}

std::string nameOf(const ::testing::TestParamInfo<std::string>& info)
{
    return info.param;
}

INSTANTIATE_TEST_SUITE_P(Families, Packing, ::testing::ValuesIn(kGoldenModels), nameOf);

TEST(LearnedPositions, ASequenceLongerThanThemIsRefused)
{
    const auto gpt2 = goldenModel("gpt2");
    EXPECT_NO_THROW((void)gpt2->hiddenStates(packed({std::vector<std::int64_t>(40, 5)})));
    EXPECT_THROW((void)gpt2->hiddenStates(packed({{1}, std::vector<std::int64_t>(41, 5)})), c10::Error);
}

// The golden model with dropout of one kind only.
std::unique_ptr<CausalLm> withDropout(const std::string& name, double ModelConfig::*kind)
{
    const auto original = goldenModel(name);
    ModelConfig config = original->config();
    config.embeddingDropout = config.attentionDropout = config.residualDropout = 0.0;
    config.*kind = 0.5;
    TensorMap weights;
    for (const NamedTensor& parameter : original->parameters()) {
        weights[parameter.name] = parameter.tensor;
    }
    return makeCausalLm(config, weights, false);
}

void seedDropout()
{
    at::Generator generator = at::globalContext().defaultGenerator(at::kCPU);
    generator.set_current_seed(1);
}

TEST(Dropout, OfEveryKindWorksInTrainingOnlyAndFollowsTheGenerator)
{
    const PackedTokens tokens = packed({{3, 4, 5, 6, 7}, {8, 9, 10}});
    for (const char* name : {"gpt2", "mistral", "gemma2", "pythia"}) {
        for (double ModelConfig::*kind :
             {&ModelConfig::embeddingDropout, &ModelConfig::attentionDropout, &ModelConfig::residualDropout}) {
            const auto model = withDropout(name, kind);
            const at::Tensor still = model->hiddenStates(tokens);
            EXPECT_TRUE(at::equal(still, model->hiddenStates(tokens)));
            seedDropout();
            const at::Tensor first = model->hiddenStates(tokens, true);
            const at::Tensor second = model->hiddenStates(tokens, true);
            seedDropout();
            EXPECT_TRUE(at::equal(first, model->hiddenStates(tokens, true)));
            EXPECT_GT(relativeError(first, still), 1e-3);
            EXPECT_GT(relativeError(first, second), 1e-3);
        }
    }
}

TEST(PackedAttention, GivesTheSameTogetherAsOneByOne)
{
    const std::vector<std::int64_t> lengths{4, 0, 9, 1, 6};
    for (const std::int64_t sharedHeads : {4, 2}) {
        for (const std::optional<std::int64_t> window :
             {std::optional<std::int64_t>(), std::optional<std::int64_t>(3)}) {
            for (const double cap : {0.0, 1.5}) {
                AttentionOptions options;
                options.window = window;
                options.softcap = cap;
                std::map<PackedOrder, std::vector<at::Tensor>> results; // the output, then the three gradients
                for (const PackedOrder order : {PackedOrder::OneByOne, PackedOrder::Together}) {
                    at::manual_seed(3);
                    std::vector<at::Tensor> inputs;
                    for (const std::int64_t heads : {std::int64_t{4}, sharedHeads, sharedHeads}) {
                        inputs.push_back(at::randn({20, heads, 8}, at::kDouble).requires_grad_(true));
                    }
                    const at::Tensor result =
                        PackedAttention(lengths, {}, order).attend(inputs[0], inputs[1], inputs[2], options);
                    (result * at::randn(result.sizes(), at::kDouble)).sum().backward();
                    results[order] = {result.detach(), inputs[0].grad(), inputs[1].grad(), inputs[2].grad()};
                }
                for (std::size_t i = 0; i < 4; ++i) {
                    // float64 sums in another order
                    EXPECT_LT(relativeError(results[PackedOrder::Together][i], results[PackedOrder::OneByOne][i]),
                              1e-13)
                        << i << ", cap " << cap << ", window " << window.value_or(0);
                }
            }
        }
    }
}

TEST(MakeCausalLm, KeepsTheParametersInTheOrderOfTheSpecs)
{
    for (const std::string& name : kGoldenModels) {
        const auto model = goldenModel(name);
        const std::vector<TensorSpec> specs = tensorSpecs(model->config());
        ASSERT_EQ(model->parameters().size(), specs.size());
        for (std::size_t i = 0; i < specs.size(); ++i) {
            EXPECT_EQ(model->parameters()[i].name, specs[i].name);
            EXPECT_EQ(model->parameters()[i].decay, specs[i].decay);
        }
        EXPECT_EQ(model->head().is_same(model->inputEmbedding()), model->config().tiedHead);
    }
}

TEST(MakeCausalLm, RefusesAMissingOrMisshapenTensorByName)
{
    const auto original = goldenModel("llama");
    TensorMap weights;
    for (const NamedTensor& parameter : original->parameters()) {
        weights[parameter.name] = parameter.tensor;
    }
    TensorMap misshapen = weights;
    misshapen["model.norm.weight"] = at::ones({3});
    EXPECT_THROW((void)makeCausalLm(original->config(), misshapen, false), c10::Error);
    weights.erase("model.norm.weight");
    EXPECT_THROW((void)makeCausalLm(original->config(), weights, false), c10::Error);
}

TEST(LowPrecision, StaysCloseToFloat32)
{
    // bfloat16 keeps 8 bits: after two layers a few percent of the largest value are left to rounding.
    const std::vector<std::string> names = {"gpt2",   "llama3", "mistral", "qwen2_tied", "qwen3", "phi3",    "gemma",
                                            "gemma2", "gemma3", "pythia",  "olmo",       "olmo2", "smollm3", "exaone4"};
    EXPECT_THAT(familiesOf(names), ::testing::UnorderedElementsAreArray(test::familyNames()));
    for (const std::string& name : names) {
        LoadOptions options;
        options.dtype = at::kBFloat16;
        const auto model = std::move(loadCausalLm(goldenFolder(name), options)).value();
        const TensorMap expected = goldenExpected(name);
        const at::Tensor hidden = model->hiddenStates(packed(tokenLists(expected.at("ids"), expected.at("lengths"))));
        EXPECT_EQ(hidden.scalar_type(), at::kBFloat16);
        EXPECT_LT(relativeError(hidden.to(at::kFloat), expected.at("hidden")), 0.1) << name;
    }
}

} // namespace
} // namespace dskd::model
