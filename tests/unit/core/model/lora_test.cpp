// LoRA against PEFT (tests/reference/lora_reference.py): base with adapter, merged weights, gradients, folders.

#include "golden_model.h"

#include "core/model/fine_tuning.h"
#include "core/model/kv_cache.h"
#include "core/model/lora_adapter.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace dskd::model
{
namespace
{
using namespace testing;
using ::testing::HasSubstr;

constexpr double kTolerance = 1e-5; // as in parity_test.cpp
constexpr double kGradientTolerance = 1e-4;

std::filesystem::path adapterFolder(const std::string& name)
{
    return std::filesystem::path(test::goldenDir()) / "lora" / name;
}

// The folders of tests/golden/lora: each holds an adapter of the model of its name.
std::vector<std::string> adaptedModels()
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(adapterFolder({}))) {
        if (entry.is_directory()) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

LoraAdapter goldenAdapter(const std::string& name)
{
    return readAdapter(adapterFolder(name), goldenModel(name)->config(), at::kFloat).value();
}

std::unique_ptr<CausalLm> adaptedModel(const std::string& name)
{
    auto model = goldenModel(name);
    model->setAdapter(goldenAdapter(name));
    return model;
}

at::Tensor logitsOf(CausalLm& model, const TokenLists& sequences)
{
    return testing::logitsOf(model, model.hiddenStates(packed(sequences)));
}

class Lora : public ::testing::TestWithParam<std::string>
{
protected:
    void SetUp() override
    {
        expected = readSafetensors(adapterFolder(GetParam()) / "expected.safetensors").value();
        sequences = tokenLists(expected.at("ids"), expected.at("lengths"));
    }

    TensorMap expected;
    TokenLists sequences;
};

TEST_P(Lora, AdapterBesideTheBaseGivesPeftsLogits)
{
    const auto model = adaptedModel(GetParam());
    EXPECT_GT(relativeError(logitsOf(*goldenModel(GetParam()), sequences), expected.at("logits")), 0.1)
        << "the base alone says something else";
    EXPECT_LT(relativeError(logitsOf(*model, sequences), expected.at("logits")), kTolerance);
    const PaddedTokens tokens = padded(sequences, Padding::Left);
    const at::Tensor hidden = model->hiddenStates(tokens).index({tokens.mask});
    EXPECT_LT(relativeError(testing::logitsOf(*model, hidden), expected.at("logits")), kTolerance);
}

TEST_P(Lora, AdapterIsSeenTokenByTokenWithACache)
{
    const auto model = adaptedModel(GetParam());
    std::vector<at::Tensor> rows;
    for (const auto& sequence : sequences) {
        KeyValueCache cache;
        for (const std::int64_t id : sequence) {
            const at::Tensor mask = at::ones({1, cache.length + 1}, at::kBool);
            rows.push_back(model->hiddenStates(at::full({1, 1}, id, at::kLong), mask, cache)[0]);
        }
    }
    EXPECT_LT(relativeError(testing::logitsOf(*model, at::cat(rows)), expected.at("logits")), kTolerance);
}

TEST_P(Lora, MergedAtLoadingGivesPeftsMergedLogits)
{
    LoadOptions options;
    options.adapter = adapterFolder(GetParam());
    const auto merged = loadCausalLm(goldenFolder(GetParam()), options).value();
    EXPECT_EQ(merged->adapter(), nullptr);
    EXPECT_LT(relativeError(logitsOf(*merged, sequences), expected.at("merged")), kTolerance);
}

TEST_P(Lora, AdapterFolderIsReadAsItsMergedBase)
{
    const auto merged = loadCausalLm(adapterFolder(GetParam())).value();
    EXPECT_LT(relativeError(logitsOf(*merged, sequences), expected.at("merged")), kTolerance);
}

TEST_P(Lora, SavingWritesTheMergedModelAndLeavesTheLiveOneAlone)
{
    const auto model = adaptedModel(GetParam());
    const at::Tensor before = logitsOf(*model, sequences);
    test::TemporaryFolder folder;
    ASSERT_TRUE(saveCausalLm(*model, folder.path()));
    EXPECT_TRUE(at::equal(logitsOf(*model, sequences), before));
    const auto again = loadCausalLm(folder.path()).value();
    EXPECT_LT(relativeError(logitsOf(*again, sequences), expected.at("merged")), kTolerance);
}

TEST_P(Lora, SavedAdapterIsReadAgainBitForBit)
{
    const LoraAdapter adapter = goldenAdapter(GetParam());
    test::TemporaryFolder folder;
    const ModelConfig config = goldenModel(GetParam())->config();
    ASSERT_TRUE(saveAdapter(adapter, config.family, folder.path()));
    const LoraAdapter again = readAdapter(folder.path(), config, at::kFloat).value();
    ASSERT_EQ(again.layers.size(), adapter.layers.size());
    EXPECT_EQ(again.config.scale(), adapter.config.scale());
    for (std::size_t i = 0; i < adapter.layers.size(); ++i) {
        EXPECT_EQ(again.layers[i].name, adapter.layers[i].name);
        EXPECT_TRUE(at::equal(again.layers[i].a, adapter.layers[i].a));
        EXPECT_TRUE(at::equal(again.layers[i].b, adapter.layers[i].b));
    }
}

TEST_P(Lora, GradientsAreThoseOfPeftAndOfTheAdapterOnly)
{
    const auto model = goldenModel(GetParam(), true);
    learnAdapter(*model, goldenAdapter(GetParam()));
    lossOf(*model, model->hiddenStates(packed(sequences)), sequences).backward();
    const auto learning = learningParameters(*model);
    EXPECT_EQ(learning.size(), 2 * model->adapter()->layers.size());
    for (const NamedTensor& parameter : learning) {
        const auto found = expected.find("grad." + parameter.name);
        ASSERT_NE(found, expected.end()) << parameter.name;
        ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
        EXPECT_LT(relativeError(parameter.tensor.grad(), found->second), kGradientTolerance) << parameter.name;
    }
    for (const NamedTensor& parameter : model->parameters()) {
        EXPECT_FALSE(parameter.tensor.requires_grad()) << parameter.name;
        EXPECT_FALSE(parameter.tensor.grad().defined()) << parameter.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Families, Lora, ::testing::ValuesIn(adaptedModels()),
                         [](const auto& instance) { return instance.param; });

LoraAdapter fresh(const std::string& model, const std::string& targets, std::uint64_t seed)
{
    AdapterConfig config;
    config.rank = 4;
    return createAdapter(config, loraTargets(goldenModel(model)->config(), targets).value().layers, seed, at::kFloat);
}

TEST(FreshAdapter, ChangesNothing)
{
    const auto model = goldenModel("llama");
    const TokenLists sequences{{3, 4, 5, 6}};
    const at::Tensor before = logitsOf(*model, sequences);
    model->setAdapter(fresh("llama", "all-linear", 1));
    EXPECT_TRUE(at::equal(logitsOf(*model, sequences), before));
}

TEST(SetAdapter, ReplacesTheOneThatWasThere)
{
    const auto model = adaptedModel("llama");
    const TokenLists sequences{{3, 4, 5, 6}};
    model->setAdapter(fresh("llama", "q_proj", 1));
    EXPECT_TRUE(at::equal(logitsOf(*model, sequences), logitsOf(*goldenModel("llama"), sequences)))
        << "nothing is left on v_proj and down_proj";
}

TEST(FreshAdapter, DrawsAUniformlyWithinTheBoundOfKaiming)
{
    for (const AdaptedLayer& layer : fresh("gpt2", "all-linear", 1).layers) {
        const double bound = 1.0 / std::sqrt(static_cast<double>(layer.a.size(1)));
        EXPECT_LT(layer.a.abs().max().item<double>(), bound);
        EXPECT_GT(layer.a.abs().max().item<double>(), 0.8 * bound);
        EXPECT_EQ(layer.b.count_nonzero().item<std::int64_t>(), 0);
    }
}

TEST(FreshAdapter, OfALayerDependsOnTheSeedAndItsNameOnly)
{
    const LoraAdapter two = fresh("llama", "q_proj,v_proj", 1);
    const LoraAdapter one = fresh("llama", "v_proj", 1);
    EXPECT_TRUE(at::equal(one.layers[0].a, two.layers[1].a)) << "a further target changes no other layer";
    EXPECT_FALSE(at::equal(two.layers[0].a.narrow(1, 0, 8), two.layers[1].a.narrow(1, 0, 8)));
    EXPECT_FALSE(at::equal(fresh("llama", "v_proj", 2).layers[0].a, one.layers[0].a));
}

TEST(LoraDropout, IsDrawnInTrainingOnlyAndFromTheSeed)
{
    const auto model = adaptedModel("phi3"); // dropout 0.3 in the adapter, none in the model
    const PackedTokens tokens = packed({{3, 4, 5, 6, 7, 8}});
    const at::Tensor still = model->hiddenStates(tokens, false);
    EXPECT_TRUE(at::equal(model->hiddenStates(tokens, false), still));
    at::manual_seed(1);
    const at::Tensor first = model->hiddenStates(tokens, true);
    EXPECT_FALSE(at::allclose(first, still));
    EXPECT_FALSE(at::equal(model->hiddenStates(tokens, true), first));
    at::manual_seed(1);
    EXPECT_TRUE(at::equal(model->hiddenStates(tokens, true), first));
}

TEST(ReadAdapter, RefusesNumbersThatAreNotFinite)
{
    LoraAdapter adapter = goldenAdapter("llama");
    adapter.layers[1].b[0][0] = std::numeric_limits<float>::quiet_NaN();
    test::TemporaryFolder folder;
    ASSERT_TRUE(saveAdapter(adapter, findFamily("llama"), folder.path()));
    const auto read = readAdapter(folder.path(), goldenModel("llama")->config(), at::kFloat);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.failure().what, HasSubstr(adapter.layers[1].name + ".lora_B"));
    EXPECT_THAT(read.failure().what, HasSubstr("NaN"));
}

TEST(Merging, RoundsOnceInBfloat16)
{
    const at::Tensor weight = at::tensor({256.0, 1.0}).view({2, 1}).to(at::kBFloat16);
    const AdaptedLayer layer{"x", at::tensor({1.0}).view({1, 1}), at::tensor({1.5, 0.25}).view({2, 1})};
    const at::Tensor merged = mergedWeight(weight, layer, 0.5, WeightLayout::OutIn, at::kBFloat16);
    EXPECT_EQ(merged.scalar_type(), at::kBFloat16);
    EXPECT_EQ(merged[0].item<double>(), 256.0) << "256.75 lies nearest to 256 of bfloat16's 256 and 258";
    EXPECT_EQ(merged[1].item<double>(), 1.125);
}

at::Tensor parameterOf(const CausalLm& model, const std::string& name)
{
    for (const NamedTensor& parameter : model.parameters()) {
        if (parameter.name == name) {
            return parameter.tensor;
        }
    }
    ADD_FAILURE() << "no parameter " << name;
    return at::Tensor();
}

TEST(Merging, AtLoadingInBfloat16RoundsTheSumOnlyAndNotItsParts)
{
    LoadOptions options;
    options.dtype = at::kBFloat16;
    options.adapter = adapterFolder("llama");
    const auto merged = loadCausalLm(goldenFolder("llama"), options).value();
    const auto base = goldenModel("llama");
    const LoraAdapter adapter = goldenAdapter("llama");
    const auto rounded = [](const at::Tensor& tensor) { return tensor.to(at::kBFloat16).to(at::kFloat); };
    bool matters = false; // whether rounding A and B first would have been seen
    for (const AdaptedLayer& layer : adapter.layers) {
        const at::Tensor weight = parameterOf(*base, layer.name + ".weight");
        const double scale = adapter.config.scale();
        const at::Tensor once = weight.add(layer.b.mm(layer.a).mul(scale)).to(at::kBFloat16);
        EXPECT_TRUE(at::equal(parameterOf(*merged, layer.name + ".weight"), once)) << layer.name;
        const at::Tensor roundedFirst = rounded(weight).add(rounded(layer.b).mm(rounded(layer.a)).mul(scale));
        matters = matters || !at::equal(roundedFirst.to(at::kBFloat16), once);
    }
    EXPECT_TRUE(matters);
}

TEST(Merging, WhenSavedInAnotherTypeRoundsToThatTypeOnly)
{
    LoadOptions options;
    options.dtype = at::kBFloat16;
    const auto model = loadCausalLm(goldenFolder("llama"), options).value();
    model->setAdapter(readAdapter(adapterFolder("llama"), model->config(), at::kBFloat16).value());
    test::TemporaryFolder folder;
    saveCausalLm(*model, folder.path(), at::kFloat).value();
    const auto saved = loadCausalLm(folder.path()).value();
    const AdaptedLayer& layer = model->adapter()->layers.front();
    const at::Tensor change = layer.b.to(at::kFloat).mm(layer.a.to(at::kFloat)).mul(model->adapter()->config.scale());
    EXPECT_TRUE(at::equal(parameterOf(*saved, layer.name + ".weight"),
                          parameterOf(*model, layer.name + ".weight").to(at::kFloat).add(change)));
}

TEST(FrozenEmbeddings, GetNoGradientAndAllElseDoes)
{
    for (const std::string& name : kGoldenModels) {
        const auto model = goldenModel(name, true);
        freezeEmbeddings(*model);
        const TokenLists sequences{{3, 4, 5, 6, 7}};
        lossOf(*model, model->hiddenStates(packed(sequences)), sequences).backward();
        for (const NamedTensor& parameter : model->parameters()) {
            const bool embedding = parameter.tensor.is_same(model->inputEmbedding()) ||
                                   parameter.name.find(".wpe") != std::string::npos; // learned positions
            EXPECT_EQ(parameter.tensor.grad().defined(), !embedding) << name << ": " << parameter.name;
        }
        EXPECT_EQ(model->head().requires_grad(), !model->config().tiedHead)
            << name << ": an untied head goes on learning";
    }
}

TEST(Fingerprint, ChangesWithASingleBitAndNotWithTheAdapter)
{
    const auto model = goldenModel("gpt2");
    const std::string before = weightsFingerprint(*model);
    EXPECT_EQ(weightsFingerprint(*goldenModel("gpt2")), before);
    model->setAdapter(goldenAdapter("gpt2"));
    EXPECT_EQ(weightsFingerprint(*model), before);
    at::Tensor weight = model->parameters()[5].tensor;
    weight.view(at::kInt).flatten()[3].bitwise_xor_(1);
    EXPECT_NE(weightsFingerprint(*model), before);
}

} // namespace
} // namespace dskd::model
