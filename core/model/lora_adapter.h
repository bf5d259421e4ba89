#pragma once

// LoRA adapters (Hu et al., 2021) as tensors: fresh ones, PEFT folders in and out, and merging into weights.
//
// Shapes: I inputs, O outputs, r rank.

#include "core/base/result.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/lora_targets.h"
#include "core/model/safetensors.h"

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <c10/core/TensorOptions.h>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dskd::model
{

struct AdaptedLayer {
    std::string name; // of its module: "model.layers.0.self_attn.q_proj"
    at::Tensor a;     // (r, I)
    at::Tensor b;     // (O, r)
};

struct LoraAdapter {
    AdapterConfig config;
    std::vector<AdaptedLayer> layers; // in the order of linearLayers
};

// As PEFT begins: A uniform within +-1/sqrt(I) (Kaiming with a = sqrt(5)), B zero, so that nothing changes at first.
// Every layer draws from a stream of `seed` that its name gives, in float32 on the CPU: the same seed gives the same
// adapter on every device, and a further target changes no other layer.
[[nodiscard]] LoraAdapter createAdapter(const AdapterConfig& config, const std::vector<LinearLayer>& layers,
                                        std::uint64_t seed, const at::TensorOptions& options);

// Reads a PEFT folder for `model`. The tensors are copies, converted to the type of `options`: what is to be merged is
// read in float32 at least. Fails as readAdaptedLayers does, and for numbers that are
// not finite.
Result<LoraAdapter> readAdapter(const std::filesystem::path& folder, const ModelConfig& model,
                                const at::TensorOptions& options);

// Writes adapter_config.json and adapter_model.safetensors so that PeftModel.from_pretrained reads them.
Result<void> saveAdapter(const LoraAdapter& adapter, const Family* family, const std::filesystem::path& folder);

// weight + scale B A, computed in float32 at least and rounded once, to `dtype`, in a new tensor of the weight's layout
// and device.
[[nodiscard]] at::Tensor mergedWeight(const at::Tensor& weight, const AdaptedLayer& layer, double scale,
                                      WeightLayout layout, at::ScalarType dtype);

// What the model's tensor `name` becomes in `dtype` and on `device` when `adapters` are merged into it, one after the
// other: rounded once, at the end. Without a change of type, device or value the tensor itself.
[[nodiscard]] at::Tensor withAdapters(const std::string& name, const at::Tensor& tensor,
                                      std::span<const LoraAdapter> adapters, WeightLayout layout, at::ScalarType dtype,
                                      at::Device device);

} // namespace dskd::model
