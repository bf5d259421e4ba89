#pragma once

// LoRA adapters as PEFT stores them: a folder of adapter_config.json and adapter_model.safetensors. What they say and
// which layers they update; the numbers themselves are read by core/model.

#include "core/base/result.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/tensor_specs.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::model
{

inline constexpr const char* kAdapterConfigFile = "adapter_config.json";
inline constexpr const char* kAdapterWeightsFile = "adapter_model.safetensors";

struct AdapterConfig {
    std::int64_t rank = 8;
    double alpha = 8.0;
    double dropout = 0.0;             // of the update's input, in training
    bool rankStabilised = false;      // the scale is alpha / sqrt(rank) (rsLoRA) instead of alpha / rank
    std::vector<std::string> targets; // endings of layer names; empty: not known (PEFT allows a pattern)
    std::string baseModel;            // folder or name of the model that is adapted; may be empty

    [[nodiscard]] double scale() const;
};

// Fails with a sentence for another kind of adapter and for what would change the result and is not understood: DoRA,
// modules_to_save, patterns of ranks, trained biases, initialisations that alter the base weights, ...
Result<AdapterConfig> readAdapterConfig(const std::filesystem::path& folder);
Result<AdapterConfig> parseAdapterConfig(const std::string& json, const std::string& where);

// adapter_config.json as PEFT reads it.
[[nodiscard]] std::string adapterConfigJson(const AdapterConfig& config, const Family* family);

// The name of a layer's tensor in adapter_model.safetensors; `which` is 'A' or 'B'.
[[nodiscard]] std::string adapterTensorName(const std::string& layer, char which);

// The layers that the adapter in `folder` updates, in the order of linearLayers: its configuration and its tensors'
// names and shapes, checked against the model and against each other. Pickled weights are refused with the command
// that converts them.
Result<std::vector<LinearLayer>> readAdaptedLayers(const std::filesystem::path& folder, const ModelConfig& model);

// A model folder as it can be named: a model by itself, or an adapter that stands for its base model with the adapter
// merged in.
struct ModelFolder {
    std::filesystem::path base;
    std::filesystem::path adapter; // empty: none
};
// Where base_model_name_or_path of an adapter is looked for; the first place with a config.json counts:
//   an absolute path   there
//   a relative one     below the adapter's folder and each folder above it, so that the two can be moved together; then
//                      below the current folder and each folder above that. A worker's current folder is its run's, so
//                      what is found only in this last way is found by a run that lies elsewhere only if the base is
//                      in a folder above that run, too, for example in its workspace.
// Fails naming the places when there is none. A folder that is neither model nor adapter is left to its reader.
Result<ModelFolder> resolveModelFolder(const std::filesystem::path& folder);

} // namespace dskd::model
