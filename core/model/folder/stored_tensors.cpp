#include "core/model/folder/stored_tensors.h"

#include "core/model/folder/families/family.h"
#include "core/model/folder/tensor_specs.h"
#include "core/model/folder/weight_files.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace dskd::model
{
namespace
{

constexpr std::array<std::string_view, 4> kWeightTypes = {"F32", "F16", "BF16", "F64"};

Result<std::vector<SafetensorsEntry>> entriesOf(const std::filesystem::path& file)
{
    auto header = readSafetensorsHeader(file);
    if (!header) {
        return header.failure();
    }
    return std::move(header->entries);
}

std::string withoutPrefix(const std::string& name, std::string_view prefix)
{
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// Constants that older versions of transformers stored among the weights.
bool isStoredConstant(const std::string& name, const Family& family)
{
    return std::any_of(family.constants.begin(), family.constants.end(),
                       [&](const char* end) { return end != nullptr && name.ends_with(end); });
}

using StoredByName = std::map<std::string, const SafetensorsEntry*>;

// Under which of its names a tensor is stored; null: under none.
const SafetensorsEntry* find(const StoredByName& stored, const TensorSpec& spec, const ModelConfig& config,
                             const std::string& embedding)
{
    std::vector<std::string> names{spec.name, withoutPrefix(spec.name, config.family->prefix)};
    if (config.tiedHead && spec.name == embedding) {
        names.emplace_back(config.family->head);
    }
    for (const std::string& name : names) {
        if (const auto found = stored.find(name); found != stored.end()) {
            return found->second;
        }
    }
    return nullptr;
}

Failure missing(const TensorSpec& spec, const ModelConfig& config, const std::filesystem::path& folder)
{
    if (spec.name == config.family->head) {
        return {folder.string() + " has no tensor \"" + spec.name +
                    "\", and its config.json does not tie the head to the embedding.",
                "Set \"tie_word_embeddings\" to true in config.json if the model shares them."};
    }
    return disagreement(folder, "tensor \"" + spec.name + "\" of shape " + shapeText(spec.shape) + " is missing");
}

} // namespace

Failure disagreement(const std::filesystem::path& folder, const std::string& how)
{
    return {(folder / "config.json").string() + " disagrees with the weights: " + how + ".",
            "Download or export the model again; both files must come from the same model."};
}

Result<std::vector<SafetensorsEntry>> readStoredTensors(const std::filesystem::path& folder)
{
    const auto files = weightFiles(folder);
    if (!files) {
        return files.failure();
    }
    if (files->size() == 1 && files->front().filename() == kWeightsFile) {
        return entriesOf(files->front());
    }
    const auto index = readWeightsIndex(folder);
    if (!index) {
        return index.failure();
    }
    std::vector<SafetensorsEntry> all;
    std::set<std::pair<std::string, std::string>> seen; // tensor and file
    for (const std::filesystem::path& file : *files) {
        auto entries = entriesOf(file);
        if (!entries) {
            return entries.failure();
        }
        for (SafetensorsEntry& entry : *entries) {
            const auto place = index->find(entry.name);
            if (place != index->end() && place->second == file.filename()) {
                seen.emplace(entry.name, place->second);
                all.push_back(std::move(entry));
            }
        }
    }
    for (const auto& [name, shard] : *index) {
        if (!seen.contains({name, shard})) {
            return Failure{(folder / shard).string() + " does not hold tensor \"" + name + "\", which " +
                               kWeightsIndexFile + " places there.",
                           "Download or export the model again."};
        }
    }
    return all;
}

Result<TensorPlaces> placeTensors(const ModelConfig& config, std::span<const SafetensorsEntry> stored,
                                  const std::filesystem::path& folder)
{
    const Family& family = *config.family;
    StoredByName left;
    for (const SafetensorsEntry& entry : stored) {
        left.emplace(entry.name, &entry);
    }
    const std::vector<TensorSpec> specs = tensorSpecs(config);
    TensorPlaces places;
    for (const TensorSpec& spec : specs) {
        const SafetensorsEntry* entry = find(left, spec, config, specs.front().name);
        if (entry == nullptr) {
            return missing(spec, config, folder);
        }
        if (entry->shape != spec.shape) {
            return disagreement(folder, "tensor \"" + entry->name + "\" should have the shape " +
                                            shapeText(spec.shape) + " and has " + shapeText(entry->shape));
        }
        if (std::find(kWeightTypes.begin(), kWeightTypes.end(), entry->dtype) == kWeightTypes.end()) {
            return Failure{folder.string() + ": tensor \"" + entry->name + "\" has the element type " + entry->dtype +
                               ", but weights are read as float32, float16, bfloat16 or float64.",
                           "Use the model in one of these."};
        }
        places.stored.emplace(spec.name, entry->name);
        left.erase(entry->name);
    }
    for (const auto& [name, entry] : left) {
        if (isStoredConstant(name, family)) {
            continue;
        }
        if (name == family.head && config.tiedHead) {
            places.tiedHeadStored = true;
            continue;
        }
        if (withoutPrefix(name, family.prefix).starts_with(family.blocks)) {
            return disagreement(folder, "tensor \"" + name + "\" of shape " + shapeText(entry->shape) +
                                            " has no place in a " + familyName(config.family) + " of " +
                                            std::to_string(config.layers) + " layers with this configuration");
        }
        places.unused.push_back(name);
    }
    return places;
}

} // namespace dskd::model
