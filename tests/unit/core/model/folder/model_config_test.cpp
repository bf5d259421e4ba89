// What every config.json has in common: fields, refusals, saving.

#include "config_samples.h"

#include "core/model/folder/families/family.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ModelConfig, ReadsGpt2WithTheDefaultsOfTransformers)
{
    const auto config = parse(gpt2());
    ASSERT_TRUE(config) << config.failure().text();
    EXPECT_EQ(config->family, findFamily("gpt2"));
    EXPECT_EQ(config->width, 768);
    EXPECT_EQ(config->layers, 12);
    EXPECT_EQ(config->heads, 12);
    EXPECT_EQ(config->keyValueHeads, 12);
    EXPECT_EQ(config->headWidth, 64);
    EXPECT_EQ(config->innerWidth, 4 * 768);
    EXPECT_EQ(config->maxPositions, 1024);
    EXPECT_EQ(config->activation, "gelu_new");
    EXPECT_EQ(config->normEpsilon, 1e-5);
    EXPECT_EQ(config->residualDropout, 0.1);
    EXPECT_TRUE(config->tiedHead);
    EXPECT_FALSE(config->eosId);
}

TEST(ModelConfig, ReadsAnInnerWidthOfGpt2OtherThanFourTimesTheWidth)
{
    ordered_json json = gpt2();
    json["n_inner"] = nullptr;
    EXPECT_EQ(parse(json)->innerWidth, 3072);
    json["n_inner"] = 100;
    EXPECT_EQ(parse(json)->innerWidth, 100);
}

TEST(ModelConfig, CountsTheParametersOfPublishedModels)
{
    EXPECT_EQ(parameterCount(*parse(gpt2())), 124439808);              // openai-community/gpt2
    EXPECT_EQ(parameterCount(*parse(llamaLike("llama"))), 1100048384); // TinyLlama-1.1B
    const auto changed = [](ordered_json json, const ordered_json& fields) {
        json.update(fields);
        return parameterCount(*parse(json));
    };
    EXPECT_EQ(changed(llamaLike("gpt_neox"), {{"vocab_size", 50304},
                                              {"hidden_size", 768},
                                              {"num_hidden_layers", 12},
                                              {"num_attention_heads", 12},
                                              {"intermediate_size", 3072}}),
              162322944); // EleutherAI/pythia-160m
    EXPECT_EQ(changed(llamaLike("gemma2"), {{"vocab_size", 256000},
                                            {"hidden_size", 2304},
                                            {"num_hidden_layers", 26},
                                            {"num_attention_heads", 8},
                                            {"intermediate_size", 9216}}),
              2614341888); // google/gemma-2-2b
    EXPECT_EQ(changed(llamaLike("gemma3_text"), {{"vocab_size", 262144},
                                                 {"hidden_size", 1152},
                                                 {"num_hidden_layers", 26},
                                                 {"num_attention_heads", 4},
                                                 {"num_key_value_heads", 1},
                                                 {"intermediate_size", 6912}}),
              999885952); // google/gemma-3-1b-pt
}

TEST(ModelConfig, KeepsEveryEndOfTextId)
{
    ordered_json json = llamaLike("llama");
    json["eos_token_id"] = {128001, 128008, 128009};
    EXPECT_EQ(parse(json)->eosId, 128001);
    EXPECT_THAT(parse(json)->eosIds, ElementsAre(128001, 128008, 128009));
    json["eos_token_id"] = 2;
    EXPECT_THAT(parse(json)->eosIds, ElementsAre(2));
}

TEST(ModelConfig, AnUnknownArchitectureIsAnsweredWithThoseKnown)
{
    const std::string why = refusal(gpt2(), "model_type", "mamba");
    EXPECT_THAT(why, HasSubstr("\"mamba\""));
    for (const Family* family : families()) {
        EXPECT_THAT(why, HasSubstr(family->architectures)) << family->modelType;
        EXPECT_THAT(why, HasSubstr(family->modelType));
    }
}

TEST(ModelConfig, RefusesContradictionsNamingTheFields)
{
    EXPECT_THAT(refusal(gpt2(), "n_head", 11), HasSubstr("n_head"));
    EXPECT_THAT(refusal(llamaLike("llama"), "num_key_value_heads", 5), HasSubstr("num_key_value_heads"));
    EXPECT_THAT(refusal(llamaLike("llama"), "head_dim", 63), HasSubstr("odd"));
    EXPECT_EQ(refusal(llamaLike("llama"), "head_dim", 48), "");
}

TEST(ModelConfig, RefusesSizesThatCannotBe)
{
    const std::vector<ordered_json> wrong = {0,
                                             -1,
                                             1.5,
                                             9e300,
                                             18446744073709551615ULL,
                                             1LL << 40,
                                             "12",
                                             false,
                                             ordered_json::array({1}),
                                             ordered_json::object()};
    for (const char* field : {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                              "num_key_value_heads", "intermediate_size", "max_position_embeddings"}) {
        for (const ordered_json& value : wrong) {
            EXPECT_THAT(refusal(llamaLike("llama"), field, value), HasSubstr(field)) << value;
        }
    }
}

TEST(ModelConfig, NamesAMissingField)
{
    ordered_json json = llamaLike("mistral");
    json.erase("intermediate_size");
    EXPECT_EQ(parse(json).failure().what, "model/config.json: the field \"intermediate_size\" is missing.");
}

TEST(ModelConfig, RefusesWhatWouldBeComputedDifferently)
{
    EXPECT_THAT(refusal(gpt2(), "activation_function", "relu"), HasSubstr("\"relu\""));
    EXPECT_THAT(refusal(gpt2(), "scale_attn_by_inverse_layer_idx", true), HasSubstr("scale_attn_by_inverse"));
    EXPECT_THAT(refusal(llamaLike("llama"), "hidden_act", "gelu"), HasSubstr("\"gelu\""));
    EXPECT_THAT(refusal(llamaLike("llama"), "quantization_config", {{"bits", 4}}), HasSubstr("quantised"));
    EXPECT_EQ(refusal(gpt2(), "activation_function", "gelu_pytorch_tanh"), "");
}

TEST(ModelConfig, RefusesTextThatIsNoObject)
{
    for (const char* text : {"", "[]", "null", "{\"model_type\": \"gpt2\"", "{\"model_type\": 3}", "\xff\xfe"}) {
        EXPECT_FALSE(parseModelConfig(text, "config.json")) << text;
    }
    EXPECT_FALSE(parseModelConfig(std::string(1'000'000, '['), "config.json"));
}

TEST(ModelConfig, SavingKeepsEveryFieldAndItsOrder)
{
    ordered_json json = llamaLike("llama");
    json["a_field_of_tomorrow"] = {{"z", 1}, {"a", 1e-5}};
    json["torch_dtype"] = "bfloat16";
    const ordered_json saved = ordered_json::parse(configJson(*parse(json), "float32"));
    json["torch_dtype"] = "float32";
    EXPECT_EQ(saved.dump(), json.dump());
    json.erase("torch_dtype");
    EXPECT_EQ(ordered_json::parse(configJson(*parse(json), "float16"))["dtype"], "float16");
}

// transformers recognises no model without it, whatever "architectures" says.
TEST(ModelConfig, SavingNamesTheTypeOfAModelThatIsKnownByItsClass)
{
    ordered_json json = llamaLike("llama");
    json.erase("model_type");
    json["architectures"] = {"LlamaForCausalLM"};
    EXPECT_EQ(ordered_json::parse(configJson(*parse(json), "float32"))["model_type"], "llama");
    json["model_type"] = nullptr;
    EXPECT_EQ(ordered_json::parse(configJson(*parse(json), "float32"))["model_type"], "llama");
}

TEST(ModelConfig, NamesAPointerOfGitLfs)
{
    EXPECT_THAT(parseModelConfig("version https://git-lfs.github.com/spec/v1\n", "config.json").failure().what,
                HasSubstr("config.json is a Git LFS pointer"));
}

TEST(ModelConfig, OneFilledInByCodeIsWrittenAndReadBackUnchanged)
{
    for (const Family* family : families()) {
        const std::string type = family->modelType;
        SCOPED_TRACE(type);
        ModelConfig config = *parse(type == "gpt2" ? gpt2() : llamaLike(type));
        config.tiedHead = !config.tiedHead;
        config.eosIds = {7, 8};
        config.eosId = 7;
        if (type != "gpt2") {
            config.ropeScaling = RopeScaling{4.0, 1.0, 3.0, 512, false};
            config.ropeTheta = 1234.5;
        }
        if (type == "mistral" || type == "phi3") {
            config.slidingWindow = 33;
        }
        if (type == "qwen2" || type == "qwen3" || type == "gemma2" || type == "gemma3_text" || type == "smollm3") {
            config.slidingWindow = 33;
            config.windowedLayers.assign(22, true);
            std::fill_n(config.windowedLayers.begin(), 5, false);
        }
        if (type == "gemma2") {
            config.queryScalar = 144;
            config.headSoftcap = 12.5;
            config.attentionSoftcap = 0.0;
        }
        if (type == "gemma3_text") {
            config.windowRopeTheta = 77.0;
        }
        if (type == "gpt_neox") {
            config.rotaryWidth = 10; // 10 / 64 of a head
            config.parallelResidual = false;
            config.attentionBias = false;
        }
        if (type == "olmo") {
            config.queryKeyValueClip = 3.5;
        }
        if (type == "exaone4") { // every fifth layer in place of every fourth
            config.slidingWindow = 33;
            for (std::size_t layer = 0; layer < 22; ++layer) {
                config.windowedLayers[layer] = layer % 5 != 4;
                config.unrotatedLayers[layer] = layer % 5 == 4;
            }
        }
        if (type == "smollm3") {
            config.unrotatedLayers.assign(22, false);
            config.unrotatedLayers[7] = true;
        }
        config.original.clear();
        const std::string json = configJson(config, "float32");
        const auto again = parseModelConfig(json, "config.json");
        ASSERT_TRUE(again) << again.failure().text();
        EXPECT_EQ(parameterCount(*again), parameterCount(config));
        EXPECT_EQ(again->tiedHead, config.tiedHead);
        EXPECT_EQ(again->eosIds, config.eosIds);
        EXPECT_EQ(again->ropeTheta, config.ropeTheta);
        EXPECT_EQ(again->ropeScaling.has_value(), config.ropeScaling.has_value());
        EXPECT_EQ(again->slidingWindow, config.slidingWindow);
        for (std::int64_t layer = 0; layer < config.layers; ++layer) {
            EXPECT_EQ(windowOf(*again, layer), windowOf(config, layer)) << layer;
        }
        EXPECT_EQ(again->windowRopeTheta, config.windowRopeTheta);
        EXPECT_EQ(again->rotaryWidth, config.rotaryWidth);
        EXPECT_EQ(again->unrotatedLayers, config.unrotatedLayers);
        EXPECT_EQ(again->queryScalar, config.queryScalar);
        EXPECT_EQ(again->attentionSoftcap, config.attentionSoftcap);
        EXPECT_EQ(again->headSoftcap, config.headSoftcap);
        EXPECT_EQ(again->queryKeyValueClip, config.queryKeyValueClip);
        EXPECT_EQ(again->parallelResidual, config.parallelResidual);
        ModelConfig stripped = *again;
        stripped.original.clear();
        EXPECT_EQ(configJson(stripped, "float32"), json);
    }
}

} // namespace
} // namespace dskd::model
