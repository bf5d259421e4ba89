// Files of a model's folder: weights' headers, config.json, an adapter's configuration, the index of several files.

#include "tests/fuzz/readers.h"

#include "core/base/regular_file.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/safetensors_header.h"
#include "core/model/folder/tensor_specs.h"
#include "core/model/folder/weight_files.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/target.h"
#include "tests/support/paths.h"

#include <array>

namespace dskd::fuzz
{
namespace
{

constexpr std::array<std::string_view, 4> kShardFiles = {model::kWeightsIndexFile, model::kWeightsFile,
                                                         "model-00001-of-00002.safetensors",
                                                         "model-00002-of-00002.safetensors"};

// `name` in each folder of tests/golden/`kind` that has it.
std::vector<std::string> goldenFiles(const std::string& kind, const std::string& name)
{
    std::vector<std::string> texts;
    for (const auto& folder : std::filesystem::directory_iterator(test::goldenDir() + "/" + kind)) {
        if (const Result<std::string> text = readTextFile(folder.path() / name)) {
            texts.push_back(*text);
        }
    }
    return texts;
}

} // namespace

void readSafetensors(std::string_view file)
{
    const auto header = model::parseSafetensorsHeader(file, file.size(), "file");
    if (!readOrRefused(header)) {
        return;
    }
    std::uint64_t end = 0;
    for (const model::SafetensorsEntry& entry : header->entries) {
        require(entry.begin == end && entry.begin <= entry.end, "data lies without gap or overlap");
        end = entry.end;
    }
    require(header->dataStart + end == file.size(), "data ends where the file does");
    readOrRefused(model::layOutSafetensorsHeader(header->entries, header->metadata));
}

std::vector<std::string> safetensorsSeeds()
{
    std::vector<model::SafetensorsEntry> entries = {{"model.embed.weight", "F32", {4, 3}, 0, 48},
                                                    {"model.norm.weight", "BF16", {3}, 48, 54},
                                                    {"lm_head.weight", "F16", {1, 5}, 54, 64}};
    const std::string header = model::layOutSafetensorsHeader(entries, {{"format", "pt"}}).value();
    return {header + std::string(64, '\x7e'), model::layOutSafetensorsHeader({}, {}).value()};
}

void readConfig(std::string_view json)
{
    const auto config = model::parseModelConfig(std::string(json), "config.json");
    if (!readOrRefused(config)) {
        return;
    }
    require(model::parameterCount(*config) > 0, "a model has weights");
    require(!model::tensorSpecs(*config).empty(), "a model has tensors");
    readOrRefused(model::parseModelConfig(model::configJson(*config, "float32"), "its copy"));
}

std::vector<std::string> configSeeds()
{
    return goldenFiles("model", "config.json");
}

void readAdapter(std::string_view json)
{
    const auto config = model::parseAdapterConfig(std::string(json), "adapter_config.json");
    if (readOrRefused(config)) {
        require(config->rank > 0, "an adapter has a rank");
        (void)model::adapterConfigJson(*config, model::findFamily("llama"));
    }
}

std::vector<std::string> adapterSeeds()
{
    return goldenFiles("lora", model::kAdapterConfigFile);
}

void readShardIndex(std::string_view files)
{
    const std::filesystem::path& folder = unpacked(files, kShardFiles);
    readOrRefused(model::checkHasWeights(folder));
    readOrRefused(model::readWeightsIndex(folder));
    const auto named = model::weightFiles(folder);
    if (readOrRefused(named)) {
        for (const std::filesystem::path& file : *named) {
            require(std::filesystem::equivalent(file.parent_path(), folder), "weights lie in the model's folder");
        }
    }
}

std::vector<std::string> shardIndexSeeds()
{
    return {"=== model.safetensors.index.json\n"
            R"({"metadata": {"total_size": 24}, "weight_map": {"a": "model-00001-of-00002.safetensors", )"
            R"("b": "model-00002-of-00002.safetensors"}})"
            "\n=== model-00001-of-00002.safetensors\nx\n=== model-00002-of-00002.safetensors\ny",
            "=== model.safetensors\nx"};
}

} // namespace dskd::fuzz
