#include "core/model/fine_tuning.h"

#include "core/base/hash.h"
#include "core/base/random_stream.h"

#include <ATen/core/Tensor.h>
#include <utility>

namespace dskd::model
{

void freezeEmbeddings(const CausalLm& model)
{
    const at::Tensor head = model.head();
    const bool tied = head.is_same(model.inputEmbedding());
    for (const NamedTensor& parameter : model.parameters()) {
        const bool ownHead = !tied && parameter.tensor.is_same(head);
        if (parameter.tensor.dim() == 2 && !belongsToBlock(parameter.name) && !ownHead) {
            parameter.tensor.set_requires_grad(false);
        }
    }
}

void learnAdapter(CausalLm& model, LoraAdapter adapter)
{
    for (const NamedTensor& parameter : model.parameters()) {
        parameter.tensor.set_requires_grad(false);
    }
    for (AdaptedLayer& layer : adapter.layers) {
        layer.a.set_requires_grad(true);
        layer.b.set_requires_grad(true);
    }
    model.setAdapter(std::move(adapter));
}

std::vector<NamedTensor> learningParameters(const CausalLm& model)
{
    std::vector<NamedTensor> learning;
    const auto add = [&](NamedTensor parameter) {
        if (parameter.tensor.requires_grad()) {
            learning.push_back(std::move(parameter));
        }
    };
    for (const NamedTensor& parameter : model.parameters()) {
        add(parameter);
    }
    if (const LoraAdapter* adapter = model.adapter()) {
        for (const AdaptedLayer& layer : adapter->layers) {
            add({layer.name + ".lora_A.weight", layer.a});
            add({layer.name + ".lora_B.weight", layer.b});
        }
    }
    return learning;
}

std::string weightsFingerprint(const CausalLm& model)
{
    // The bits of a tensor are summed as integers, where order and number of threads do not matter.
    const auto bits = [](const at::Tensor& tensor) {
        switch (tensor.element_size()) {
        case 2: return tensor.view(at::kShort);
        case 4: return tensor.view(at::kInt);
        default: return tensor.view(at::kLong);
        }
    };
    std::uint64_t state = 0;
    for (const NamedTensor& parameter : model.parameters()) {
        const at::Tensor sum = bits(parameter.tensor.detach().contiguous()).sum(at::kLong);
        state = streamSeed(state ^ static_cast<std::uint64_t>(sum.item<std::int64_t>()), parameter.name);
    }
    return hexadecimal(state);
}

} // namespace dskd::model
