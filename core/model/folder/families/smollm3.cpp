#include "core/model/folder/families/family.h"
#include "core/model/folder/families/window_fields.h"

#include <algorithm>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

// no_rope_layers: 1 where the layer does rotate. True for layers that do not.
std::vector<bool> readUnrotated(ConfigReader& reader, const ModelConfig& config)
{
    const std::int64_t interval = reader.countOr("no_rope_layer_interval", kMaxLayers, 4);
    std::vector<bool> unrotated;
    for (std::int64_t layer = 1; layer <= config.layers; ++layer) {
        unrotated.push_back(layer % interval == 0);
    }
    if (!reader.has("no_rope_layers")) {
        return unrotated;
    }
    const ordered_json& turns = reader.value("no_rope_layers");
    const bool known =
        turns.is_array() && static_cast<std::int64_t>(turns.size()) >= config.layers &&
        std::all_of(turns.begin(), turns.end(), [](const ordered_json& flag) { return flag == 0 || flag == 1; });
    if (!known) {
        reader.refuse("\"no_rope_layers\" is not a list of 0 and 1 for " + std::to_string(config.layers) + " layers");
        return unrotated;
    }
    for (std::size_t layer = 0; layer < unrotated.size(); ++layer) {
        unrotated[layer] = turns[layer] == 0;
    }
    return unrotated;
}

// Every fourth layer sees no positions, and where windows are used it is these layers that use them.
void readMore(ConfigReader& reader, ModelConfig& config)
{
    config.unrotatedLayers = readUnrotated(reader, config);
    std::vector<bool> layers = readLayerTypes(reader, config).value_or(config.unrotatedLayers);
    if (reader.flagOr("use_sliding_window", false) && reader.has("sliding_window")) {
        setWindow(config, reader.countOr("sliding_window", kMaxPositions, 1), std::move(layers));
    }
}

void writeMore(const ModelConfig& config, ordered_json& object)
{
    ordered_json turns = ordered_json::array();
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(config.layers); ++layer) {
        turns.push_back(!config.unrotatedLayers.empty() && config.unrotatedLayers[layer] ? 0 : 1);
    }
    object["no_rope_layers"] = turns;
    object["use_sliding_window"] = config.slidingWindow.has_value();
    writeWindow(config, object);
    writeLayerTypes(config, object);
}
} // namespace

extern const Family kSmolLm3{
    .modelType = "smollm3",
    .architectures = "SmolLM3ForCausalLM",
    .tiesHead = true,
    .readMore = readMore,
    .writeMore = writeMore,
    .keyValueHeads = 4,
    .maxPositions = 32768,
    .ropeTheta = 2e6,
    .attentionBiasField = true,
    .mlpBiasField = true,
    .writesPadId = true,
};

} // namespace dskd::model
