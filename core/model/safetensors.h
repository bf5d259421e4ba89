#pragma once

#include "core/base/result.h"

#include <ATen/core/Tensor.h>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::model
{

using TensorMap = std::map<std::string, at::Tensor>;

// Maps one safetensors file; the tensors share the mapping and live as long as they do. Nothing of the header is
// trusted: sizes, offsets, overlaps and dtypes are checked first.
Result<TensorMap> readSafetensors(const std::filesystem::path& file);

// All weights of a model folder: model.safetensors, or the shards that model.safetensors.index.json names. A folder
// that holds only pickled weights is refused with the command that converts them.
Result<TensorMap> readModelWeights(const std::filesystem::path& folder);

// Tensors in this order, wider element types first so that each is aligned; made contiguous on the CPU, and where
// `dtype` is given and they are floating point, converted to it, one at a time: no second copy of them all is held.
// Written to a temporary file, flushed to the disk, then renamed.
Result<void> writeSafetensors(const std::filesystem::path& file,
                              const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                              const std::map<std::string, std::string>& metadata = {},
                              std::optional<at::ScalarType> dtype = std::nullopt);

} // namespace dskd::model
