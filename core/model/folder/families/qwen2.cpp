#include "core/model/folder/families/family.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{

extern const Family kQwen2{
    .modelType = "qwen2",
    .architectures = "Qwen2ForCausalLM",
    .readMore = readLateWindow,
    .writeMore = writeLateWindow,
    .maxPositions = 32768,
    .queryKeyValueBias = true,
};

} // namespace dskd::model
