#include "core/base/regular_file.h"
#include "core/model/causal_lm.h"
#include "core/model/folder/families/family.h"
#include "core/model/safetensors.h"
#include "tests/support/model_families.h"
#include "tests/unit/core/model/safetensors_bytes.h"

#include <ATen/ATen.h>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace dskd;
using namespace dskd::model;
using dskd::model::testing::TemporaryFolder;
using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace
{
std::string smallConfig(const std::string& type, bool tied)
{
    ordered_json json;
    if (type == "gpt2") {
        json = {{"model_type", "gpt2"}, {"vocab_size", 11}, {"n_embd", 8},
                {"n_layer", 2},         {"n_head", 2},      {"n_positions", 16}};
    } else {
        json = {{"model_type", type},      {"vocab_size", 11},         {"hidden_size", 8},
                {"num_hidden_layers", 2},  {"num_attention_heads", 4}, {"num_key_value_heads", 2},
                {"intermediate_size", 12}, {"my_field", "kept"}};
    }
    if (type == "gpt_neox") {
        json["rotary_pct"] = 1.0; // a quarter of heads this narrow would be nothing
    }
    json["tie_word_embeddings"] = tied;
    return json.dump();
}

std::unique_ptr<CausalLm> smallModel(const std::string& type, bool tied, std::uint64_t seed = 1,
                                     const LoadOptions& options = {})
{
    return createCausalLm(parseModelConfig(smallConfig(type, tied), "config.json").value(), seed, options).value();
}

const at::Tensor& parameter(const CausalLm& model, const std::string& name)
{
    for (const NamedTensor& named : model.parameters()) {
        if (named.name == name) {
            return named.tensor;
        }
    }
    throw Error("no parameter " + name);
}

at::Tensor hidden(CausalLm& model)
{
    return model.hiddenStates(PackedTokens{at::tensor({3, 1, 4, 1, 5, 9}, at::kLong), {4, 2}});
}

// A saved model whose tensors were changed; returns why it is refused, empty when it is not.
std::string refusalAfter(const std::string& type, bool tied, const std::function<void(TensorMap&)>& change,
                         std::vector<std::string>* warnings = nullptr)
{
    const TemporaryFolder folder;
    saveCausalLm(*smallModel(type, tied), folder.path()).value();
    TensorMap tensors = readModelWeights(folder.path()).value();
    change(tensors);
    writeSafetensors(folder.path() / "model.safetensors", {tensors.begin(), tensors.end()}).value();
    LoadOptions options;
    options.warnings = warnings;
    const auto loaded = loadCausalLm(folder.path(), options);
    return loaded ? "" : loaded.failure().text();
}

void dropPrefix(TensorMap& tensors, const std::string& prefix)
{
    TensorMap bare;
    for (auto& [name, tensor] : tensors) {
        bare.emplace(name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name, tensor);
    }
    tensors = std::move(bare);
}

class EveryFamily : public ::testing::TestWithParam<std::tuple<std::string, bool>>
{
protected:
    [[nodiscard]] std::string type() const { return std::get<0>(GetParam()); }
    [[nodiscard]] bool tied() const { return std::get<1>(GetParam()); }
    [[nodiscard]] const Family& family() const { return *findFamily(type()); }
    // What stands before the number of a layer.
    [[nodiscard]] std::string layers() const { return std::string(family().prefix) + family().blocks; }
    // The first matrix of a layer whose sides differ, without the layer.
    [[nodiscard]] TensorSpec oblong() const
    {
        const std::string layer = layers() + "0.";
        const auto model = smallModel(type(), tied());
        for (TensorSpec& spec : tensorSpecs(model->config())) {
            if (spec.name.starts_with(layer) && spec.shape.size() == 2 && spec.shape[0] != spec.shape[1]) {
                spec.name.erase(0, layer.size());
                return spec;
            }
        }
        throw Error("every matrix of " + type() + " is square");
    }
};
} // namespace

TEST_P(EveryFamily, ComesBackFromDiskWithTheSameWeightsAndStates)
{
    const TemporaryFolder folder;
    const auto model = smallModel(type(), tied());
    ASSERT_TRUE(saveCausalLm(*model, folder.path() / "new" / "model"));
    const auto again = loadCausalLm(folder.path() / "new" / "model");
    ASSERT_TRUE(again) << again.failure().text();
    ASSERT_EQ((*again)->parameters().size(), model->parameters().size());
    for (std::size_t i = 0; i < model->parameters().size(); ++i) {
        const NamedTensor& saved = model->parameters()[i];
        const NamedTensor& loaded = (*again)->parameters()[i];
        EXPECT_EQ(loaded.name, saved.name);
        EXPECT_EQ(loaded.decay, saved.decay);
        EXPECT_TRUE(at::equal(loaded.tensor, saved.tensor)) << saved.name;
    }
    EXPECT_TRUE(at::equal(hidden(**again), hidden(*model)));
    EXPECT_TRUE(at::equal((*again)->head(), model->head()));
}

TEST_P(EveryFamily, HasItsParametersInTheOrderAndCountOfItsSpecs)
{
    const auto model = smallModel(type(), tied());
    const auto specs = tensorSpecs(model->config());
    ASSERT_EQ(model->parameters().size(), specs.size());
    std::int64_t count = 0;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        EXPECT_EQ(model->parameters()[i].name, specs[i].name);
        EXPECT_EQ(model->parameters()[i].decay, model->parameters()[i].tensor.dim() == 2) << specs[i].name;
        count += model->parameters()[i].tensor.numel();
    }
    EXPECT_EQ(count, parameterCount(model->config()));
    EXPECT_EQ(specs.back().name == model->config().family->head, !tied());
}

TEST_P(EveryFamily, DependsOnTheSeedAndOnNothingElse)
{
    const auto model = smallModel(type(), tied(), 7);
    at::randn({3}); // the default generator plays no part
    const auto same = smallModel(type(), tied(), 7);
    const auto other = smallModel(type(), tied(), 8);
    EXPECT_TRUE(at::equal(model->inputEmbedding(), same->inputEmbedding()));
    EXPECT_TRUE(at::equal(model->parameters().back().tensor, same->parameters().back().tensor));
    EXPECT_FALSE(at::equal(model->inputEmbedding(), other->inputEmbedding()));
}

TEST_P(EveryFamily, IsReadUnderTheNamesOfTheBareModel)
{
    EXPECT_EQ(refusalAfter(type(), tied(), [&](TensorMap& tensors) { dropPrefix(tensors, family().prefix); }), "");
}

TEST_P(EveryFamily, SaysWhichTensorIsMissing)
{
    const std::string name = layers() + "1." + oblong().name;
    const std::string why = refusalAfter(type(), tied(), [&](TensorMap& tensors) { tensors.erase(name); });
    EXPECT_THAT(why, HasSubstr("\"" + name + "\""));
    EXPECT_THAT(why, HasSubstr("is missing"));
}

TEST_P(EveryFamily, SaysWhichTensorHasAnotherShapeThanTheConfigurationGivesIt)
{
    const TensorSpec matrix = oblong();
    const std::string name = layers() + "0." + matrix.name;
    const std::string why =
        refusalAfter(type(), tied(), [&](TensorMap& tensors) { tensors[name] = tensors[name].t().contiguous(); });
    EXPECT_THAT(why, HasSubstr("config.json disagrees with the weights"));
    EXPECT_THAT(why, HasSubstr("\"" + name + "\""));
    const std::vector<std::int64_t> turned{matrix.shape[1], matrix.shape[0]};
    EXPECT_THAT(why, HasSubstr(shapeText(matrix.shape) + " and has " + shapeText(turned)));
}

// safetensors keeps one name of tensors that share their memory, and it may be the head's.
TEST_P(EveryFamily, FindsATiedEmbeddingUnderTheNameOfTheHead)
{
    const auto model = smallModel(type(), tied());
    const std::string embedding = tensorSpecs(model->config()).front().name;
    const std::string head = model->config().family->head;
    const std::string why = refusalAfter(type(), tied(), [&](TensorMap& tensors) {
        tensors[head] = tensors.at(embedding);
        tensors.erase(embedding);
    });
    if (tied()) {
        EXPECT_EQ(why, "");
    } else {
        EXPECT_THAT(why, HasSubstr("\"" + embedding + "\" of shape [11, 8] is missing"));
    }
}

TEST_P(EveryFamily, RefusesWeightsOfMoreLayersThanConfigured)
{
    const TensorSpec matrix = oblong();
    const std::string third = layers() + "2." + matrix.name;
    EXPECT_THAT(refusalAfter(type(), tied(), [&](TensorMap& tensors) { tensors[third] = at::ones(matrix.shape); }),
                HasSubstr("\"" + third + "\""));
}

TEST_P(EveryFamily, WarnsOfTensorsItDoesNotUse)
{
    std::vector<std::string> warnings;
    EXPECT_EQ(refusalAfter(
                  type(), tied(),
                  [](TensorMap& tensors) {
                      tensors["value_head.weight"] = at::ones({1, 8});
                  },
                  &warnings),
              "");
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("value_head.weight")));
}

INSTANTIATE_TEST_SUITE_P(LoadSave, EveryFamily,
                         ::testing::Combine(::testing::ValuesIn(dskd::test::familyNames()), ::testing::Bool()),
                         [](const auto& instance) {
                             return std::get<0>(instance.param) + (std::get<1>(instance.param) ? "Tied" : "Untied");
                         });

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
