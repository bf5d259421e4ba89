#include "core/model/make_causal_lm.h"

#include "core/model/folder/families/family.h"
#include "core/model/gpt2.h"
#include "core/model/gpt_neox.h"
#include "core/model/llama.h"

#include <utility>

namespace dskd::model
{

std::unique_ptr<CausalLm> makeCausalLm(const ModelConfig& config, TensorMap weights, bool trainable)
{
    std::vector<NamedTensor> parameters;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        const auto found = weights.find(spec.name);
        TORCH_CHECK(found != weights.end(), "makeCausalLm: the tensor ", spec.name, " is missing");
        TORCH_CHECK(found->second.sizes() == at::IntArrayRef(spec.shape), "makeCausalLm: ", spec.name,
                    " has the shape ", found->second.sizes(), ", not ", at::IntArrayRef(spec.shape));
        parameters.push_back({spec.name, found->second.detach().requires_grad_(trainable), spec.decay});
    }
    switch (config.family->architecture) {
    case Architecture::Gpt2: return std::make_unique<Gpt2>(config, std::move(parameters));
    case Architecture::GptNeoX: return std::make_unique<GptNeoX>(config, std::move(parameters));
    case Architecture::Llama: break;
    }
    return std::make_unique<Llama>(config, std::move(parameters));
}

ModelConfig withDropout(ModelConfig config, std::optional<double> dropout)
{
    if (dropout) {
        config.embeddingDropout = *dropout;
        config.attentionDropout = *dropout;
        config.residualDropout = *dropout;
    }
    return config;
}

} // namespace dskd::model
