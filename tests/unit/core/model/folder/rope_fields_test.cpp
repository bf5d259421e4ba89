// Rotary positions in the spellings of transformers 4 and 5.

#include "config_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;
using ::testing::HasSubstr;

TEST(RopeFields, ReadsRotaryPositionsInBothSpellings)
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

TEST(RopeFields, ReadsLinearRopeScalingInItsOldSpelling)
{
    ordered_json json = llamaLike("llama");
    json["rope_scaling"] = {{"type", "linear"}, {"factor", 2.5}};
    const auto config = parse(json);
    ASSERT_TRUE(config) << config.failure().text();
    EXPECT_TRUE(config->ropeScaling->linear);
    EXPECT_EQ(config->ropeScaling->factor, 2.5);
}

TEST(RopeFields, RefusesOtherRopeTypesByName)
{
    for (const char* type : {"yarn", "dynamic", "longrope"}) {
        const ordered_json scaling = {{"rope_type", type}, {"factor", 2.0}};
        EXPECT_THAT(refusal(llamaLike("qwen2"), "rope_scaling", scaling), HasSubstr(type));
        EXPECT_THAT(refusal(llamaLike("qwen2"), "rope_parameters", scaling), HasSubstr(type));
    }
}

TEST(RopeFields, ReadsTheTwoRotationsOfGemma3InBothSpellings)
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
    EXPECT_EQ(plain->headSoftcap, 0.0);
    EXPECT_EQ(windowOf(*plain, 4), 4096);
    EXPECT_FALSE(windowOf(*plain, 5)) << "every sixth layer looks at everything";
    five["rope_parameters"]["sliding_attention"] = linear;
    EXPECT_THAT(parse(five).failure().what, HasSubstr("sliding_attention"));
    EXPECT_THAT(refusal(llamaLike("llama"), "rope_parameters", {{"full_attention", linear}}),
                HasSubstr("differ from layer to layer"));
}

} // namespace
} // namespace dskd::model
