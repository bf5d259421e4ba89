#include "core/model/folder/families/family.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{
namespace
{
void readMore(ConfigReader& reader, ModelConfig& config)
{
    if (reader.has("sliding_window")) { // of every layer
        config.slidingWindow = reader.countOr("sliding_window", kMaxPositions, 1);
    }
    config.embeddingDropout = reader.numberOr("embd_pdrop", 0.0, 1.0, 0.0);
    config.residualDropout = reader.numberOr("resid_pdrop", 0.0, 1.0, 0.0);
}

void writeMore(const ModelConfig& config, nlohmann::ordered_json& object)
{
    object.erase("head_dim"); // it has none of its own
    writeWindow(config, object);
    object["embd_pdrop"] = config.embeddingDropout;
    object["resid_pdrop"] = config.residualDropout;
}
} // namespace

extern const Family kPhi3{
    .modelType = "phi3",
    .architectures = "Phi3ForCausalLM",
    .loraTargets = "qkv_proj",
    .readMore = readMore,
    .writeMore = writeMore,
    .maxPositions = 4096,
    .normEpsilon = 1e-5,
    .writesPadId = true,
    .fusedProjections = true,
};

} // namespace dskd::model
