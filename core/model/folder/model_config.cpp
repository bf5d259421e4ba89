#include "core/model/folder/model_config.h"

#include "core/base/mapped_file.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/config_reader.h"
#include "core/model/folder/family_fields.h"
#include "core/model/folder/tensor_specs.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

struct KnownFamily {
    Family family;
    const char* modelType;
    const char* architecture;
};
constexpr std::array<KnownFamily, 13> kFamilies = {{
    {Family::Gpt2, "gpt2", "GPT2LMHeadModel"},
    {Family::Llama, "llama", "LlamaForCausalLM"},
    {Family::Mistral, "mistral", "MistralForCausalLM"},
    {Family::Qwen2, "qwen2", "Qwen2ForCausalLM"},
    {Family::Qwen3, "qwen3", "Qwen3ForCausalLM"},
    {Family::Phi3, "phi3", "Phi3ForCausalLM"},
    {Family::Gemma, "gemma", "GemmaForCausalLM"},
    {Family::Gemma2, "gemma2", "Gemma2ForCausalLM"},
    {Family::Gemma3, "gemma3_text", "Gemma3ForCausalLM"},
    {Family::GptNeoX, "gpt_neox", "GPTNeoXForCausalLM"},
    {Family::Olmo, "olmo", "OlmoForCausalLM"},
    {Family::Olmo2, "olmo2", "Olmo2ForCausalLM"},
    {Family::SmolLm3, "smollm3", "SmolLM3ForCausalLM"},
}};

std::optional<Family> readFamily(ConfigReader& reader)
{
    std::string type = reader.textOr("model_type", "");
    std::string architecture;
    const ordered_json& architectures = reader.value("architectures");
    if (architectures.is_array() && !architectures.empty() && architectures[0].is_string()) {
        architecture = architectures[0].get<std::string>();
    }
    for (const KnownFamily& known : kFamilies) {
        if (type == known.modelType || (type.empty() && architecture == known.architecture)) {
            return known.family;
        }
    }
    if (type.empty() && architecture.empty()) {
        reader.refuse("the field \"model_type\" is missing", "Is this the config.json of a language model?");
        return std::nullopt;
    }
    std::string names;
    for (const KnownFamily& known : kFamilies) {
        names += std::string(names.empty() ? "" : ", ") + known.modelType + " (" + known.architecture + ")";
    }
    reader.refuse("the architecture \"" + (type.empty() ? architecture : type) + "\" is not known; known are " + names);
    return std::nullopt;
}

void readTokenIds(ConfigReader& reader, ModelConfig& config)
{
    const auto first = [](const std::vector<std::int64_t>& ids) {
        return ids.empty() ? std::nullopt : std::optional(ids.front());
    };
    config.bosId = first(reader.ids("bos_token_id"));
    config.eosIds = reader.ids("eos_token_id");
    config.eosId = first(config.eosIds);
}

// transformers' default of tie_word_embeddings.
bool tiesUnlessTold(Family family)
{
    switch (family) {
    case Family::Gpt2:
    case Family::Gemma:
    case Family::Gemma2:
    case Family::Gemma3:
    case Family::SmolLm3: return true;
    default: return false;
    }
}

void checkHeads(ConfigReader& reader, ModelConfig& config)
{
    const bool gpt2 = config.family == Family::Gpt2;
    if (config.headWidth == 0) {
        if (config.width % config.heads != 0) {
            reader.refuse("the width " + std::to_string(config.width) + " (" + (gpt2 ? "n_embd" : "hidden_size") +
                          ") is not a multiple of the " + std::to_string(config.heads) + " heads (" +
                          (gpt2 ? "n_head" : "num_attention_heads") + ")");
        }
        config.headWidth = std::max<std::int64_t>(config.width / config.heads, 1);
    }
    if (config.heads % config.keyValueHeads != 0) {
        reader.refuse("the " + std::to_string(config.heads) +
                      " heads (num_attention_heads) are not a multiple of the " + std::to_string(config.keyValueHeads) +
                      " key-value heads (num_key_value_heads)");
    }
    if (!gpt2 && config.headWidth % 2 != 0) {
        reader.refuse("the head width " + std::to_string(config.headWidth) +
                      " is odd, but rotary positions turn its halves");
    }
}
} // namespace

Result<ModelConfig> parseModelConfig(const std::string& json, const std::string& where)
{
    const ordered_json object = ordered_json::parse(json, nullptr, false);
    if (!object.is_object()) {
        return Failure{where + (object.is_discarded() ? " is not JSON." : " is not a JSON object."),
                       "Download or export the model again."};
    }
    ConfigReader reader(object, where);
    ModelConfig config;
    const auto family = readFamily(reader);
    if (!family) {
        return *reader.failure();
    }
    config.family = *family;
    config.original = json;
    if (reader.has("quantization_config")) {
        reader.refuse("the model is quantised (\"quantization_config\"), which is not supported",
                      "Use the unquantised model.");
    }
    config.vocabularyRows = reader.count("vocab_size", kMaxVocabulary);
    if (config.family == Family::Gpt2) {
        readGpt2(reader, config);
    } else if (config.family == Family::GptNeoX) {
        readGptNeoX(reader, config);
    } else {
        readLlamaLike(reader, config);
    }
    config.tiedHead = reader.flagOr("tie_word_embeddings", tiesUnlessTold(config.family));
    config.initializerRange = reader.numberOr("initializer_range", 0.0, 10.0, 0.02);
    readTokenIds(reader, config);
    checkHeads(reader, config);
    if (reader.failure()) {
        return *reader.failure();
    }
    return config;
}

Result<ModelConfig> readModelConfig(const std::filesystem::path& folder)
{
    const auto resolved = resolveModelFolder(folder);
    if (!resolved) {
        return resolved.failure();
    }
    std::error_code error;
    const std::filesystem::path file = resolved->base / "config.json";
    if (!std::filesystem::exists(file, error)) {
        return Failure{folder.string() + (std::filesystem::is_directory(folder, error) ? " has no config.json."
                                                                                       : " is not a folder."),
                       "Name the folder of a Hugging Face model."};
    }
    const auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    return parseModelConfig(*text, file.string());
}

std::optional<std::int64_t> windowOf(const ModelConfig& config, std::int64_t layer)
{
    const bool windowed = config.windowedLayers.empty() || config.windowedLayers.at(static_cast<std::size_t>(layer));
    return windowed ? config.slidingWindow : std::nullopt;
}

std::string familyName(Family family)
{
    for (const KnownFamily& known : kFamilies) {
        if (known.family == family) {
            return known.modelType;
        }
    }
    return "unknown";
}

std::string architectureName(Family family)
{
    for (const KnownFamily& known : kFamilies) {
        if (known.family == family) {
            return known.architecture;
        }
    }
    return "unknown";
}

std::int64_t parameterCount(const ModelConfig& config)
{
    std::int64_t total = 0;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        std::int64_t count = 1;
        for (const std::int64_t dimension : spec.shape) {
            count *= dimension;
        }
        total += count;
    }
    return total;
}

} // namespace dskd::model
