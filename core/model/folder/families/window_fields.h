#pragma once

// Which layers use a sliding window, and how wide it is, in the ways that families say so in config.json.

#include "core/model/folder/config_reader.h"
#include "core/model/folder/model_config.h"

#include <optional>
#include <vector>

namespace dskd::model
{

// sliding_window of families that slide by default: absent means transformers' default, null none.
[[nodiscard]] std::optional<std::int64_t> windowUnlessNull(ConfigReader& reader);

// layer_types as transformers 5 spells them out, true for layers with the window; nothing where the field is absent or
// not a list for these layers, which is refused.
[[nodiscard]] std::optional<std::vector<bool>> readLayerTypes(ConfigReader& reader, const ModelConfig& config);

// Every `period`-th layer looks at everything and the others use the window, unless layer_types says otherwise. True
// for layers that use it.
[[nodiscard]] std::vector<bool> readPeriodicLayers(ConfigReader& reader, const ModelConfig& config,
                                                   std::int64_t period);

// Refuses layers that slide where sliding_window is null.
void refuseLayersWithoutWindow(ConfigReader& reader, std::optional<std::int64_t> window,
                               const std::vector<bool>& layers);

// Keeps the window only where a layer uses it.
void setWindow(ModelConfig& config, std::optional<std::int64_t> window, std::vector<bool> layers);

// Qwen2 and Qwen3 use the window from max_window_layers on, and only when use_sliding_window says so and there is one;
// transformers 5 spells the layers out as well.
void readLateWindow(ConfigReader& reader, ModelConfig& config);
void writeLateWindow(const ModelConfig& config, nlohmann::ordered_json& object);

// "sliding_window", null where no layer has one.
void writeWindow(const ModelConfig& config, nlohmann::ordered_json& object);
// "layer_types" by the layers that have the window.
void writeLayerTypes(const ModelConfig& config, nlohmann::ordered_json& object);

} // namespace dskd::model
