#include "core/model/folder/families/family.h"
#include "core/model/folder/families/window_fields.h"

namespace dskd::model
{
namespace
{
// Every layer slides.
void readMore(ConfigReader& reader, ModelConfig& config)
{
    config.slidingWindow = windowUnlessNull(reader);
}
} // namespace

extern const Family kMistral{
    .modelType = "mistral",
    .architectures = "MistralForCausalLM",
    .readMore = readMore,
    .writeMore = writeWindow,
    .keyValueHeads = 8,
    .maxPositions = 131072,
};

} // namespace dskd::model
