#include "core/model/packed_weights.h"

#include "core/model/generate.h"
#include "core/model/linear.h"
#include "core/model/lora_adapter.h"
#include "golden_model.h"
#include "small_model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

namespace dskd::model
{
namespace
{
using namespace testing;

constexpr double kTolerance = 1e-6; // float32, another order of summation

GenerateOptions withPackedWeights(bool packs)
{
    GenerateOptions options;
    options.maxNewTokens = 20;
    options.packsWeights = packs;
    return options;
}

TEST(PackedWeight, GivesTheProductOfTheWeightInBothLayouts)
{
    const at::NoGradGuard noGrad;
    const at::Tensor weight = at::randn({37, 24});
    const at::Tensor bias = at::randn({37});
    const at::Tensor x = at::randn({5, 24});
    const PackedWeight outIn(weight, WeightLayout::OutIn);
    const PackedWeight inOut(weight.t().contiguous(), WeightLayout::InOut);
    ASSERT_TRUE(outIn.takes(x));
    EXPECT_LT(relativeError(outIn.apply(x, {}), at::linear(x, weight)), kTolerance);
    EXPECT_LT(relativeError(outIn.apply(x, bias), at::linear(x, weight, bias)), kTolerance);
    EXPECT_TRUE(at::equal(inOut.apply(x, bias), outIn.apply(x, bias)));
    const at::Tensor strided = at::randn({24, 5}).t();
    EXPECT_LT(relativeError(outIn.apply(strided, bias), at::linear(strided, weight, bias)), kTolerance);
}

TEST(PackedWeight, TakesFewRowsWithoutGradients)
{
    const PackedWeight copy(at::randn({8, 4}), WeightLayout::OutIn);
    EXPECT_FALSE(copy.takes(at::randn({2, 4}))) << "a gradient would be lost";
    const at::NoGradGuard noGrad;
    EXPECT_TRUE(copy.takes(at::randn({kMostPackedRows, 4})));
    EXPECT_FALSE(copy.takes(at::randn({kMostPackedRows + 1, 4})));
    EXPECT_FALSE(copy.takes(at::randn({2, 4}, at::kDouble)));
    EXPECT_FALSE(PackedWeight().takes(at::randn({2, 4})));
    EXPECT_THROW((void)copy.apply(at::randn({2, 5}), {}), c10::Error);
}

TEST(PackedModel, PacksASmallModelOfFloatsOnTheCpu)
{
    const at::NoGradGuard noGrad;
    const auto model = goldenModel("llama");
    const PackedModel packed(*model, model->head().size(0));
    EXPECT_TRUE(packed.head().takes(at::zeros({3, model->head().size(1)})));
}

TEST(PackedLinear, IsUsedUntilItIsDropped)
{
    const at::NoGradGuard noGrad;
    at::Tensor weight = at::randn({6, 4});
    const Linear layer(weight, {}, WeightLayout::OutIn);
    const at::Tensor x = at::randn({3, 4});
    const at::Tensor before = layer.apply(x, false);
    layer.pack();
    weight.zero_();
    EXPECT_LT(relativeError(layer.apply(x, false), before), kTolerance) << "the copy is what is multiplied";
    layer.dropPacked();
    EXPECT_EQ(layer.apply(x, false).abs().max().item<float>(), 0.0F);
}

class PackedGeneration : public ::testing::TestWithParam<std::string>
{
protected:
    std::unique_ptr<CausalLm> model = goldenModel(GetParam());
    TensorMap expected = goldenExpected(GetParam());
    TokenLists prompts = tokenLists(expected.at("prompts"), expected.at("prompt_lengths"));
};

TEST_P(PackedGeneration, GivesTheTokensOfTheOtherProducts)
{
    const TokenLists plain = generate(*model, prompts, withPackedWeights(false));
    EXPECT_EQ(generate(*model, prompts, withPackedWeights(true)), plain);
    ASSERT_GT(plain.front().size(), 2U);
    ASSERT_GT(plain.back().size(), 5U);
    // Some rows end early, so that the batch becomes smaller while the others go on.
    GenerateOptions ending = withPackedWeights(true);
    ending.eosIds = {plain.front()[2], plain.back()[5]};
    GenerateOptions endingPlain = ending;
    endingPlain.packsWeights = false;
    EXPECT_EQ(generate(*model, prompts, ending), generate(*model, prompts, endingPlain));
}

INSTANTIATE_TEST_SUITE_P(Families, PackedGeneration, ::testing::ValuesIn(kGoldenModels),
                         [](const ::testing::TestParamInfo<std::string>& info) { return info.param; });

TEST(PackedGenerationOfAModel, FollowsWeightsThatChangedSinceTheLastCall)
{
    const auto model = goldenModel("llama", /*trainable=*/true);
    const TokenLists prompts = {{5, 6, 7}, {8}};
    const TokenLists before = generate(*model, prompts, withPackedWeights(true));
    {
        const at::NoGradGuard noGrad;
        for (const NamedTensor& parameter : model->parameters()) {
            const at::Tensor& tensor = parameter.tensor;
            if (tensor.dim() == 2) {
                tensor.copy_(tensor.flip({0})); // another model
            }
        }
    }
    const TokenLists after = generate(*model, prompts, withPackedWeights(true));
    EXPECT_NE(after, before);
    EXPECT_EQ(after, generate(*model, prompts, withPackedWeights(false)));
}

TEST(PackedGenerationOfAModel, LeavesNothingPackedBehind)
{
    const auto used = goldenModel("gpt2", /*trainable=*/true);
    const auto fresh = goldenModel("gpt2", /*trainable=*/true);
    const TokenLists prompts = {{5, 6, 7}};
    (void)generate(*used, prompts, withPackedWeights(true));
    const at::NoGradGuard noGrad;
    for (const auto* model : {used.get(), fresh.get()}) {
        for (const NamedTensor& parameter : model->parameters()) {
            if (parameter.name.find(".mlp.") != std::string::npos) {
                parameter.tensor.mul_(2.0);
            }
        }
    }
    EXPECT_TRUE(at::equal(used->hiddenStates(packed(prompts)), fresh->hiddenStates(packed(prompts))));
}

TEST(PackedGenerationOfAModel, IsNotUsedWithAnAdapter)
{
    const std::filesystem::path folder = std::filesystem::path(test::goldenDir()) / "lora" / "llama";
    const auto model = goldenModel("llama");
    model->setAdapter(readAdapter(folder, model->config(), at::kFloat).value());
    EXPECT_FALSE(model->packWeights());
    const TokenLists prompts = {{5, 6, 7}, {8}};
    EXPECT_EQ(generate(*model, prompts, withPackedWeights(true)), generate(*model, prompts, withPackedWeights(false)));
}

TEST(PackedGenerationOfAModel, IsNotUsedInBfloat16)
{
    LoadOptions options;
    options.dtype = at::kBFloat16;
    const auto model = smallModel("llama", true, 3, options);
    EXPECT_FALSE(model->packWeights());
    const TokenLists prompts = {{5, 6, 7}, {8}};
    EXPECT_EQ(generate(*model, prompts, withPackedWeights(true)), generate(*model, prompts, withPackedWeights(false)));
}

} // namespace
} // namespace dskd::model
