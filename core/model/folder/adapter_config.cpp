#include "core/model/folder/adapter_config.h"

#include "core/base/regular_file.h"
#include "core/model/folder/config_reader.h"
#include "core/model/folder/families/family.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>

namespace dskd::model
{
namespace
{
namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::int64_t kMaxRank = 1 << 16;

// Fields of adapter_config.json that say nothing about the result of a trained adapter.
constexpr std::array kWithoutEffect = {"auto_mapping",        "base_model_name_or_path",
                                       "corda_config",        "ensure_weight_tying",
                                       "eva_config",          "exclude_modules",
                                       "fan_in_fan_out", // the family says how its weights lie
                                       "inference_mode",      "layers_pattern",
                                       "layers_to_transform", // the tensors say which layers there are
                                       "megatron_core",       "peft_version",
                                       "qalora_group_size",   "revision",
                                       "runtime_config",      "task_type"};
constexpr std::array kUnderstood = {
    "peft_type", "r", "lora_alpha", "lora_dropout", "use_rslora", "target_modules", "init_lora_weights", "bias"};

template <std::size_t N>
bool contains(const std::array<const char*, N>& names, const std::string& name)
{
    for (const char* known : names) {
        if (name == known) {
            return true;
        }
    }
    return false;
}

bool isOff(const ordered_json& value)
{
    return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
           ((value.is_array() || value.is_object() || value.is_string()) && value.empty());
}

// The usual name of a feature that is refused.
std::string featureName(const std::string& field)
{
    if (field == "use_dora") {
        return "DoRA (weights split into magnitude and direction)";
    }
    if (field == "modules_to_save") {
        return "whole modules trained beside the adapter";
    }
    if (field == "rank_pattern" || field == "alpha_pattern") {
        return "a rank or alpha of its own for some layers";
    }
    if (field == "lora_bias") {
        return "biases in the adapter";
    }
    return "something that this program does not support";
}

std::string shortText(const ordered_json& value)
{
    std::string text = value.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
    constexpr std::size_t kShown = 60;
    return text.size() > kShown ? text.substr(0, kShown) + "…" : text;
}

void checkFeatures(const ordered_json& object, ConfigReader& reader)
{
    for (const auto& [field, value] : object.items()) {
        if (contains(kWithoutEffect, field) || contains(kUnderstood, field) || isOff(value)) {
            continue;
        }
        reader.refuse("\"" + field + "\" is " + shortText(value) + ": the adapter uses " + featureName(field) +
                          ", which is not supported",
                      "Merge it with PEFT's merge_and_unload() and name the merged model.");
    }
    if (const std::string bias = reader.textOr("bias", "none"); bias != "none") {
        reader.refuse("\"bias\" is \"" + bias + "\": biases were trained beside the adapter, which is not supported",
                      "Merge it with PEFT's merge_and_unload() and name the merged model.");
    }
    // PiSSA, OLoRA, CorDA and LoftQ take a part out of the base weights before training.
    const ordered_json& init = reader.value("init_lora_weights");
    if (init.is_string() && init != "gaussian" && init != "eva" && init != "orthogonal") {
        reader.refuse("\"init_lora_weights\" is " + shortText(init) +
                          ": the adapter belongs to base weights that this initialisation has altered",
                      "Save it converted to plain LoRA (PEFT's save_pretrained with path_initial_model_for_weight_"
                      "conversion), or merge it with merge_and_unload().");
    }
}

std::vector<std::string> readTargets(ConfigReader& reader)
{
    const ordered_json& value = reader.value("target_modules");
    std::vector<std::string> targets;
    if (value.is_array()) {
        for (const ordered_json& target : value) {
            if (!target.is_string()) {
                reader.refuse("\"target_modules\" lists " + shortText(target) + ", which is not the name of a layer");
                break;
            }
            targets.push_back(target.get<std::string>());
        }
    } else if (!value.is_null() && !value.is_string()) {
        reader.refuse("\"target_modules\" is " + shortText(value) + ", which is neither a list of names nor a pattern");
    }
    return targets;
}

// In the order that the header gives.
std::optional<fs::path> findBaseModel(const fs::path& named, const fs::path& adapter)
{
    std::error_code error;
    const auto isModel = [&](const fs::path& base) { return fs::exists(base / "config.json", error); };
    if (named.is_absolute()) {
        return isModel(named) ? std::optional(named) : std::nullopt;
    }
    for (const fs::path& start : {fs::absolute(adapter, error).lexically_normal(), fs::current_path(error)}) {
        for (fs::path above = start; !above.empty(); above = above.parent_path()) {
            if (fs::path base = above / named; isModel(base)) {
                return base;
            }
            if (above == above.root_path()) {
                break; // which is its own parent
            }
        }
    }
    return std::nullopt;
}

std::string placesTried(const fs::path& named, const fs::path& adapter)
{
    if (named.is_absolute()) {
        return "there is no config.json in it";
    }
    std::error_code error;
    const fs::path current = fs::current_path(error);
    return "there is no config.json in " + fs::absolute(adapter / named, error).lexically_normal().string() +
           ", none in " + (current / named).lexically_normal().string() +
           ", and none at that place below a folder above either";
}
} // namespace

double AdapterConfig::scale() const
{
    const auto r = static_cast<double>(rank);
    return alpha / (rankStabilised ? std::sqrt(r) : r);
}

Result<AdapterConfig> parseAdapterConfig(const std::string& json, const std::string& where)
{
    const ordered_json object = ordered_json::parse(json, nullptr, false);
    if (!object.is_object()) {
        return Failure{where + " is not a JSON object.", "Save or download the adapter again."};
    }
    ConfigReader reader(object, where);
    if (const std::string type = reader.textOr("peft_type", ""); type != "LORA") {
        reader.refuse(type.empty() ? "the field \"peft_type\" is missing"
                                   : "\"peft_type\" is \"" + type + "\", but only LoRA adapters are understood",
                      "Name a folder that PEFT saved a LoRA adapter in.");
    }
    AdapterConfig config;
    config.rank = reader.count("r", kMaxRank);
    constexpr double kLargest = std::numeric_limits<float>::max();
    if (!reader.has("lora_alpha")) {
        reader.refuse("the field \"lora_alpha\" is missing", "Save or download the adapter again.");
    }
    config.alpha = reader.numberOr("lora_alpha", -kLargest, kLargest, config.alpha);
    config.dropout = reader.numberOr("lora_dropout", 0.0, 1.0, 0.0);
    config.rankStabilised = reader.flagOr("use_rslora", false);
    config.baseModel = reader.textOr("base_model_name_or_path", "");
    config.targets = readTargets(reader);
    checkFeatures(object, reader);
    if (reader.failure()) {
        return *reader.failure();
    }
    return config;
}

Result<AdapterConfig> readAdapterConfig(const std::filesystem::path& folder)
{
    std::error_code error;
    const std::filesystem::path file = folder / kAdapterConfigFile;
    if (!std::filesystem::exists(file, error)) {
        return Failure{folder.string() + " has no " + kAdapterConfigFile + ".",
                       "Name a folder that PEFT saved a LoRA adapter in."};
    }
    const auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    return parseAdapterConfig(*text, file.string());
}

std::string adapterConfigJson(const AdapterConfig& config, const Family* family)
{
    const ordered_json object = {
        {"peft_type", "LORA"},
        {"task_type", "CAUSAL_LM"},
        {"base_model_name_or_path", config.baseModel.empty() ? ordered_json() : ordered_json(config.baseModel)},
        {"inference_mode", true},
        {"r", config.rank},
        {"lora_alpha", config.alpha},
        {"lora_dropout", config.dropout},
        {"use_rslora", config.rankStabilised},
        {"target_modules", config.targets},
        {"fan_in_fan_out", family->layout == WeightLayout::InOut},
        {"bias", "none"},
        {"init_lora_weights", true},
        {"modules_to_save", nullptr}};
    return object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<ModelFolder> resolveModelFolder(const fs::path& folder)
{
    std::error_code error;
    if (fs::exists(folder / "config.json", error) || !fs::exists(folder / kAdapterConfigFile, error)) {
        return ModelFolder{folder, {}};
    }
    const auto config = readAdapterConfig(folder);
    if (!config) {
        return config.failure();
    }
    const std::string hint = "Name the base model's folder as the model and this folder as the adapter (student.model "
                             "and student.adapter).";
    if (config->baseModel.empty()) {
        return Failure{folder.string() + " is a LoRA adapter, and its base model is not named.", hint};
    }
    if (const auto base = findBaseModel(config->baseModel, folder)) {
        return ModelFolder{*base, folder};
    }
    return Failure{folder.string() + " is a LoRA adapter, and its base model \"" + config->baseModel +
                       "\" is not a folder on this machine: " + placesTried(config->baseModel, folder) + ".",
                   hint};
}

} // namespace dskd::model
