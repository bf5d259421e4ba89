#include "core/model/folder/weight_files.h"
#include "core/model/safetensors.h"

#include <system_error>

namespace dskd::model
{
namespace
{
Result<TensorMap> readShards(const std::filesystem::path& folder)
{
    const auto shardOf = readWeightsIndex(folder);
    if (!shardOf) {
        return shardOf.failure();
    }
    std::map<std::string, TensorMap> shards;
    TensorMap tensors;
    for (const auto& [name, shard] : *shardOf) {
        auto loaded = shards.find(shard);
        if (loaded == shards.end()) {
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
