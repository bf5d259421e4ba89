#include "core/model/folder/families/family.h"

namespace dskd::model
{

extern const Family kLlama{
    .modelType = "llama",
    .architectures = "LlamaForCausalLM",
    .attentionBiasField = true,
    .mlpBiasField = true,
};

} // namespace dskd::model
