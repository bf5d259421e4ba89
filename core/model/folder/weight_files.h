#pragma once

// The files of a model folder that hold its weights.

#include "core/base/result.h"

#include <filesystem>

namespace dskd::model
{

inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kWeightsIndexFile = "model.safetensors.index.json"; // of weights in several files

// Fails unless one of them is there; where there are pickled weights instead, with the command that converts them.
[[nodiscard]] Result<void> checkHasWeights(const std::filesystem::path& folder);

} // namespace dskd::model
