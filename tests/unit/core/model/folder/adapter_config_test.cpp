// What PEFT's adapter folders say, and which layers lora.targets means. No tensors here.

#include "core/model/folder/adapter_config.h"
#include "core/model/folder/lora_targets.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::model
{
namespace
{
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const std::filesystem::path kGolden = test::goldenDir();

ModelConfig golden(const std::string& name)
{
    return readModelConfig(kGolden / "model" / name).value();
}

nlohmann::json plain()
{
    return {{"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", 8}, {"target_modules", {"q_proj"}}};
}

std::string refusal(const nlohmann::json& config)
{
    const auto parsed = parseAdapterConfig(config.dump(), "here");
    return parsed ? "" : parsed.failure().text();
}

TEST(AdapterConfig, OfPeftIsUnderstood)
{
    const AdapterConfig config = readAdapterConfig(kGolden / "lora" / "llama").value();
    EXPECT_EQ(config.rank, 4);
    EXPECT_DOUBLE_EQ(config.alpha, 6.0);
    EXPECT_TRUE(config.rankStabilised);
    EXPECT_DOUBLE_EQ(config.scale(), 3.0) << "alpha over the root of the rank";
    EXPECT_THAT(config.targets, UnorderedElementsAre("q_proj", "v_proj", "down_proj"));
    const AdapterConfig phi3 = readAdapterConfig(kGolden / "lora" / "phi3").value();
    EXPECT_DOUBLE_EQ(phi3.scale(), 4.0) << "alpha over the rank";
    EXPECT_DOUBLE_EQ(phi3.dropout, 0.3);
}

TEST(AdapterConfig, IsReadAgainAsItWasWritten)
{
    const AdapterConfig config{16, 4.0, 0.1, true, {"c_attn", "mlp.c_proj"}, "/models/gpt2"};
    const std::string text = adapterConfigJson(config, findFamily("gpt2"));
    EXPECT_THAT(text, HasSubstr("\"fan_in_fan_out\": true")) << "GPT-2's weights are stored (in, out)";
    const AdapterConfig again = parseAdapterConfig(text, "text").value();
    EXPECT_EQ(again.rank, config.rank);
    EXPECT_EQ(again.alpha, config.alpha);
    EXPECT_EQ(again.dropout, config.dropout);
    EXPECT_EQ(again.rankStabilised, config.rankStabilised);
    EXPECT_EQ(again.targets, config.targets);
    EXPECT_EQ(again.baseModel, config.baseModel);
}

TEST(AdapterConfig, RefusesWhatWouldChangeTheResultAndIsNotUnderstood)
{
    EXPECT_EQ(refusal(plain()), "");
    const std::pair<const char*, nlohmann::json> features[] = {{"use_dora", true},
                                                               {"modules_to_save", {"lm_head"}},
                                                               {"rank_pattern", {{"q_proj", 8}}},
                                                               {"alpha_pattern", {{"q_proj", 8}}},
                                                               {"bias", "all"},
                                                               {"lora_bias", true},
                                                               {"init_lora_weights", "pissa"},
                                                               {"something_new", 3},
                                                               {"peft_type", "IA3"},
                                                               {"r", 0},
                                                               {"r", "four"},
                                                               {"target_modules", {3}}};
    for (const auto& [field, value] : features) {
        nlohmann::json config = plain();
        config[field] = value;
        EXPECT_THAT(refusal(config), HasSubstr(field)) << field;
    }
    for (const char* field : {"peft_type", "r", "lora_alpha"}) {
        nlohmann::json config = plain();
        config.erase(field);
        EXPECT_THAT(refusal(config), HasSubstr(field)) << "without " << field;
    }
    EXPECT_FALSE(parseAdapterConfig("{\"lora_alpha\": NaN}", "here"));
}

TEST(AdapterConfig, IgnoresWhatSaysNothingAboutTheResult)
{
    nlohmann::json config = plain();
    config["peft_version"] = "9.9";
    config["something_new"] = nullptr;
    config["something_else"] = false;
    config["init_lora_weights"] = "gaussian";
    EXPECT_EQ(refusal(config), "");
}

TEST(AdaptedLayers, AreThoseThatTheFileHolds)
{
    const auto layers = readAdaptedLayers(kGolden / "lora" / "phi3", golden("phi3")).value();
    std::vector<std::string> names;
    for (const LinearLayer& layer : layers) {
        names.push_back(layer.name);
    }
    EXPECT_THAT(names, ElementsAre("model.layers.0.self_attn.qkv_proj", "model.layers.0.mlp.gate_up_proj",
                                   "model.layers.1.self_attn.qkv_proj", "model.layers.1.mlp.gate_up_proj"));
}

TEST(AdaptedLayers, OfAnotherModelAreRefusedWithBothShapes)
{
    const auto wrong = readAdaptedLayers(kGolden / "lora" / "llama", golden("llama3"));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.failure().what, HasSubstr("model.layers.0.self_attn.q_proj"));
    EXPECT_THAT(wrong.failure().what, HasSubstr("[4, 32]")) << "what the model needs";
    EXPECT_THAT(wrong.failure().what, HasSubstr("[4, 24]")) << "what the file holds";
    const auto unknown = readAdaptedLayers(kGolden / "lora" / "gpt2", golden("llama"));
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.failure().what, HasSubstr("transformer.h.0.attn.c_attn"));
}

TEST(AdaptedLayers, OfTheHeadAreRefusedByName)
{
    test::TemporaryFolder folder;
    std::ofstream(folder.path() / "adapter_config.json") << plain();
    const std::string header = R"({"base_model.model.lm_head.lora_A.weight":)"
                               R"({"dtype":"F32","shape":[4,1],"data_offsets":[0,16]},)"
                               R"("base_model.model.lm_head.lora_B.weight":)"
                               R"({"dtype":"F32","shape":[1,4],"data_offsets":[16,32]}})";
    const std::uint64_t size = header.size();
    std::ofstream weights(folder.path() / "adapter_model.safetensors", std::ios::binary);
    weights.write(reinterpret_cast<const char*>(&size), sizeof size);
    weights << header << std::string(32, '\0');
    weights.close();
    const auto refused = readAdaptedLayers(folder.path(), golden("llama"));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("LoRA of the head is not supported"));
    EXPECT_THAT(refused.failure().hint, HasSubstr("merge_and_unload"));
}

TEST(AdaptedLayers, PickledOnesAreRefused)
{
    test::TemporaryFolder folder;
    std::filesystem::copy(kGolden / "lora" / "gpt2" / "adapter_config.json", folder.path());
    EXPECT_THAT(readAdaptedLayers(folder.path(), golden("gpt2")).failure().what,
                HasSubstr("no adapter_model.safetensors"));
    std::ofstream(folder.path() / "adapter_model.bin") << "pickle";
    EXPECT_THAT(readAdaptedLayers(folder.path(), golden("gpt2")).failure().what, HasSubstr("stranger"));
}

TEST(ModelFolder, OfAnAdapterStandsForItsBase)
{
    const ModelFolder found = resolveModelFolder(kGolden / "lora" / "llama").value();
    EXPECT_TRUE(std::filesystem::equivalent(found.base, kGolden / "model" / "llama"));
    EXPECT_EQ(found.adapter, kGolden / "lora" / "llama");
    EXPECT_EQ(readModelConfig(kGolden / "lora" / "llama").value().width, golden("llama").width);
    EXPECT_TRUE(resolveModelFolder(kGolden / "model" / "llama").value().adapter.empty());
}

TEST(ModelFolder, OfAnAdapterWithoutItsBaseSaysSo)
{
    test::TemporaryFolder folder;
    nlohmann::json config = plain();
    config["base_model_name_or_path"] = "someone/some-model";
    std::ofstream(folder.path() / "adapter_config.json") << config;
    const auto found = resolveModelFolder(folder.path());
    ASSERT_FALSE(found);
    EXPECT_THAT(found.failure().what, HasSubstr("someone/some-model"));
    EXPECT_THAT(found.failure().hint, HasSubstr("student.adapter"));
}

// The current folder for the length of a test.
class CurrentFolder
{
public:
    explicit CurrentFolder(const std::filesystem::path& folder) : m_before(std::filesystem::current_path())
    {
        std::filesystem::current_path(folder);
    }
    ~CurrentFolder() { std::filesystem::current_path(m_before); }
    CurrentFolder(const CurrentFolder&) = delete;
    CurrentFolder& operator=(const CurrentFolder&) = delete;

private:
    std::filesystem::path m_before;
};

TEST(ModelFolder, OfAnAdapterIsLookedForBelowItAndWhatIsAboveItThenFromTheCurrentFolder)
{
    test::TemporaryFolder folder;
    const auto makeModel = [&](const std::string& place) {
        std::filesystem::create_directories(folder / place);
        std::ofstream((folder / place) / "config.json") << "{}";
    };
    const auto adapter = folder / "adapters/one";
    std::filesystem::create_directories(adapter);
    std::filesystem::create_directories(folder / "workspace/runs/run");
    nlohmann::json config = plain();
    config["base_model_name_or_path"] = "models/base";
    std::ofstream(adapter / "adapter_config.json") << config;
    const CurrentFolder current(folder / "workspace/runs/run");
    const auto base = [&] { return resolveModelFolder(adapter).value().base; };

    const Failure nowhere = resolveModelFolder(adapter).failure();
    EXPECT_THAT(nowhere.what, HasSubstr((adapter / "models/base").string()));
    EXPECT_THAT(nowhere.what, HasSubstr("workspace/runs/run/models/base"));
    makeModel("workspace/models/base"); // as a worker finds what lies in its workspace
    EXPECT_TRUE(std::filesystem::equivalent(base(), folder / "workspace/models/base"));
    makeModel("workspace/runs/run/models/base");
    EXPECT_TRUE(std::filesystem::equivalent(base(), folder / "workspace/runs/run/models/base"));
    makeModel("models/base"); // wherever one stands
    EXPECT_TRUE(std::filesystem::equivalent(base(), folder / "models/base"));
    makeModel("adapters/one/models/base");
    EXPECT_TRUE(std::filesystem::equivalent(base(), adapter / "models/base"));

    config["base_model_name_or_path"] = (folder / "elsewhere").string();
    std::ofstream(adapter / "adapter_config.json") << config;
    EXPECT_THAT(resolveModelFolder(adapter).failure().what, HasSubstr("no config.json in it"));
    makeModel("elsewhere");
    EXPECT_EQ(base(), folder / "elsewhere");
}

std::vector<std::string> layersOf(const std::string& model, const std::string& targets)
{
    const LoraTargets found = loraTargets(golden(model), targets).value();
    std::vector<std::string> names;
    for (const LinearLayer& layer : found.layers) {
        names.push_back(layer.name);
    }
    return names;
}

TEST(LoraTargets, AllLinearIsWhatPeftAdapts)
{
    std::ifstream file(kGolden / "lora" / "all_linear.json");
    const auto expected = nlohmann::json::parse(file);
    ASSERT_GE(expected.size(), 9u);
    for (const auto& [model, layers] : expected.items()) {
        auto ours = layersOf(model, "all-linear");
        auto theirs = layers.get<std::vector<std::string>>();
        std::sort(ours.begin(), ours.end());
        std::sort(theirs.begin(), theirs.end());
        EXPECT_EQ(ours, theirs) << model;
    }
}

TEST(LoraTargets, AreByDefaultThoseOfPeft)
{
    EXPECT_THAT(layersOf("gpt2", ""), ElementsAre("transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn"));
    for (const char* model : {"llama", "mistral", "qwen2_tied", "qwen3"}) {
        EXPECT_THAT(loraTargets(golden(model), "").value().names, ElementsAre("q_proj", "v_proj")) << model;
    }
    EXPECT_THAT(loraTargets(golden("phi3"), "").value().names, ElementsAre("qkv_proj"));
    EXPECT_THAT(loraTargets(golden("pythia"), "").value().names, ElementsAre("query_key_value"));
}

TEST(LoraTargets, AreEndingsOfNamesFromADotOn)
{
    EXPECT_THAT(layersOf("gpt2", " mlp.c_proj ,"),
                ElementsAre("transformer.h.0.mlp.c_proj", "transformer.h.1.mlp.c_proj"));
    EXPECT_EQ(layersOf("gpt2", "c_proj").size(), 4u) << "of attention and feed-forward";
    EXPECT_THAT(layersOf("gpt2", "transformer.h.1.mlp.c_fc"), ElementsAre("transformer.h.1.mlp.c_fc"));
    EXPECT_FALSE(loraTargets(golden("gpt2"), "fc")) << "a part of a name is no name";
}

TEST(LoraTargets, ThatAreUnknownAreRefusedWithTheNamesThereAre)
{
    const Failure unknown = loraTargets(golden("llama"), "q_proj,v_prj").failure();
    EXPECT_THAT(unknown.what, HasSubstr("\"v_prj\""));
    EXPECT_THAT(unknown.hint, HasSubstr("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"));
    for (const auto& [model, target] :
         {std::pair("llama", "lm_head"), std::pair("gpt2", "lm_head"), std::pair("llama", "embed_tokens"),
          std::pair("gpt2", "wpe"), std::pair("pythia", "embed_out")}) {
        EXPECT_THAT(loraTargets(golden(model), target).failure().what, HasSubstr("embeddings and the head")) << target;
    }
    EXPECT_THAT(loraTargets(golden("llama"), " , ").failure().what, HasSubstr("names no layer"));
}

TEST(LoraTargets, AllLinearStandsAlone)
{
    for (const char* targets : {"all-linear, q_proj", "q_proj,all-linear"}) {
        const Failure both = loraTargets(golden("llama"), targets).failure();
        EXPECT_THAT(both.what, HasSubstr("already stands for every linear layer")) << targets;
        EXPECT_THAT(both.hint, HasSubstr("Write all-linear alone")) << targets;
    }
}

} // namespace
} // namespace dskd::model
