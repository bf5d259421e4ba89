#pragma once

// The files of a model folder that hold its weights.

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dskd::model
{

inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kWeightsIndexFile = "model.safetensors.index.json"; // of weights in several files

// Fails unless one of them is there; where there are pickled weights instead, with the command that converts them.
[[nodiscard]] Result<void> checkHasWeights(const std::filesystem::path& folder);

// Which file of the folder each tensor lies in, as its index has it. Fails, naming the index, where it is not one,
// leads out of the folder, or names a file that is missing.
[[nodiscard]] Result<std::map<std::string, std::string>> readWeightsIndex(const std::filesystem::path& folder);

// The files that the model is read from: the one file where it is there, else those that the index names. Other files
// of weights in the folder do not matter. Fails as both above.
[[nodiscard]] Result<std::vector<std::filesystem::path>> weightFiles(const std::filesystem::path& folder);

} // namespace dskd::model
