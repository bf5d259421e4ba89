// The fields that each family reads, and its defaults, on its own.

#include "config_samples.h"

#include "core/model/folder/families/family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;
using ::testing::HasSubstr;

TEST(FamilyFields, TiesHeadsByFamilyWhereNothingIsSaid)
{
    EXPECT_TRUE(parse(gpt2())->tiedHead);
    for (const char* type : {"llama", "mistral", "qwen2"}) {
        EXPECT_FALSE(parse(llamaLike(type))->tiedHead) << type;
    }
    EXPECT_TRUE(parse(llamaLike("gemma"))->tiedHead);
    for (const Family* family : families()) {
        if (family->architecture == Architecture::Llama) {
            for (const bool tied : {true, false}) {
                ordered_json json = llamaLike(family->modelType);
                json["tie_word_embeddings"] = tied;
                EXPECT_EQ(parse(json).value().tiedHead, tied) << family->modelType;
            }
        }
    }
}

TEST(FamilyFields, TakesTheDefaultsOfEveryFamily)
{
    ordered_json json = llamaLike("qwen3");
    EXPECT_EQ(parse(json)->headWidth, 128) << "not width / heads";
    EXPECT_TRUE(hasTensor(json, "self_attn.q_norm.weight"));
    EXPECT_FALSE(hasTensor(json, "self_attn.q_proj.bias"));
    json.erase("num_key_value_heads");
    EXPECT_EQ(parse(json)->keyValueHeads, 32);
    const auto phi = parse(llamaLike("phi3"));
    EXPECT_EQ(phi->headWidth, 64);
    EXPECT_EQ(phi->normEpsilon, 1e-5);
    EXPECT_EQ(phi->maxPositions, 4096);
    EXPECT_FALSE(phi->slidingWindow);
    EXPECT_EQ(parse(llamaLike("qwen2"))->keyValueHeads, 4);
}

TEST(FamilyFields, KnowsTheBiasesOfEachFamily)
{
    EXPECT_TRUE(hasTensor(llamaLike("qwen2"), "self_attn.q_proj.bias"));
    EXPECT_FALSE(hasTensor(llamaLike("qwen2"), "self_attn.o_proj.bias"));
    ordered_json json = llamaLike("llama");
    for (const char* name : {"self_attn.q_proj.bias", "self_attn.o_proj.bias", "mlp.up_proj.bias"}) {
        EXPECT_FALSE(hasTensor(json, name)) << name;
    }
    json["attention_bias"] = true;
    json["mlp_bias"] = true;
    for (const char* name : {"self_attn.q_proj.bias", "self_attn.o_proj.bias", "mlp.up_proj.bias"}) {
        EXPECT_TRUE(hasTensor(json, name)) << name;
    }
}

TEST(FamilyFields, ReadsGemma2WithTheDefaultsOfTransformers)
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

TEST(FamilyFields, ReadsGptNeoXInBothSpellings)
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

TEST(FamilyFields, ReadsTheClipOfOlmoAndTheLayersOfSmolLm3)
{
    ordered_json olmo = llamaLike("olmo");
    EXPECT_EQ(parse(olmo)->queryKeyValueClip, 0.0);
    EXPECT_EQ(parse(olmo)->normEpsilon, 1e-5);
    olmo["clip_qkv"] = 8.0;
    EXPECT_EQ(parse(olmo)->queryKeyValueClip, 8.0);
    EXPECT_TRUE(hasTensor(llamaLike("olmo2"), "self_attn.q_norm.weight"));

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

TEST(FamilyFields, ReadsTheLayersOfExaone4)
{
    ordered_json json = llamaLike("exaone4");
    const auto plain = parse(json);
    ASSERT_TRUE(plain) << plain.failure().text();
    EXPECT_EQ(plain->normEpsilon, 1e-5);
    EXPECT_EQ(windowOf(*plain, 2), 4096);
    EXPECT_FALSE(plain->unrotatedLayers[2]);
    EXPECT_FALSE(windowOf(*plain, 3)) << "every fourth layer looks at everything";
    EXPECT_TRUE(plain->unrotatedLayers[3]) << "and sees no positions";
    EXPECT_FALSE(hasTensor(json, "input_layernorm.weight"));
    EXPECT_TRUE(hasTensor(json, "post_feedforward_layernorm.weight"));

    std::vector<std::string> types(22, "full_attention");
    json["layer_types"] = types;
    json["sliding_window"] = nullptr; // as EXAONE-4.0-1.2B has it
    EXPECT_FALSE(parse(json)->slidingWindow);
    EXPECT_TRUE(parse(json)->unrotatedLayers.empty()) << "without windows all layers rotate";
    types[1] = "sliding_attention";
    EXPECT_THAT(refusal(json, "layer_types", types), HasSubstr("\"sliding_window\" is null"));
    json["layer_types"] = types;
    json["sliding_window"] = 128;
    json["sliding_window_pattern"] = "LLLG"; // as EXAONE-4.0-32B says beside the list
    EXPECT_EQ(windowOf(*parse(json), 1), 128);
    EXPECT_TRUE(parse(json)->unrotatedLayers[0]);
    json.erase("layer_types");
    EXPECT_THAT(parse(json).failure().what, HasSubstr("sliding_window_pattern"));
}

TEST(FamilyFields, KeepsWhatAnUnusedWindowOfExaone4Switches)
{
    ordered_json json = llamaLike("exaone4");
    json["layer_types"] = std::vector<std::string>(22, "full_attention");
    ModelConfig config = parse(json).value();
    EXPECT_FALSE(config.slidingWindow);
    config.original.clear();
    EXPECT_EQ(parseModelConfig(configJson(config, "float32"), "config.json")->unrotatedLayers,
              std::vector<bool>(22, true));
}

TEST(FamilyFields, RefusesWhatTheNewFamiliesWouldComputeDifferently)
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

} // namespace
} // namespace dskd::model
