#include "core/model/folder/families/window_fields.h"

#include <algorithm>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

const char* const kSliding = "sliding_attention";
const char* const kFull = "full_attention";

bool anySlides(const std::vector<bool>& layers)
{
    return std::find(layers.begin(), layers.end(), true) != layers.end();
}
} // namespace

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

std::vector<bool> readPeriodicLayers(ConfigReader& reader, const ModelConfig& config, std::int64_t period)
{
    std::vector<bool> layers;
    for (std::int64_t layer = 1; layer <= config.layers; ++layer) {
        layers.push_back(layer % period != 0);
    }
    return readLayerTypes(reader, config).value_or(std::move(layers));
}

void refuseLayersWithoutWindow(ConfigReader& reader, std::optional<std::int64_t> window,
                               const std::vector<bool>& layers)
{
    if (!window && anySlides(layers)) {
        reader.refuse("\"sliding_window\" is null although layers slide, which is not supported");
    }
}

void setWindow(ModelConfig& config, std::optional<std::int64_t> window, std::vector<bool> layers)
{
    if (window && anySlides(layers)) {
        config.slidingWindow = window;
        config.windowedLayers = std::move(layers);
    }
}

std::optional<std::int64_t> windowUnlessNull(ConfigReader& reader)
{
    if (reader.mentions("sliding_window") && !reader.has("sliding_window")) {
        return std::nullopt;
    }
    return reader.countOr("sliding_window", kMaxPositions, 4096);
}

void readLateWindow(ConfigReader& reader, ModelConfig& config)
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

void writeLateWindow(const ModelConfig& config, ordered_json& object)
{
    const auto first = std::find(config.windowedLayers.begin(), config.windowedLayers.end(), true);
    object["use_sliding_window"] = config.slidingWindow.has_value();
    writeWindow(config, object);
    object["max_window_layers"] = config.slidingWindow ? first - config.windowedLayers.begin() : config.layers;
}

void writeWindow(const ModelConfig& config, ordered_json& object)
{
    object["sliding_window"] = config.slidingWindow ? ordered_json(*config.slidingWindow) : ordered_json();
}

void writeLayerTypes(const ModelConfig& config, ordered_json& object)
{
    ordered_json types = ordered_json::array();
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        types.push_back(windowOf(config, layer) ? kSliding : kFull);
    }
    object["layer_types"] = std::move(types);
}

} // namespace dskd::model
