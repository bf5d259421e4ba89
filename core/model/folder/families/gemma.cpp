#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"

namespace dskd::model
{
namespace
{
void readMore(ConfigReader& reader, ModelConfig& /*config*/)
{
    refuseFlags(reader, {"use_bidirectional_attention"});
}
} // namespace

extern const Family kGemma{
    .modelType = "gemma",
    .architectures = "GemmaForCausalLM",
    .tiesHead = true,
    .readMore = readMore,
    .keyValueHeads = 16,
    .headWidth = 256,
    .maxPositions = 8192,
    .attentionBiasField = true,
    .activation = "gelu_pytorch_tanh",
    .activationAlias = "gelu", // of the first releases, which were trained with the same
    .writesPadId = true,
    .normWeight = NormWeight::OnePlus,
    .scalesEmbedding = true,
};

} // namespace dskd::model
