#include "core/model/folder/model_config.h"

#include "core/base/mapped_file.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/config_reader.h"
#include "core/model/folder/tensor_specs.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

// Far above every published model, low enough that no product of sizes overflows.
constexpr std::int64_t kMaxLayers = 1 << 10;
constexpr std::int64_t kMaxHeads = 1 << 12;
constexpr std::int64_t kMaxHeadWidth = 1 << 14;
constexpr std::int64_t kMaxWidth = 1 << 18;
constexpr std::int64_t kMaxInnerWidth = 1 << 21;
constexpr std::int64_t kMaxVocabulary = 1 << 24;
constexpr std::int64_t kMaxPositions = 1 << 27;

struct KnownFamily {
    Family family;
    const char* modelType;
    const char* architecture;
};
constexpr std::array<KnownFamily, 6> kFamilies = {{
    {Family::Gpt2, "gpt2", "GPT2LMHeadModel"},
    {Family::Llama, "llama", "LlamaForCausalLM"},
    {Family::Mistral, "mistral", "MistralForCausalLM"},
    {Family::Qwen2, "qwen2", "Qwen2ForCausalLM"},
    {Family::Qwen3, "qwen3", "Qwen3ForCausalLM"},
    {Family::Phi3, "phi3", "Phi3ForCausalLM"},
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

void readGpt2(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("n_embd", kMaxWidth, "hidden_size");
    config.layers = reader.count("n_layer", kMaxLayers, "num_hidden_layers");
    config.heads = reader.count("n_head", kMaxHeads, "num_attention_heads");
    config.maxPositions = reader.count("n_positions", kMaxPositions, "max_position_embeddings");
    config.innerWidth = reader.countOr("n_inner", kMaxInnerWidth, 4 * config.width);
    config.keyValueHeads = config.heads;
    config.normEpsilon = reader.numberOr("layer_norm_epsilon", 0.0, 1.0, 1e-5);
    config.embeddingDropout = reader.numberOr("embd_pdrop", 0.0, 1.0, 0.1);
    config.attentionDropout = reader.numberOr("attn_pdrop", 0.0, 1.0, 0.1);
    config.residualDropout = reader.numberOr("resid_pdrop", 0.0, 1.0, 0.1);
    const std::string activation = reader.textOr("activation_function", "gelu_new");
    if (activation != "gelu_new" && activation != "gelu_pytorch_tanh") {
        reader.refuse("the activation \"" + activation +
                      "\" is not known for gpt2; known are gelu_new, gelu_pytorch_tanh");
    }
    config.activation = "gelu_new"; // both names stand for the same formula
    for (const char* flag : {"scale_attn_by_inverse_layer_idx", "add_cross_attention"}) {
        if (reader.flagOr(flag, false)) {
            reader.refuse(std::string("\"") + flag + "\" is true, which is not supported");
        }
    }
    if (!reader.flagOr("scale_attn_weights", true)) {
        reader.refuse("\"scale_attn_weights\" is false, which is not supported");
    }
}

// rope_theta and rope_scaling of transformers 4, or the one object rope_parameters of transformers 5.
void readRope(ConfigReader& reader, ModelConfig& config)
{
    config.ropeTheta = reader.numberOr("rope_theta", 1.0, 1e12, 10000.0);
    const bool legacy = reader.has("rope_scaling");
    const std::string field = legacy ? "rope_scaling" : "rope_parameters";
    if (!reader.has(field)) {
        return;
    }
    if (!reader.value(field).is_object()) {
        reader.refuse("the field \"" + field + "\" is not an object");
        return;
    }
    ConfigReader rope(reader.value(field), reader.where() + ", " + field);
    config.ropeTheta = rope.numberOr("rope_theta", 1.0, 1e12, config.ropeTheta);
    const std::string type = rope.textOr("rope_type", rope.textOr("type", "default"));
    if (type == "linear" || type == "llama3") {
        RopeScaling scaling;
        scaling.linear = type == "linear";
        if (!rope.has("factor")) {
            rope.refuse("the field \"factor\" is missing");
        }
        scaling.factor = rope.numberOr("factor", 1.0, 1e6, 1.0);
        if (!scaling.linear) {
            scaling.lowFrequencyFactor = rope.numberOr("low_freq_factor", 1e-6, 1e6, 1.0);
            scaling.highFrequencyFactor = rope.numberOr("high_freq_factor", 1e-6, 1e6, 4.0);
            scaling.originalMaxPositions =
                rope.countOr("original_max_position_embeddings", kMaxPositions, config.maxPositions);
            if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
                rope.refuse("\"high_freq_factor\" must be above \"low_freq_factor\"");
            }
        }
        config.ropeScaling = scaling;
    } else if (type != "default") {
        rope.refuse("the type \"" + type + "\" is not supported; supported are default, linear, llama3");
    }
    if (rope.numberOr("partial_rotary_factor", 0.0, 1.0, 1.0) != 1.0) {
        rope.refuse("\"partial_rotary_factor\" other than 1 is not supported");
    }
    if (rope.failure()) {
        reader.adopt(*rope.failure());
    }
}

// Qwen2 and Qwen3 use the window from max_window_layers on, and only when use_sliding_window says so; transformers 5
// spells the layers out as well, and what it spells out wins.
void readQwenWindow(ConfigReader& reader, ModelConfig& config)
{
    const std::int64_t window = reader.countOr("sliding_window", kMaxPositions, 4096);
    const std::int64_t from = reader.has("max_window_layers") && reader.value("max_window_layers") == 0
                                  ? 0
                                  : reader.countOr("max_window_layers", kMaxLayers, 28);
    if (reader.flagOr("use_sliding_window", false) && from < config.layers) {
        config.slidingWindow = window;
        config.firstSlidingLayer = from;
    }
    if (!reader.has("layer_types")) {
        return;
    }
    const ordered_json& types = reader.value("layer_types");
    bool agrees = types.is_array() && static_cast<std::int64_t>(types.size()) == config.layers;
    for (std::int64_t layer = 0; agrees && layer < config.layers; ++layer) {
        const bool slides = config.slidingWindow && layer >= config.firstSlidingLayer;
        agrees = types[static_cast<std::size_t>(layer)] == (slides ? "sliding_attention" : "full_attention");
    }
    if (!agrees) {
        reader.refuse(
            "\"layer_types\" does not agree with \"use_sliding_window\", \"max_window_layers\" and the number "
            "of layers");
    }
}

// What transformers takes for fields that a configuration does not mention.
struct FamilyDefaults {
    std::int64_t keyValueHeads = 0;
    std::int64_t headWidth = 0; // 0: width / heads
    std::int64_t maxPositions = 0;
    double normEpsilon = 1e-6;
};

FamilyDefaults defaultsOf(const ModelConfig& config)
{
    switch (config.family) {
    case Family::Mistral: return {8, 0, 131072};
    case Family::Qwen2: return {config.heads, 0, 32768};
    case Family::Qwen3: return {32, 128, 32768};
    case Family::Phi3: return {config.heads, 0, 4096, 1e-5};
    case Family::Gpt2:
    case Family::Llama: break;
    }
    return {config.heads, 0, 2048};
}

void readLlamaLike(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("hidden_size", kMaxWidth);
    config.layers = reader.count("num_hidden_layers", kMaxLayers);
    config.heads = reader.count("num_attention_heads", kMaxHeads);
    config.innerWidth = reader.count("intermediate_size", kMaxInnerWidth);
    const FamilyDefaults defaults = defaultsOf(config);
    config.keyValueHeads =
        reader.countOr("num_key_value_heads", kMaxHeads,
                       reader.mentions("num_key_value_heads") ? config.heads : defaults.keyValueHeads);
    config.headWidth = reader.countOr("head_dim", kMaxHeadWidth, defaults.headWidth);
    config.maxPositions = reader.countOr("max_position_embeddings", kMaxPositions, defaults.maxPositions);
    config.normEpsilon = reader.numberOr("rms_norm_eps", 0.0, 1.0, defaults.normEpsilon);
    config.attentionDropout = reader.numberOr("attention_dropout", 0.0, 1.0, 0.0);
    config.activation = reader.textOr("hidden_act", "silu");
    if (config.activation == "swish") {
        config.activation = "silu";
    }
    if (config.activation != "silu") {
        reader.refuse("the activation \"" + config.activation + "\" is not known for " + familyName(config.family) +
                      "; known is silu");
    }
    readRope(reader, config);
    if (config.family == Family::Llama) {
        config.attentionBias = reader.flagOr("attention_bias", false);
        config.mlpBias = reader.flagOr("mlp_bias", false);
    } else if (config.family == Family::Mistral) {
        const bool absent = !reader.mentions("sliding_window"); // null switches the window off
        if (absent || reader.has("sliding_window")) {
            config.slidingWindow = reader.countOr("sliding_window", kMaxPositions, 4096);
        }
    } else if (config.family == Family::Phi3) {
        if (reader.has("sliding_window")) {
            config.slidingWindow = reader.countOr("sliding_window", kMaxPositions, 1);
        }
        config.embeddingDropout = reader.numberOr("embd_pdrop", 0.0, 1.0, 0.0);
        config.residualDropout = reader.numberOr("resid_pdrop", 0.0, 1.0, 0.0);
    } else {
        config.qkvBias = config.family == Family::Qwen2;
        config.qkNorm = config.family == Family::Qwen3;
        config.attentionBias = config.qkNorm && reader.flagOr("attention_bias", false);
        readQwenWindow(reader, config);
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
    } else {
        readLlamaLike(reader, config);
    }
    config.tiedHead = reader.flagOr("tie_word_embeddings", config.family == Family::Gpt2);
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
        return Failure{folder.string() + " has no config.json.", "Name the folder of a Hugging Face model."};
    }
    const auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    return parseModelConfig(*text, file.string());
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
