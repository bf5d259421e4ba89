#pragma once

// The fields of a Hugging Face config.json about the architecture, in one shape for all families.

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::model
{

struct Family; // families/family.h

// The row of the family that config.json calls `modelType` ("qwen2"); nullptr: none is called so.
[[nodiscard]] const Family* findFamily(std::string_view modelType);

struct RopeScaling {
    // Llama-3 (rope_type "llama3"): frequencies are divided by `factor` below a wavelength, blended in between.
    double factor = 1.0;
    double lowFrequencyFactor = 1.0;
    double highFrequencyFactor = 4.0;
    std::int64_t originalMaxPositions = 8192;
    bool linear = false; // rope_type "linear": every frequency is divided by `factor`
};

struct ModelConfig {
    const Family* family = findFamily("llama"); // never null
    std::int64_t vocabularyRows = 0;            // rows of embedding and head; may exceed the tokenizer's size
    std::int64_t width = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t keyValueHeads = 0;
    std::int64_t headWidth = 0;
    std::int64_t rotaryWidth = 0; // GPT-NeoX: what positions rotate of a head, from its beginning; 0: all
    std::int64_t innerWidth = 0;  // of the feed-forward block
    std::int64_t maxPositions = 0;
    double normEpsilon = 1e-5;
    double ropeTheta = 10000.0;
    std::optional<RopeScaling> ropeScaling;
    std::optional<double> windowRopeTheta;     // Gemma 3: the base in layers with the window, unscaled
    std::vector<bool> unrotatedLayers;         // SmolLM3: layers that see no positions; empty: none
    std::optional<std::int64_t> slidingWindow; // positions a query may look back on, itself included
    std::vector<bool> windowedLayers;          // which layers use the window; empty: all
    std::int64_t queryScalar = 0;   // Gemma 2 and 3: scores are divided by its square root; 0: of the head width
    double attentionSoftcap = 0.0;  // scores become cap * tanh(score / cap); 0: as they are
    double headSoftcap = 0.0;       // the same of the head's logits
    double queryKeyValueClip = 0.0; // OLMo: their largest magnitude; 0: any
    bool parallelResidual = false;  // GPT-NeoX: attention and feed-forward block read the same rows
    bool tiedHead = false;
    bool attentionBias = false; // biases in q, k, v and o
    bool mlpBias = false;
    std::string activation = "silu"; // "gelu_new" for GPT-2, "gelu_pytorch_tanh" for Gemma
    double initializerRange = 0.02;
    double embeddingDropout = 0.0;
    double attentionDropout = 0.0;
    double residualDropout = 0.0;
    std::optional<std::int64_t> bosId;
    std::optional<std::int64_t> eosId;
    std::vector<std::int64_t> eosIds; // all of them where the configuration lists several; eosId is the first
    std::string original;             // config.json as it was read, so that saving loses no field
};

// Fails naming the architectures that are known, or the field that is missing or contradicts another. A LoRA adapter's
// folder stands for its base model (resolveModelFolder).
Result<ModelConfig> readModelConfig(const std::filesystem::path& folder);
Result<ModelConfig> parseModelConfig(const std::string& json, const std::string& where);

// The config.json of a model with this architecture: `original` with its "dtype" replaced, or, where there is none,
// written from the fields, in the spelling that transformers 4 and 5 both read. `dtype` is transformers' name:
// "float32".
[[nodiscard]] std::string configJson(const ModelConfig& config, const std::string& dtype);

// The window of this layer, or nothing.
[[nodiscard]] std::optional<std::int64_t> windowOf(const ModelConfig& config, std::int64_t layer);

[[nodiscard]] std::string familyName(const Family* family); // model_type: "qwen2"
// Number of weights that the configuration stands for, tied heads counted once.
[[nodiscard]] std::int64_t parameterCount(const ModelConfig& config);

} // namespace dskd::model
