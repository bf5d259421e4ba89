#pragma once

// Which layers a LoRA adapter is put on, from the names that lora.targets gives.

#include "core/base/result.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/tensor_specs.h"

#include <string>
#include <vector>

namespace dskd::model
{

struct LoraTargets {
    std::vector<std::string> names;  // as PEFT's target_modules
    std::vector<LinearLayer> layers; // in the order of linearLayers
};

// `targets`: layer names or their endings ("q_proj", "mlp.c_proj"), separated by commas; "all-linear": every linear
// layer of the blocks; empty: PEFT's default for the family. Fails for a name that no layer has, with the names there
// are, for embeddings and the head, and for all-linear that does not stand alone.
Result<LoraTargets> loraTargets(const ModelConfig& model, const std::string& targets);

// The last parts of the names of all linear layers, each once: "q_proj", "k_proj", ...
[[nodiscard]] std::vector<std::string> linearNames(const ModelConfig& model);

} // namespace dskd::model
