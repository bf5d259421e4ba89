#include "core/model/folder/model_config.h"

#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/config_reader.h"
#include "core/model/folder/families/family.h"
#include "core/model/folder/tensor_specs.h"

#include <algorithm>
#include <system_error>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

const Family* readFamily(ConfigReader& reader)
{
    const std::string type = reader.textOr("model_type", "");
    std::string architecture;
    const ordered_json& architectures = reader.value("architectures");
    if (architectures.is_array() && !architectures.empty() && architectures[0].is_string()) {
        architecture = architectures[0].get<std::string>();
    }
    std::string names;
    for (const Family* family : families()) {
        if (type == family->modelType || (type.empty() && architecture == family->architectures)) {
            return family;
        }
        names += std::string(names.empty() ? "" : ", ") + family->modelType + " (" + family->architectures + ")";
    }
    if (type.empty() && architecture.empty()) {
        reader.refuse("the field \"model_type\" is missing", "Is this the config.json of a language model?");
    } else {
        reader.refuse("the architecture \"" + (type.empty() ? architecture : type) + "\" is not known; known are " +
                      names);
    }
    return nullptr;
}

void readTokenIds(ConfigReader& reader, ModelConfig& config)
{
    const auto first = [](const std::vector<std::int64_t>& ids) {
        return ids.empty() ? std::nullopt : std::optional(ids.front());
    };
    config.bosId = first(reader.ids("bos_token_id"));
    config.eosIds = reader.ids("eos_token_id");
    config.eosId = first(config.eosIds);
}
} // namespace

Result<ModelConfig> parseModelConfig(const std::string& json, const std::string& where)
{
    const ordered_json object = ordered_json::parse(json, nullptr, false);
    if (!object.is_object()) {
        if (auto kind = wrongFileKind(where, json)) {
            return std::move(*kind);
        }
        return Failure{where + (object.is_discarded() ? " is not JSON." : " is not a JSON object."),
                       "Download or export the model again."};
    }
    ConfigReader reader(object, where);
    ModelConfig config;
    config.family = readFamily(reader);
    if (config.family == nullptr) {
        return *reader.failure();
    }
    config.original = json;
    if (reader.has("quantization_config")) {
        reader.refuse("the model is quantised (\"quantization_config\"), which is not supported",
                      "Use the unquantised model.");
    }
    config.vocabularyRows = reader.count("vocab_size", kMaxVocabulary);
    config.family->read(reader, config);
    config.tiedHead = reader.flagOr("tie_word_embeddings", config.family->tiesHead);
    config.initializerRange = reader.numberOr("initializer_range", 0.0, 10.0, 0.02);
    readTokenIds(reader, config);
    if (reader.failure()) {
        return *reader.failure();
    }
    return config;
}

Result<ModelConfig> readModelConfig(const std::filesystem::path& folder)
{
    const auto resolved = resolveModelFolder(folder);
    if (!resolved) {
        return resolved.failure();
    }
    std::error_code error;
    const std::filesystem::path file = resolved->base / "config.json";
    if (!std::filesystem::exists(file, error)) {
        return Failure{folder.string() + (std::filesystem::is_directory(folder, error) ? " has no config.json."
                                                                                       : " is not a folder."),
                       "Name the folder of a Hugging Face model."};
    }
    const auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    return parseModelConfig(*text, file.string());
}

std::optional<std::int64_t> windowOf(const ModelConfig& config, std::int64_t layer)
{
    const bool windowed = config.windowedLayers.empty() || config.windowedLayers.at(static_cast<std::size_t>(layer));
    return windowed ? config.slidingWindow : std::nullopt;
}

std::string configJson(const ModelConfig& config, const std::string& dtype)
{
    ordered_json object = ordered_json::parse(config.original, nullptr, false);
    if (!object.is_object()) {
        object = {{"architectures", ordered_json::array({config.family->architectures})},
                  {"model_type", config.family->modelType},
                  {"vocab_size", config.vocabularyRows}};
        config.family->write(config, object);
        object["initializer_range"] = config.initializerRange;
        object["tie_word_embeddings"] = config.tiedHead;
        object["bos_token_id"] = config.bosId ? ordered_json(*config.bosId) : ordered_json();
        object["eos_token_id"] = config.eosIds.size() > 1 ? ordered_json(config.eosIds)
                                 : config.eosId           ? ordered_json(*config.eosId)
                                                          : ordered_json();
        object["torch_dtype"] = dtype;
    } else { // transformers 4 says torch_dtype, transformers 5 says dtype
        const bool old = object.contains("torch_dtype");
        if (old) {
            object["torch_dtype"] = dtype;
        }
        if (!old || object.contains("dtype")) {
            object["dtype"] = dtype;
        }
        if (!object.contains("model_type") || object["model_type"].is_null()) { // transformers knows no model without
            object["model_type"] = config.family->modelType;
        }
    }
    return object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::int64_t parameterCount(const ModelConfig& config)
{
    std::int64_t total = 0;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        std::int64_t count = 1;
        for (const std::int64_t dimension : spec.shape) {
            count *= dimension;
        }
        total += count;
    }
    return total;
}

} // namespace dskd::model
