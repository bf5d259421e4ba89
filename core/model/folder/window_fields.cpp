#include "core/model/folder/family_fields.h"

#include <algorithm>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

const char* const kSliding = "sliding_attention";
const char* const kFull = "full_attention";

// layer_types as transformers 5 spells them out; nothing where the field is absent or not a list for these layers.
std::optional<std::vector<bool>> readLayerTypes(ConfigReader& reader, const ModelConfig& config)
{
    if (!reader.has("layer_types")) {
        return std::nullopt;
    }
    const ordered_json& types = reader.value("layer_types");
    std::vector<bool> windowed;
    for (const ordered_json& type : types) {
        const std::string name = type.is_string() ? type.get<std::string>() : "";
        if (name == kSliding || name == kFull) {
            windowed.push_back(name == kSliding);
        }
    }
    const auto known = static_cast<std::int64_t>(windowed.size());
    if (!types.is_array() || known != config.layers || windowed.size() != types.size()) {
        reader.refuse("\"layer_types\" is not a list of \"" + std::string(kSliding) + "\" and \"" + kFull + "\" for " +
                      std::to_string(config.layers) + " layers");
        return std::nullopt;
    }
    return windowed;
}

// Keeps the window only where a layer uses it.
void setWindow(ModelConfig& config, std::optional<std::int64_t> window, std::vector<bool> layers)
{
    if (window && std::find(layers.begin(), layers.end(), true) != layers.end()) {
        config.slidingWindow = window;
        config.windowedLayers = std::move(layers);
    }
}

// The width where the family slides unless told otherwise: absent means transformers' default, null switches it off.
std::optional<std::int64_t> windowUnlessNull(ConfigReader& reader)
{
    if (reader.mentions("sliding_window") && !reader.has("sliding_window")) {
        return std::nullopt;
    }
    return reader.countOr("sliding_window", kMaxPositions, 4096);
}

// Qwen2 and Qwen3 use the window from max_window_layers on, and only when use_sliding_window says so and there is one;
// transformers 5 spells the layers out as well.
void readQwenWindow(ConfigReader& reader, ModelConfig& config)
{
    const std::optional<std::int64_t> window = windowUnlessNull(reader);
    const std::int64_t from = reader.has("max_window_layers") && reader.value("max_window_layers") == 0
                                  ? 0
                                  : reader.countOr("max_window_layers", kMaxLayers, 28);
    std::vector<bool> layers(static_cast<std::size_t>(config.layers), false);
    if (reader.flagOr("use_sliding_window", false) && window && from < config.layers) {
        std::fill(layers.begin() + from, layers.end(), true);
    }
    if (reader.has("layer_types")) {
        const auto types = readLayerTypes(reader, config);
        if (types && *types != layers) {
            reader.refuse("\"layer_types\" does not agree with \"use_sliding_window\", \"sliding_window\", "
                          "\"max_window_layers\" and the number of layers");
        }
    }
    setWindow(config, window, std::move(layers));
}

// Gemma 2 alternates, Gemma 3 looks at everything in every sixth layer, unless the layers are spelled out.
void readGemmaWindow(ConfigReader& reader, ModelConfig& config)
{
    const std::int64_t period =
        config.family == Family::Gemma2 ? 2 : reader.countOr("sliding_window_pattern", kMaxLayers, 6);
    std::vector<bool> layers;
    for (std::int64_t layer = 1; layer <= config.layers; ++layer) {
        layers.push_back(layer % period != 0);
    }
    if (auto types = readLayerTypes(reader, config)) {
        layers = std::move(*types);
    }
    const std::optional<std::int64_t> window = windowUnlessNull(reader);
    // Without a window the layers that would use it still had a base of their own.
    if (!window && config.windowRopeTheta && std::find(layers.begin(), layers.end(), true) != layers.end()) {
        reader.refuse("\"sliding_window\" is null although layers slide, which is not supported");
    }
    setWindow(config, window, std::move(layers));
}

// SmolLM3: every fourth layer sees no positions, and where windows are used it is these layers that use them.
void readSmolLm3Layers(ConfigReader& reader, ModelConfig& config)
{
    const std::int64_t interval = reader.countOr("no_rope_layer_interval", kMaxLayers, 4);
    for (std::int64_t layer = 1; layer <= config.layers; ++layer) {
        config.unrotatedLayers.push_back(layer % interval == 0);
    }
    if (reader.has("no_rope_layers")) { // 1 where the layer does rotate
        const ordered_json& turns = reader.value("no_rope_layers");
        const bool known =
            turns.is_array() && static_cast<std::int64_t>(turns.size()) >= config.layers &&
            std::all_of(turns.begin(), turns.end(), [](const ordered_json& flag) { return flag == 0 || flag == 1; });
        if (!known) {
            reader.refuse("\"no_rope_layers\" is not a list of 0 and 1 for " + std::to_string(config.layers) +
                          " layers");
            return;
        }
        for (std::size_t layer = 0; layer < config.unrotatedLayers.size(); ++layer) {
            config.unrotatedLayers[layer] = turns[layer] == 0;
        }
    }
    const bool windows = reader.flagOr("use_sliding_window", false) && reader.has("sliding_window");
    std::vector<bool> layers = config.unrotatedLayers;
    if (auto types = readLayerTypes(reader, config)) {
        layers = std::move(*types);
    }
    if (windows) {
        setWindow(config, reader.countOr("sliding_window", kMaxPositions, 1), std::move(layers));
    }
}
} // namespace

void readWindow(ConfigReader& reader, ModelConfig& config)
{
    switch (config.family) {
    case Family::Mistral: config.slidingWindow = windowUnlessNull(reader); return;
    case Family::Phi3:
        if (reader.has("sliding_window")) {
            config.slidingWindow = reader.countOr("sliding_window", kMaxPositions, 1);
        }
        return;
    case Family::Qwen2:
    case Family::Qwen3: readQwenWindow(reader, config); return;
    case Family::Gemma2:
    case Family::Gemma3: readGemmaWindow(reader, config); return;
    case Family::SmolLm3: readSmolLm3Layers(reader, config); return;
    case Family::Gpt2:
    case Family::Llama:
    case Family::Gemma:
    case Family::GptNeoX:
    case Family::Olmo:
    case Family::Olmo2: return;
    }
}

} // namespace dskd::model
