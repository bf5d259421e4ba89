#include "core/model/folder/families/family.h"

namespace dskd::model
{

extern const Family kOlmo2{
    .modelType = "olmo2",
    .architectures = "Olmo2ForCausalLM",
    .normEpsilon = 1e-5,
    .attentionBiasField = true,
    .writesPadId = true,
    .normWeight = NormWeight::Unrounded,
    .normPlace = NormPlace::After,
    .queryKeyNorm = QueryKeyNorm::AllHeads,
};

} // namespace dskd::model
