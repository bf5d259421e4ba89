// EXAONE 4.0. Norms are of what the sub-layers add. Where there is a window, layers without it see no positions.

#include "core/model/folder/families/family.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{
namespace
{
// Every fourth layer looks at everything, unless config.json says otherwise.
void readMore(ConfigReader& reader, ModelConfig& config)
{
    const std::optional<std::int64_t> window = windowUnlessNull(reader);
    const bool listed = reader.has("layer_types"); // released models then call the pattern "LLLG"
    const std::int64_t period = window && !listed ? reader.countOr("sliding_window_pattern", kMaxLayers, 4) : 1;
    std::vector<bool> layers = readPeriodicLayers(reader, config, period);
    refuseLayersWithoutWindow(reader, window, layers);
    if (window) {
        config.unrotatedLayers = layers;
        config.unrotatedLayers.flip();
    }
    setWindow(config, window, std::move(layers));
}

void writeMore(const ModelConfig& config, nlohmann::ordered_json& object)
{
    writeWindow(config, object);
    writeLayerTypes(config, object);
    if (!config.slidingWindow && !config.unrotatedLayers.empty()) { // a window that no layer uses
        object["sliding_window"] = config.maxPositions;
    }
}
} // namespace

extern const Family kExaone4{
    .modelType = "exaone4",
    .architectures = "Exaone4ForCausalLM",
    .readMore = readMore,
    .writeMore = writeMore,
    .keyValueHeads = 32,
    .normEpsilon = 1e-5,
    .normPlace = NormPlace::After,
    .queryKeyNorm = QueryKeyNorm::EachHead,
};

} // namespace dskd::model
