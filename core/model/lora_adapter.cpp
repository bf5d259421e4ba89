#include "core/model/lora_adapter.h"

#include "core/base/atomic_file.h"
#include "core/base/random_stream.h"
#include "core/tensor/wide_float.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <cmath>
#include <system_error>
#include <utility>

namespace dskd::model
{

LoraAdapter createAdapter(const AdapterConfig& config, const std::vector<LinearLayer>& layers, std::uint64_t seed,
                          const at::TensorOptions& options)
{
    LoraAdapter adapter{config, {}};
    for (const LinearLayer& layer : layers) {
        at::Generator generator = at::detail::createCPUGenerator(streamSeed(seed, "lora/" + layer.name));
        const double bound = 1.0 / std::sqrt(static_cast<double>(layer.inputs));
        const at::Tensor a =
            at::empty({config.rank, layer.inputs}, at::TensorOptions(at::kFloat)).uniform_(-bound, bound, generator);
        adapter.layers.push_back({layer.name, a.to(options), at::zeros({layer.outputs, config.rank}, options)});
    }
    return adapter;
}

Result<LoraAdapter> readAdapter(const std::filesystem::path& folder, const ModelConfig& model,
                                const at::TensorOptions& options)
{
    auto config = readAdapterConfig(folder);
    if (!config) {
        return config.failure();
    }
    const auto layers = readAdaptedLayers(folder, model);
    if (!layers) {
        return layers.failure();
    }
    const std::filesystem::path file = folder / kAdapterWeightsFile;
    const auto tensors = readSafetensors(file);
    if (!tensors) {
        return tensors.failure();
    }
    LoraAdapter adapter{std::move(*config), {}};
    for (const LinearLayer& layer : *layers) {
        AdaptedLayer adapted{layer.name, {}, {}};
        for (const char which : {'A', 'B'}) {
            const std::string name = adapterTensorName(layer.name, which);
            const at::Tensor& stored = tensors->at(name);
            if (!stored.is_floating_point() || !stored.isfinite().all().item<bool>()) {
                return Failure{file.string() + ": tensor \"" + name + "\" holds " +
                                   (stored.is_floating_point() ? "values that are NaN or infinite."
                                                               : "numbers that are not floating-point."),
                               "Its training went wrong, or the file is damaged; use another adapter."};
            }
            (which == 'A' ? adapted.a : adapted.b) = stored.to(options, /*non_blocking=*/false, /*copy=*/true);
        }
        adapter.layers.push_back(std::move(adapted));
    }
    return adapter;
}

Result<void> saveAdapter(const LoraAdapter& adapter, const Family* family, const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return Failure{folder.string() + " cannot be created: " + error.message() + ".", "Choose another folder."};
    }
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const AdaptedLayer& layer : adapter.layers) {
        tensors.emplace_back(adapterTensorName(layer.name, 'A'), layer.a);
        tensors.emplace_back(adapterTensorName(layer.name, 'B'), layer.b);
    }
    if (auto written = writeSafetensors(folder / kAdapterWeightsFile, tensors, {{"format", "pt"}}); !written) {
        return written;
    }
    return writeFileAtomically(folder / kAdapterConfigFile, adapterConfigJson(adapter.config, family));
}

at::Tensor mergedWeight(const at::Tensor& weight, const AdaptedLayer& layer, double scale, WeightLayout layout,
                        at::ScalarType dtype)
{
    const at::NoGradGuard noGrad;
    const at::ScalarType type = dtype == at::kDouble ? dtype : tensor::wideFloat(weight);
    const auto wide = [&](const at::Tensor& tensor) { return tensor.to(weight.device(), type); };
    const at::Tensor change_OI = wide(layer.b).mm(wide(layer.a)).mul_(scale);
    const at::Tensor change = layout == WeightLayout::OutIn ? change_OI : change_OI.t();
    return wide(weight).add(change).to(dtype).contiguous();
}

at::Tensor withAdapters(const std::string& name, const at::Tensor& tensor, std::span<const LoraAdapter> adapters,
                        WeightLayout layout, at::ScalarType dtype, at::Device device)
{
    const at::ScalarType wide = dtype == at::kDouble ? dtype : tensor::wideFloat(tensor);
    at::Tensor merged = tensor;
    for (const LoraAdapter& adapter : adapters) {
        for (const AdaptedLayer& layer : adapter.layers) {
            if (name == layer.name + ".weight") {
                merged = mergedWeight(merged.to(device), layer, adapter.config.scale(), layout, wide);
            }
        }
    }
    return merged.to(device, dtype);
}

} // namespace dskd::model
