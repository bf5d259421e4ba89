#include "core/base/atomic_file.h"
#include "core/model/causal_lm.h"
#include "core/model/folder/families/family.h"
#include "core/model/lora_adapter.h"
#include "core/model/safetensors.h"

#include <system_error>

namespace dskd::model
{
namespace
{
// The name that transformers gives the type in config.json.
std::string dtypeName(at::ScalarType type)
{
    switch (type) {
    case at::kHalf: return "float16";
    case at::kBFloat16: return "bfloat16";
    case at::kDouble: return "float64";
    default: return "float32";
    }
}
} // namespace

Result<void> saveCausalLm(const CausalLm& model, const std::filesystem::path& folder,
                          std::optional<at::ScalarType> dtype)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return Failure{folder.string() + " cannot be created: " + error.message() + ".", "Choose another folder."};
    }
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const NamedTensor& parameter : model.parameters()) {
        tensors.emplace_back(parameter.name, parameter.tensor);
    }
    if (const LoraAdapter* adapter = model.adapter()) {
        for (auto& [name, tensor] : tensors) {
            for (const AdaptedLayer& layer : adapter->layers) {
                if (name == layer.name + ".weight") {
                    tensor = mergedWeight(tensor, layer, adapter->config.scale(), model.config().family->layout,
                                          dtype.value_or(tensor.scalar_type()));
                }
            }
        }
    }
    if (auto written = writeSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}}, dtype); !written) {
        return written;
    }
    const at::ScalarType stored = dtype.value_or(model.head().scalar_type());
    return writeFileAtomically(folder / "config.json", configJson(model.config(), dtypeName(stored)));
}

} // namespace dskd::model
