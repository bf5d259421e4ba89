#include "core/base/mapped_file.h"
#include "core/model/folder/weight_files.h"
#include "core/model/safetensors.h"

#include <nlohmann/json.hpp>
#include <system_error>

namespace dskd::model
{
namespace
{
using nlohmann::json;

// A shard lies beside its index: a plain file name, nothing that leads elsewhere.
bool isPlainFileName(const std::string& name)
{
    constexpr std::string_view kExtension = ".safetensors";
    return name.size() > kExtension.size() && name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos &&
           name.compare(name.size() - kExtension.size(), kExtension.size(), kExtension) == 0;
}

// Tensor name -> shard file name.
Result<std::map<std::string, std::string>> readIndex(const std::filesystem::path& file)
{
    const auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    const json index = json::parse(*text, nullptr, false);
    const auto refuse = [&file](const std::string& why) {
        return Failure{file.string() + " " + why + ".", "Download or export the model again."};
    };
    if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
        return refuse("is not a safetensors index: it needs an object \"weight_map\" from tensor names to files");
    }
    std::map<std::string, std::string> shards;
    for (const auto& [name, shard] : index["weight_map"].items()) {
        if (!shard.is_string() || !isPlainFileName(shard.get_ref<const std::string&>())) {
            return refuse("places tensor \"" + name + "\" in " +
                          shard.dump(-1, ' ', true, json::error_handler_t::replace) +
                          ", which is not the plain name of a .safetensors file in the same folder");
        }
        shards.emplace(name, shard.get<std::string>());
    }
    return shards;
}

Result<TensorMap> readShards(const std::filesystem::path& folder)
{
    const std::filesystem::path indexFile = folder / kWeightsIndexFile;
    const auto shardOf = readIndex(indexFile);
    if (!shardOf) {
        return shardOf.failure();
    }
    std::map<std::string, TensorMap> shards;
    TensorMap tensors;
    for (const auto& [name, shard] : *shardOf) {
        auto loaded = shards.find(shard);
        if (loaded == shards.end()) {
            std::error_code error;
            if (!std::filesystem::exists(folder / shard, error)) {
                return Failure{indexFile.string() + " places tensor \"" + name + "\" in " + shard +
                                   ", which is not in the folder.",
                               "Download the missing file."};
            }
            auto read = readSafetensors(folder / shard);
            if (!read) {
                return read.failure();
            }
            loaded = shards.emplace(shard, std::move(*read)).first;
        }
        const auto tensor = loaded->second.find(name);
        if (tensor == loaded->second.end()) {
            return Failure{(folder / shard).string() + " does not hold tensor \"" + name + "\", which " +
                               kWeightsIndexFile + " places there.",
                           "Download or export the model again."};
        }
        tensors.emplace(name, tensor->second);
    }
    return tensors;
}

} // namespace

Result<TensorMap> readModelWeights(const std::filesystem::path& folder)
{
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) {
        return Failure{folder.string() + " is not a folder.", "Name the folder of a Hugging Face model."};
    }
    if (std::filesystem::exists(folder / kWeightsFile, error)) {
        return readSafetensors(folder / kWeightsFile);
    }
    if (std::filesystem::exists(folder / kWeightsIndexFile, error)) {
        return readShards(folder);
    }
    return checkHasWeights(folder).failure();
}

} // namespace dskd::model
