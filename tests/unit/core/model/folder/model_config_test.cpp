#include "core/model/folder/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace dskd;
using namespace dskd::model;
using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace
{
ordered_json gpt2()
{
    return {{"model_type", "gpt2"}, {"vocab_size", 50257}, {"n_embd", 768},
            {"n_layer", 12},        {"n_head", 12},        {"n_positions", 1024}};
}

ordered_json llamaLike(const std::string& type)
{
    return {{"model_type", type},       {"vocab_size", 32000},       {"hidden_size", 2048},
            {"num_hidden_layers", 22},  {"num_attention_heads", 32}, {"num_key_value_heads", 4},
            {"intermediate_size", 5632}};
}

Result<ModelConfig> parse(const ordered_json& json)
{
    return parseModelConfig(json.dump(), "model/config.json");
}

// Why the configuration with `field` set to `value` is refused; empty when it is not.
std::string refusal(ordered_json json, const std::string& field, const ordered_json& value)
{
    json[field] = value;
    const auto config = parse(json);
    return config ? "" : config.failure().text();
}
} // namespace

TEST(ModelConfig, ReadsGpt2WithTheDefaultsOfTransformers)
{
    const auto config = parse(gpt2());
    ASSERT_TRUE(config) << config.failure().text();
    EXPECT_EQ(config->family, Family::Gpt2);
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
}

TEST(ModelConfig, TiesHeadsByFamilyWhereNothingIsSaid)
{
    EXPECT_TRUE(parse(gpt2())->tiedHead);
    for (const char* type : {"llama", "mistral", "qwen2"}) {
        EXPECT_FALSE(parse(llamaLike(type))->tiedHead) << type;
        ordered_json json = llamaLike(type);
        json["tie_word_embeddings"] = true;
        EXPECT_TRUE(parse(json)->tiedHead) << type;
    }
}

TEST(ModelConfig, ReadsRotaryPositionsInBothSpellings)
{
    const ordered_json llama3 = {{"factor", 8.0},
                                 {"low_freq_factor", 1.0},
                                 {"high_freq_factor", 4.0},
                                 {"original_max_position_embeddings", 8192},
                                 {"rope_type", "llama3"}};
    ordered_json four = llamaLike("llama");
    four["rope_theta"] = 500000.0;
    four["rope_scaling"] = llama3;
    ordered_json five = llamaLike("llama");
    five["rope_parameters"] = llama3;
    five["rope_parameters"]["rope_theta"] = 500000.0;
    for (const ordered_json& json : {four, five}) {
        const auto config = parse(json);
        ASSERT_TRUE(config) << config.failure().text();
        EXPECT_EQ(config->ropeTheta, 500000.0);
        ASSERT_TRUE(config->ropeScaling);
        EXPECT_FALSE(config->ropeScaling->linear);
        EXPECT_EQ(config->ropeScaling->factor, 8.0);
        EXPECT_EQ(config->ropeScaling->originalMaxPositions, 8192);
    }
    EXPECT_EQ(parse(llamaLike("llama"))->ropeTheta, 10000.0);
    EXPECT_FALSE(parse(llamaLike("llama"))->ropeScaling);
}

TEST(ModelConfig, ReadsLinearRopeScalingInItsOldSpelling)
{
    ordered_json json = llamaLike("llama");
    json["rope_scaling"] = {{"type", "linear"}, {"factor", 2.5}};
    const auto config = parse(json);
    ASSERT_TRUE(config) << config.failure().text();
    EXPECT_TRUE(config->ropeScaling->linear);
    EXPECT_EQ(config->ropeScaling->factor, 2.5);
}

TEST(ModelConfig, TakesTheDefaultsOfEveryFamily)
{
    ordered_json json = llamaLike("qwen3");
    EXPECT_EQ(parse(json)->headWidth, 128) << "not width / heads";
    EXPECT_TRUE(parse(json)->qkNorm);
    EXPECT_FALSE(parse(json)->qkvBias);
    json.erase("num_key_value_heads");
    EXPECT_EQ(parse(json)->keyValueHeads, 32);
    const auto phi = parse(llamaLike("phi3"));
    EXPECT_EQ(phi->headWidth, 64);
    EXPECT_EQ(phi->normEpsilon, 1e-5);
    EXPECT_EQ(phi->maxPositions, 4096);
    EXPECT_FALSE(phi->slidingWindow);
    EXPECT_EQ(parse(llamaLike("qwen2"))->keyValueHeads, 4);
}

TEST(ModelConfig, RefusesOtherRopeTypesByName)
{
    for (const char* type : {"yarn", "dynamic", "longrope"}) {
        const ordered_json scaling = {{"rope_type", type}, {"factor", 2.0}};
        EXPECT_THAT(refusal(llamaLike("qwen2"), "rope_scaling", scaling), HasSubstr(type));
        EXPECT_THAT(refusal(llamaLike("qwen2"), "rope_parameters", scaling), HasSubstr(type));
    }
}

TEST(ModelConfig, ReadsTheWindowOfMistralAndItsAbsence)
{
    ordered_json json = llamaLike("mistral");
    EXPECT_EQ(parse(json)->slidingWindow, 4096); // transformers' default for a configuration without the field
    json["sliding_window"] = 7;
    EXPECT_EQ(parse(json)->slidingWindow, 7);
    EXPECT_EQ(parse(json)->firstSlidingLayer, 0);
    json["sliding_window"] = nullptr;
    EXPECT_FALSE(parse(json)->slidingWindow);
}

TEST(ModelConfig, UsesTheWindowOfQwen2OnlyWhenToldTo)
{
    ordered_json json = llamaLike("qwen2");
    json["sliding_window"] = 9;
    json["max_window_layers"] = 20;
    EXPECT_FALSE(parse(json)->slidingWindow);
    json["use_sliding_window"] = true;
    EXPECT_EQ(parse(json)->slidingWindow, 9);
    EXPECT_EQ(parse(json)->firstSlidingLayer, 20);
    json["max_window_layers"] = 22; // no layer left
    EXPECT_FALSE(parse(json)->slidingWindow);
    json["max_window_layers"] = 0;
    EXPECT_EQ(parse(json)->firstSlidingLayer, 0);
    json["layer_types"] = ordered_json(std::vector<std::string>(22, "full_attention"));
    EXPECT_THAT(parse(json).failure().what, HasSubstr("layer_types"));
    json["layer_types"] = ordered_json(std::vector<std::string>(22, "sliding_attention"));
    EXPECT_TRUE(parse(json));
}

TEST(ModelConfig, KnowsTheBiasesOfEachFamily)
{
    EXPECT_TRUE(parse(llamaLike("qwen2"))->qkvBias);
    ordered_json json = llamaLike("llama");
    EXPECT_FALSE(parse(json)->qkvBias || parse(json)->attentionBias || parse(json)->mlpBias);
    json["attention_bias"] = true;
    json["mlp_bias"] = true;
    EXPECT_TRUE(parse(json)->attentionBias && parse(json)->mlpBias);
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
    for (const char* known : {"gpt2", "llama", "mistral", "qwen2", "qwen3", "phi3"}) {
        EXPECT_THAT(why, HasSubstr(known));
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

TEST(ModelConfig, OneFilledInByCodeIsWrittenAndReadBackUnchanged)
{
    for (const Family family :
         {Family::Gpt2, Family::Llama, Family::Mistral, Family::Qwen2, Family::Qwen3, Family::Phi3}) {
        ModelConfig config = *parse(family == Family::Gpt2 ? gpt2() : llamaLike(familyName(family)));
        config.tiedHead = !config.tiedHead;
        config.eosIds = {7, 8};
        config.eosId = 7;
        if (family != Family::Gpt2) {
            config.ropeScaling = RopeScaling{4.0, 1.0, 3.0, 512, false};
            config.ropeTheta = 1234.5;
        }
        if (family != Family::Gpt2 && family != Family::Llama) {
            config.slidingWindow = 33;
            config.firstSlidingLayer = family == Family::Qwen2 || family == Family::Qwen3 ? 5 : 0;
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
        EXPECT_EQ(again->firstSlidingLayer, config.firstSlidingLayer);
        ModelConfig stripped = *again;
        stripped.original.clear();
        EXPECT_EQ(configJson(stripped, "float32"), json);
    }
}
