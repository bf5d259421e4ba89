#include "core/model/folder/model_config.h"

#include <algorithm>
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
    EXPECT_EQ(windowOf(*parse(json), 0), 7);
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
    EXPECT_FALSE(windowOf(*parse(json), 19));
    EXPECT_EQ(windowOf(*parse(json), 20), 9);
    json["max_window_layers"] = 22; // no layer left
    EXPECT_FALSE(parse(json)->slidingWindow);
    json["max_window_layers"] = 0;
    EXPECT_EQ(windowOf(*parse(json), 0), 9);
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

TEST(ModelConfig, ReadsGemma2WithTheDefaultsOfTransformers)
{
    ordered_json json = llamaLike("gemma2");
    json.erase("num_key_value_heads");
    const auto config = parse(json);
    ASSERT_TRUE(config) << config.failure().text();
    EXPECT_EQ(config->keyValueHeads, 4);
    EXPECT_EQ(config->headWidth, 256);
    EXPECT_EQ(config->queryScalar, 256);
    EXPECT_EQ(config->attentionSoftcap, 50.0);
    EXPECT_EQ(config->headSoftcap, 30.0);
    EXPECT_EQ(config->activation, "gelu_pytorch_tanh");
    EXPECT_TRUE(config->tiedHead);
    EXPECT_EQ(windowOf(*config, 0), 4096);
    EXPECT_FALSE(windowOf(*config, 1));
    json["attn_logit_softcapping"] = nullptr; // switched off, not the default
    json["final_logit_softcapping"] = 20;
    EXPECT_EQ(parse(json)->attentionSoftcap, 0.0);
    EXPECT_EQ(parse(json)->headSoftcap, 20.0);
}

TEST(ModelConfig, ReadsTheTwoRotationsOfGemma3InBothSpellings)
{
    const ordered_json linear = {{"rope_type", "linear"}, {"factor", 8.0}};
    ordered_json four = llamaLike("gemma3_text");
    four["rope_theta"] = 2e6;
    four["rope_local_base_freq"] = 5000.0;
    four["rope_scaling"] = linear;
    ordered_json five = llamaLike("gemma3_text");
    five["rope_parameters"] = {{"full_attention", linear},
                               {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 5000.0}}}};
    five["rope_parameters"]["full_attention"]["rope_theta"] = 2e6;
    for (const ordered_json& json : {four, five}) {
        const auto config = parse(json);
        ASSERT_TRUE(config) << config.failure().text();
        EXPECT_EQ(config->ropeTheta, 2e6);
        EXPECT_EQ(config->windowRopeTheta, 5000.0);
        ASSERT_TRUE(config->ropeScaling);
        EXPECT_EQ(config->ropeScaling->factor, 8.0);
    }
    const auto plain = parse(llamaLike("gemma3_text"));
    EXPECT_EQ(plain->ropeTheta, 1e6);
    EXPECT_EQ(plain->windowRopeTheta, 10000.0);
    EXPECT_FALSE(plain->ropeScaling);
    EXPECT_TRUE(plain->qkNorm);
    EXPECT_EQ(plain->headSoftcap, 0.0);
    EXPECT_EQ(windowOf(*plain, 4), 4096);
    EXPECT_FALSE(windowOf(*plain, 5)) << "every sixth layer looks at everything";
    five["rope_parameters"]["sliding_attention"] = linear;
    EXPECT_THAT(parse(five).failure().what, HasSubstr("sliding_attention"));
    EXPECT_THAT(refusal(llamaLike("llama"), "rope_parameters", {{"full_attention", linear}}),
                HasSubstr("differ from layer to layer"));
}

TEST(ModelConfig, LayersThatAreSpelledOutWin)
{
    ordered_json json = llamaLike("gemma2");
    std::vector<std::string> types(22, "full_attention");
    types[1] = "sliding_attention";
    json["layer_types"] = types;
    EXPECT_FALSE(windowOf(*parse(json), 0));
    EXPECT_EQ(windowOf(*parse(json), 1), 4096);
    for (const ordered_json& wrong : {ordered_json({"full_attention"}), ordered_json("full_attention"),
                                      ordered_json(std::vector<std::string>(22, "chunked_attention"))}) {
        EXPECT_THAT(refusal(json, "layer_types", wrong), HasSubstr("layer_types")) << wrong;
    }
    json = llamaLike("gemma3_text");
    json["sliding_window_pattern"] = 2;
    EXPECT_TRUE(windowOf(*parse(json), 0));
    EXPECT_FALSE(windowOf(*parse(json), 1));
}

TEST(ModelConfig, ReadsGptNeoXInBothSpellings)
{
    ordered_json json = llamaLike("gpt_neox");
    const auto plain = parse(json);
    ASSERT_TRUE(plain) << plain.failure().text();
    EXPECT_EQ(plain->headWidth, 64);
    EXPECT_EQ(plain->rotaryWidth, 16) << "a quarter unless told";
    EXPECT_EQ(plain->keyValueHeads, 32) << "it shares none";
    EXPECT_EQ(plain->activation, "gelu");
    EXPECT_TRUE(plain->parallelResidual);
    EXPECT_TRUE(plain->attentionBias);
    EXPECT_FALSE(plain->tiedHead);
    ordered_json five = json;
    json["rotary_pct"] = 0.5;
    json["rotary_emb_base"] = 5000;
    five["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 5000.0}, {"partial_rotary_factor", 0.5}};
    for (const ordered_json& spelling : {json, five}) {
        EXPECT_EQ(parse(spelling)->rotaryWidth, 32);
        EXPECT_EQ(parse(spelling)->ropeTheta, 5000.0);
    }
    EXPECT_THAT(refusal(json, "rotary_pct", 0.05), HasSubstr("3 numbers of each head of 64"));
    EXPECT_THAT(refusal(json, "rotary_pct", 0.0), HasSubstr("rotary_pct"));
    EXPECT_THAT(refusal(json, "hidden_act", "silu"), HasSubstr("\"silu\""));
    EXPECT_THAT(refusal(json, "num_attention_heads", 31), HasSubstr("num_attention_heads"));
    EXPECT_THAT(refusal(llamaLike("llama"), "partial_rotary_factor", 0.5), HasSubstr("partial_rotary_factor"));
}

TEST(ModelConfig, ReadsTheClipOfOlmoAndTheLayersOfSmolLm3)
{
    ordered_json olmo = llamaLike("olmo");
    EXPECT_EQ(parse(olmo)->queryKeyValueClip, 0.0);
    EXPECT_EQ(parse(olmo)->normEpsilon, 1e-5);
    olmo["clip_qkv"] = 8.0;
    EXPECT_EQ(parse(olmo)->queryKeyValueClip, 8.0);
    EXPECT_TRUE(parse(llamaLike("olmo2"))->qkNorm);

    ordered_json smol = llamaLike("smollm3");
    EXPECT_EQ(parse(smol)->ropeTheta, 2e6);
    EXPECT_TRUE(parse(smol)->tiedHead);
    EXPECT_FALSE(parse(smol)->slidingWindow);
    EXPECT_FALSE(parse(smol)->unrotatedLayers[0]);
    EXPECT_TRUE(parse(smol)->unrotatedLayers[3]);
    smol["use_sliding_window"] = true;
    smol["sliding_window"] = 64;
    EXPECT_FALSE(windowOf(*parse(smol), 0));
    EXPECT_EQ(windowOf(*parse(smol), 3), 64) << "layers that see no positions";
    std::vector<int> turns(22, 1);
    turns[0] = 0;
    smol["no_rope_layers"] = turns;
    EXPECT_TRUE(parse(smol)->unrotatedLayers[0]);
    EXPECT_FALSE(parse(smol)->unrotatedLayers[3]);
    EXPECT_THAT(refusal(smol, "no_rope_layers", {1, 0}), HasSubstr("no_rope_layers"));
    EXPECT_THAT(refusal(smol, "no_rope_layers", std::vector<int>(22, 2)), HasSubstr("no_rope_layers"));
}

TEST(ModelConfig, RefusesWhatTheNewFamiliesWouldComputeDifferently)
{
    for (const char* type : {"gemma", "gemma2", "gemma3_text"}) {
        EXPECT_THAT(refusal(llamaLike(type), "use_bidirectional_attention", true), HasSubstr("bidirectional")) << type;
    }
    EXPECT_THAT(refusal(llamaLike("gemma2"), "hidden_activation", "silu"), HasSubstr("\"silu\""));
    EXPECT_THAT(refusal(llamaLike("gemma"), "hidden_act", "silu"), HasSubstr("\"silu\""));
    EXPECT_EQ(refusal(llamaLike("gemma"), "hidden_act", "gelu"), "") << "the name of the first releases";
    EXPECT_THAT(refusal(llamaLike("gemma2"), "final_logit_softcapping", -3.0), HasSubstr("final_logit_softcapping"));
    EXPECT_THAT(refusal(llamaLike("gemma3_text"), "sliding_window", nullptr), HasSubstr("sliding_window"));
    EXPECT_THAT(refusal(llamaLike("olmo2"), "hidden_act", "gelu"), HasSubstr("\"gelu\""));
}

TEST(ModelConfig, AnUnknownArchitectureIsAnsweredWithThoseKnown)
{
    const std::string why = refusal(gpt2(), "model_type", "mamba");
    EXPECT_THAT(why, HasSubstr("\"mamba\""));
    for (const char* known : {"gpt2", "llama", "mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3_text", "gpt_neox",
                              "olmo2", "smollm3"}) {
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
         {Family::Gpt2, Family::Llama, Family::Mistral, Family::Qwen2, Family::Qwen3, Family::Phi3, Family::Gemma,
          Family::Gemma2, Family::Gemma3, Family::GptNeoX, Family::Olmo, Family::Olmo2, Family::SmolLm3}) {
        SCOPED_TRACE(familyName(family));
        ModelConfig config = *parse(family == Family::Gpt2 ? gpt2() : llamaLike(familyName(family)));
        config.tiedHead = !config.tiedHead;
        config.eosIds = {7, 8};
        config.eosId = 7;
        if (family != Family::Gpt2) {
            config.ropeScaling = RopeScaling{4.0, 1.0, 3.0, 512, false};
            config.ropeTheta = 1234.5;
        }
        if (family == Family::Mistral || family == Family::Phi3) {
            config.slidingWindow = 33;
        }
        if (family == Family::Qwen2 || family == Family::Qwen3 || family == Family::Gemma2 ||
            family == Family::Gemma3 || family == Family::SmolLm3) {
            config.slidingWindow = 33;
            config.windowedLayers.assign(22, true);
            std::fill_n(config.windowedLayers.begin(), 5, false);
        }
        if (family == Family::Gemma2) {
            config.queryScalar = 144;
            config.headSoftcap = 12.5;
            config.attentionSoftcap = 0.0;
        }
        if (family == Family::Gemma3) {
            config.windowRopeTheta = 77.0;
        }
        if (family == Family::GptNeoX) {
            config.rotaryWidth = 10; // 10 / 64 of a head
            config.parallelResidual = false;
            config.attentionBias = false;
        }
        if (family == Family::Olmo) {
            config.queryKeyValueClip = 3.5;
        }
        if (family == Family::SmolLm3) {
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
