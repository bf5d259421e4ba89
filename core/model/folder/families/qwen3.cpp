#include "core/model/folder/families/family.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{

extern const Family kQwen3{
    .modelType = "qwen3",
    .architectures = "Qwen3ForCausalLM",
    .readMore = readLateWindow,
    .writeMore = writeLateWindow,
    .keyValueHeads = 32,
    .headWidth = 128,
    .maxPositions = 32768,
    .attentionBiasField = true,
    .queryKeyNorm = QueryKeyNorm::EachHead,
};

} // namespace dskd::model
