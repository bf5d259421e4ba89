#pragma once

// Which of the tensors that a folder's weights hold are which of the model's. Reads headers only, so that whoever looks
// before weights are loaded and whoever loads them agree. Any thread.

#include "core/base/result.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/safetensors_header.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace dskd::model
{

// What the files of a folder hold (weightFiles); of several files, what their index places in them. Fails as
// weightFiles and parseSafetensorsHeader do, and where a file lacks a tensor that the index places there.
[[nodiscard]] Result<std::vector<SafetensorsEntry>> readStoredTensors(const std::filesystem::path& folder);

struct TensorPlaces {
    std::map<std::string, std::string> stored; // under which name each tensor of the model (tensorSpecs) is stored
    std::vector<std::string> unused;           // stored and no part of the model; neither constants nor a tied head
    bool tiedHeadStored = false;               // beside the embedding, which it must equal
};

// A tensor is stored under its full name, without the family's prefix, or, where head and embedding are one, under the
// name of either: safetensors keeps one name of shared tensors. Fails, naming the tensor, where one is missing, has
// another shape or is not floating-point, and where the files hold more layers than the configuration.
[[nodiscard]] Result<TensorPlaces> placeTensors(const ModelConfig& config, std::span<const SafetensorsEntry> stored,
                                                const std::filesystem::path& folder);

// "config.json disagrees with the weights: `how`."
[[nodiscard]] Failure disagreement(const std::filesystem::path& folder, const std::string& how);

} // namespace dskd::model
