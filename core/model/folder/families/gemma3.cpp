// The text models of Gemma 3.

#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{
namespace
{
// Every sixth layer looks at everything, unless config.json says otherwise.
void readMore(ConfigReader& reader, ModelConfig& config)
{
    const std::int64_t period = reader.countOr("sliding_window_pattern", kMaxLayers, 6);
    std::vector<bool> layers = readPeriodicLayers(reader, config, period);
    const std::optional<std::int64_t> window = windowUnlessNull(reader);
    // Without a window the layers that would use it still had a base of their own.
    refuseLayersWithoutWindow(reader, window, layers);
    setWindow(config, window, std::move(layers));
    refuseFlags(reader, {"use_bidirectional_attention"});
}

void writeMore(const ModelConfig& config, nlohmann::ordered_json& object)
{
    writeWindow(config, object);
    writeLayerTypes(config, object);
}
} // namespace

extern const Family kGemma3{
    .modelType = "gemma3_text",
    .architectures = "Gemma3ForCausalLM",
    .tiesHead = true,
    .readMore = readMore,
    .writeMore = writeMore,
    .keyValueHeads = 4,
    .headWidth = 256,
    .maxPositions = 131072,
    .ropeTheta = 1e6,
    .windowRopeTheta = 10000.0,
    .queryScalar = 256,
    .attentionSoftcap = 0.0,
    .headSoftcap = 0.0,
    .attentionBiasField = true,
    .activationField = "hidden_activation",
    .activation = "gelu_pytorch_tanh",
    .activationAlias = "gelu_pytorch_tanh",
    .writesPadId = true,
    .normWeight = NormWeight::OnePlus,
    .normPlace = NormPlace::Around,
    .queryKeyNorm = QueryKeyNorm::EachHead,
    .scalesEmbedding = true,
};

} // namespace dskd::model
