#pragma once

// Which weights of a model learn: all, all but the embeddings, or a LoRA adapter's alone.

#include "core/model/causal_lm.h"
#include "core/model/lora_adapter.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::model
{

// The input embedding, a head that is tied to it, and learned positions get no gradient any more.
void freezeEmbeddings(const CausalLm& model);

// Puts `adapter` on the model: its tensors learn, no weight of the model does. An adapter that was there is replaced.
void learnAdapter(CausalLm& model, LoraAdapter adapter);

// What an optimizer changes: the parameters that require a gradient, then the adapter's A and B of each layer as
// "model.layers.0.self_attn.q_proj.lora_A.weight".
[[nodiscard]] std::vector<NamedTensor> learningParameters(const CausalLm& model);

// A number, in hexadecimal, that differs between models whose weights differ in any single bit (and, unless by
// intention, between any two models). The adapter does not count.
[[nodiscard]] std::string weightsFingerprint(const CausalLm& model);

} // namespace dskd::model
