// Which layers slide, and how far they look.

#include "config_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;
using ::testing::HasSubstr;

TEST(WindowFields, ReadsTheWindowOfMistralAndItsAbsence)
{
    ordered_json json = llamaLike("mistral");
    EXPECT_EQ(parse(json)->slidingWindow, 4096); // transformers' default for a configuration without the field
    json["sliding_window"] = 7;
    EXPECT_EQ(parse(json)->slidingWindow, 7);
    EXPECT_EQ(windowOf(*parse(json), 0), 7);
    json["sliding_window"] = nullptr;
    EXPECT_FALSE(parse(json)->slidingWindow);
}

TEST(WindowFields, UsesTheWindowOfQwen2OnlyWhenToldTo)
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

TEST(WindowFields, LayersThatAreSpelledOutWin)
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

// transformers' Qwen2Config and Qwen3Config: sliding_window if use_sliding_window else None, which no layer slides by.
TEST(WindowFields, OfQwenThatAreNullAreNoWindow)
{
    for (const char* type : {"qwen2", "qwen3"}) {
        SCOPED_TRACE(type);
        ordered_json json = llamaLike(type);
        json["max_window_layers"] = 20;
        json["use_sliding_window"] = true;
        EXPECT_EQ(windowOf(*parse(json), 21), 4096) << "absent: transformers' default";
        json["sliding_window"] = nullptr;
        EXPECT_FALSE(parse(json)->slidingWindow);
        EXPECT_FALSE(windowOf(*parse(json), 21));
        json["layer_types"] = ordered_json(std::vector<std::string>(22, "full_attention"));
        EXPECT_TRUE(parse(json)) << "as transformers 5 spells such layers out";
        json["layer_types"][21] = "sliding_attention";
        EXPECT_THAT(parse(json).failure().what, HasSubstr("\"sliding_window\""));
        json.erase("layer_types");
        json["use_sliding_window"] = false;
        EXPECT_FALSE(parse(json)->slidingWindow);
        json["sliding_window"] = 9;
        EXPECT_FALSE(parse(json)->slidingWindow);
    }
}

} // namespace
} // namespace dskd::model
