#include "core/model/causal_lm.h"
#include "core/model/folder/tensor_specs.h"
#include "core/model/make_causal_lm.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/normal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <cmath>
#include <utility>

namespace dskd::model
{
namespace
{
at::Tensor drawTensor(const TensorSpec& spec, const ModelConfig& config, at::Generator& generator)
{
    const auto normal = [&](double deviation) {
        return at::empty(spec.shape, at::TensorOptions(at::kFloat)).normal_(0.0, deviation, generator);
    };
    switch (spec.init) {
    case Init::Ones: return at::ones(spec.shape, at::TensorOptions(at::kFloat));
    case Init::Zeros: return at::zeros(spec.shape, at::TensorOptions(at::kFloat));
    case Init::ScaledResidual:
        return normal(config.initializerRange / std::sqrt(2.0 * static_cast<double>(config.layers)));
    case Init::Normal: break;
    }
    return normal(config.initializerRange);
}

// `config`, checked like one that was read, which one filled in by code has not been yet. Where its fields were changed
// after reading, `original` is dropped: saving must describe the model there is.
Result<ModelConfig> describedByItsText(ModelConfig config)
{
    const std::string where = "the configuration of a new model";
    const std::string original = std::exchange(config.original, {});
    const std::string fields = configJson(config, "float32");
    if (const auto checked = parseModelConfig(fields, where); !checked) {
        return checked.failure();
    }
    if (auto read = parseModelConfig(original, where)) {
        read->original.clear();
        if (configJson(*read, "float32") == fields) {
            config.original = original;
        }
    }
    return config;
}
} // namespace

Result<std::unique_ptr<CausalLm>> createCausalLm(const ModelConfig& config, std::uint64_t seed,
                                                 const LoadOptions& options)
{
    auto described = describedByItsText(config);
    if (!described) {
        return described.failure();
    }
    // Always drawn in float32 on the CPU, in one fixed order: the same seed gives the same model on every device.
    at::Generator generator = at::detail::createCPUGenerator(seed);
    TensorMap tensors;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        tensors.emplace(spec.name, drawTensor(spec, config, generator).to(options.device, options.dtype));
    }
    return makeCausalLm(withDropout(*described, options.dropout), std::move(tensors), options.trainable);
}

} // namespace dskd::model
