#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"

namespace dskd::model
{
namespace
{
constexpr const char* kClip = "clip_qkv";

void readMore(ConfigReader& reader, ModelConfig& config)
{
    config.queryKeyValueClip = readLimit(reader, kClip, 0.0);
}

void writeMore(const ModelConfig& config, nlohmann::ordered_json& object)
{
    object[kClip] = limitJson(config.queryKeyValueClip);
}
} // namespace

extern const Family kOlmo{
    .modelType = "olmo",
    .architectures = "OlmoForCausalLM",
    .readMore = readMore,
    .writeMore = writeMore,
    .normEpsilon = 1e-5,
    .normEpsilonField = nullptr,
    .attentionBiasField = true,
    .writesPadId = true,
    .normWeight = NormWeight::None,
};

} // namespace dskd::model
