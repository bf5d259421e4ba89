// Folders of models that load, and those that are refused; what is saved and what is drawn.

#include "core/base/regular_file.h"
#include "tests/unit/core/model/small_model.h"

#include <ATen/ATen.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace dskd;
using namespace dskd::model;
using dskd::model::testing::hidden;
using dskd::model::testing::refusalAfter;
using dskd::model::testing::smallConfig;
using dskd::model::testing::smallModel;
using dskd::model::testing::TemporaryFolder;
using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace
{
const at::Tensor& parameter(const CausalLm& model, const std::string& name)
{
    for (const NamedTensor& named : model.parameters()) {
        if (named.name == name) {
            return named.tensor;
        }
    }
    throw Error("no parameter " + name);
}
} // namespace

TEST(LoadCausalLm, ConstantsOfOldCheckpointsAreIgnoredInSilence)
{
    std::vector<std::string> warnings;
    EXPECT_EQ(refusalAfter(
                  "gpt2", true,
                  [](TensorMap& tensors) {
                      tensors["transformer.h.0.attn.bias"] = at::ones({1, 1, 16, 16}, at::kBool);
                      tensors["transformer.h.0.attn.masked_bias"] = at::scalar_tensor(-1e4, at::kFloat);
                  },
                  &warnings),
              "");
    EXPECT_EQ(refusalAfter(
                  "llama", false,
                  [](TensorMap& tensors) { tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = at::ones({1}); },
                  &warnings),
              "");
    EXPECT_EQ(refusalAfter(
                  "gpt_neox", false,
                  [](TensorMap& tensors) {
                      tensors["gpt_neox.layers.0.attention.bias"] = at::ones({1, 1, 16, 16}, at::kBool);
                      tensors["gpt_neox.layers.0.attention.masked_bias"] = at::scalar_tensor(-1e9, at::kFloat);
                      tensors["gpt_neox.layers.0.attention.rotary_emb.inv_freq"] = at::ones({1});
                  },
                  &warnings),
              "");
    EXPECT_THAT(warnings, ElementsAre());
}

TEST(LoadCausalLm, ABiasThatTheConfigurationDoesNotProvideForIsRefused)
{
    EXPECT_THAT(
        refusalAfter("llama", false,
                     [](TensorMap& tensors) { tensors["model.layers.0.self_attn.q_proj.bias"] = at::ones({8}); }),
        HasSubstr("q_proj.bias"));
}

TEST(LoadCausalLm, ATiedHeadAloneGivesTheModelThatTheEmbeddingGives)
{
    const TemporaryFolder folder;
    const auto model = smallModel("llama", true);
    saveCausalLm(*model, folder.path()).value();
    TensorMap tensors = readModelWeights(folder.path()).value();
    tensors["lm_head.weight"] = tensors.at("model.embed_tokens.weight");
    tensors.erase("model.embed_tokens.weight");
    writeSafetensors(folder.path() / "model.safetensors", {tensors.begin(), tensors.end()}).value();
    const auto again = loadCausalLm(folder.path());
    ASSERT_TRUE(again) << again.failure().text();
    EXPECT_TRUE(at::equal(hidden(**again), hidden(*model)));
    EXPECT_TRUE(at::equal((*again)->head(), model->head()));
}

TEST(LoadCausalLm, AnUntiedHeadMustBeThere)
{
    const std::string why = refusalAfter("llama", false, [](TensorMap& tensors) { tensors.erase("lm_head.weight"); });
    EXPECT_THAT(why, HasSubstr("lm_head.weight"));
    EXPECT_THAT(why, HasSubstr("tie_word_embeddings"));
}

TEST(LoadCausalLm, ATiedHeadMayBeStoredWhenItIsTheEmbedding)
{
    const auto storeHead = [](double change) {
        return
            [change](TensorMap& tensors) { tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"] + change; };
    };
    EXPECT_EQ(refusalAfter("qwen2", true, storeHead(0.0)), "");
    EXPECT_THAT(refusalAfter("qwen2", true, storeHead(1.0)), HasSubstr("differs from \"model.embed_tokens.weight\""));
}

TEST(LoadCausalLm, WeightsThatAreNoFloatingPointNumbersAreRefused)
{
    EXPECT_THAT(refusalAfter("gpt2", true,
                             [](TensorMap& tensors) {
                                 tensors["transformer.wte.weight"] = tensors["transformer.wte.weight"].to(at::kChar);
                             }),
                HasSubstr("\"transformer.wte.weight\" has the element type I8"));
}

TEST(LoadCausalLm, ReadsShardedModels)
{
    const TemporaryFolder folder;
    const auto model = smallModel("llama", false);
    saveCausalLm(*model, folder.path()).value();
    ordered_json index = {{"weight_map", ordered_json::object()}};
    std::vector<std::vector<std::pair<std::string, at::Tensor>>> shards(2);
    for (const NamedTensor& named : model->parameters()) {
        const std::size_t shard = index["weight_map"].size() % 2;
        shards[shard].emplace_back(named.name, named.tensor);
        index["weight_map"][named.name] = "model-" + std::to_string(shard) + ".safetensors";
    }
    std::filesystem::remove(folder.path() / "model.safetensors");
    for (std::size_t i = 0; i < shards.size(); ++i) {
        writeSafetensors(folder.path() / ("model-" + std::to_string(i) + ".safetensors"), shards[i]).value();
    }
    folder.write("model.safetensors.index.json", index.dump());
    const auto again = loadCausalLm(folder.path());
    ASSERT_TRUE(again) << again.failure().text();
    EXPECT_TRUE(at::equal(hidden(**again), hidden(*model)));
}

TEST(LoadCausalLm, ConvertsToTheTypeAskedFor)
{
    const TemporaryFolder folder;
    saveCausalLm(*smallModel("llama", false), folder.path(), at::kBFloat16).value();
    EXPECT_EQ(ordered_json::parse(readTextFile(folder.path() / "config.json").value())["dtype"], "bfloat16");
    EXPECT_EQ(readModelWeights(folder.path())->at("lm_head.weight").scalar_type(), at::kBFloat16);
    LoadOptions options;
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
        options.dtype = type;
        const auto model = loadCausalLm(folder.path(), options);
        for (const NamedTensor& named : (*model)->parameters()) {
            EXPECT_EQ(named.tensor.scalar_type(), type);
        }
    }
}

TEST(LoadCausalLm, FrozenWeightsStayInTheFileAndTrainableOnesDoNot)
{
    const TemporaryFolder folder;
    saveCausalLm(*smallModel("llama", false), folder.path()).value();
    LoadOptions options;
    const auto frozen = loadCausalLm(folder.path(), options);
    options.trainable = true;
    const auto trainable = loadCausalLm(folder.path(), options);
    for (std::size_t i = 0; i < (*frozen)->parameters().size(); ++i) {
        const at::Tensor& mapped = (*frozen)->parameters()[i].tensor;
        const at::Tensor& owned = (*trainable)->parameters()[i].tensor;
        EXPECT_FALSE(mapped.requires_grad());
        EXPECT_FALSE(mapped.storage().resizable());
        EXPECT_TRUE(owned.requires_grad());
        EXPECT_TRUE(owned.is_leaf());
        EXPECT_TRUE(owned.storage().resizable());
    }
}

TEST(SaveCausalLm, KeepsTheConfigurationAsItWas)
{
    const TemporaryFolder folder;
    saveCausalLm(*smallModel("qwen2", true), folder.path()).value();
    ordered_json expected = ordered_json::parse(smallConfig("qwen2", true));
    expected["dtype"] = "float32";
    EXPECT_EQ(ordered_json::parse(readTextFile(folder.path() / "config.json").value()).dump(), expected.dump());
}

TEST(SaveCausalLm, AFolderThatCannotBeMadeIsNamed)
{
    const TemporaryFolder folder;
    const auto file = folder.write("file", "x");
    EXPECT_THAT(saveCausalLm(*smallModel("gpt2", true), file / "model").failure().what, HasSubstr("cannot be created"));
}

TEST(CreateCausalLm, DrawsWeightsWithTheSpreadOfTransformers)
{
    ordered_json json = ordered_json::parse(smallConfig("gpt2", true));
    json["n_embd"] = 128;
    json["initializer_range"] = 0.05;
    const auto model = createCausalLm(parseModelConfig(json.dump(), "config.json").value(), 3).value();
    // 3 % is over four standard errors of the deviation of the smallest matrix here, 128 x 128
    EXPECT_NEAR(parameter(*model, "transformer.h.0.attn.c_attn.weight").std().item<double>(), 0.05, 0.0015);
    EXPECT_NEAR(parameter(*model, "transformer.h.1.attn.c_proj.weight").std().item<double>(), 0.05 / 2, 0.00075);
    EXPECT_NEAR(parameter(*model, "transformer.h.1.mlp.c_proj.weight").std().item<double>(), 0.05 / 2, 0.00075);
    EXPECT_NEAR(parameter(*model, "transformer.h.0.attn.c_attn.weight").mean().item<double>(), 0.0, 0.002);
    EXPECT_TRUE(at::equal(parameter(*model, "transformer.ln_f.weight"), at::ones({128})));
    EXPECT_TRUE(at::equal(parameter(*model, "transformer.h.0.mlp.c_fc.bias"), at::zeros({512})));
}

TEST(CreateCausalLm, DrawsTheSameNumbersForEveryType)
{
    LoadOptions options;
    options.dtype = at::kBFloat16;
    EXPECT_TRUE(at::equal(smallModel("llama", false, 5, options)->head(),
                          smallModel("llama", false, 5)->head().to(at::kBFloat16)));
}

TEST(CreateCausalLm, RefusesAConfigurationFilledInByCodeThatCannotBe)
{
    ModelConfig config = parseModelConfig(smallConfig("llama", false), "config.json").value();
    config.keyValueHeads = 3;
    EXPECT_THAT(createCausalLm(config, 1).failure().what, HasSubstr("num_key_value_heads"));
    config.keyValueHeads = 0;
    EXPECT_FALSE(createCausalLm(config, 1));
}

TEST(CreateCausalLm, AConfigurationChangedAfterReadingIsSavedAsChanged)
{
    const TemporaryFolder folder;
    ModelConfig config = parseModelConfig(smallConfig("mistral", false), "config.json").value();
    config.layers = 1;
    saveCausalLm(*createCausalLm(config, 1).value(), folder.path()).value();
    const auto again = loadCausalLm(folder.path());
    ASSERT_TRUE(again) << again.failure().text();
    EXPECT_EQ((*again)->config().layers, 1);
}
