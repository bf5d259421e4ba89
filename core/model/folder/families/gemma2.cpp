#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{
namespace
{
// Every second layer looks at everything.
void readMore(ConfigReader& reader, ModelConfig& config)
{
    setWindow(config, windowUnlessNull(reader), readPeriodicLayers(reader, config, 2));
    refuseFlags(reader, {"use_bidirectional_attention"});
}

void writeMore(const ModelConfig& config, nlohmann::ordered_json& object)
{
    writeWindow(config, object);
    writeLayerTypes(config, object);
}
} // namespace

extern const Family kGemma2{
    .modelType = "gemma2",
    .architectures = "Gemma2ForCausalLM",
    .tiesHead = true,
    .readMore = readMore,
    .writeMore = writeMore,
    .keyValueHeads = 4,
    .headWidth = 256,
    .maxPositions = 8192,
    .queryScalar = 256,
    .attentionSoftcap = 50.0,
    .headSoftcap = 30.0,
    .attentionBiasField = true,
    .activationField = "hidden_activation",
    .activation = "gelu_pytorch_tanh",
    .activationAlias = "gelu_pytorch_tanh",
    .writesPadId = true,
    .normWeight = NormWeight::OnePlus,
    .normPlace = NormPlace::Around,
    .scalesEmbedding = true,
};

} // namespace dskd::model
