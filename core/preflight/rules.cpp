#include "core/preflight/rules.h"

#include "core/config/choices.h"
#include "core/config/method_traits.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/lora_targets.h"

namespace dskd::preflight
{

namespace
{

std::string describe(const NamedTokenizer& side)
{
    return std::string(side.tokenizer.kind()) + " with " + std::to_string(side.tokenizer.size()) + " tokens (" +
           side.folder.string() + ")";
}

} // namespace

Result<void> checkVocabularies(const config::MethodConfig& method, const NamedTokenizer& student,
                               const NamedTokenizer& teacher, bool same)
{
    if (!config::comparesById(method) || same) {
        return {};
    }
    const std::string differ = ", but the vocabularies differ: the student has a " + describe(student) +
                               ", the teacher a " + describe(teacher) + ".";
    if (method.alignment == config::Alignment::Position) {
        return Failure{"method.alignment is \"position\" and method.distance \"" +
                           std::string(config::name(method.distance)) + "\"" + differ,
                       "Set method.distance to \"uld\", which compares sorted probabilities, or method.alignment to "
                       "\"eta\", which compares the tokens that both have."};
    }
    return Failure{
        "method.alignment is \"none\"" + differ,
        "Set method.alignment to \"eta\" (tokens that stand for the same text) or to \"cma\" (attention); or "
        "compare sorted probabilities with method.space diff, method.alignment position and method.distance "
        "uld."};
}

Result<void> checkModel(const std::string& field, const model::ModelConfig& model,
                        const tokenizer::Tokenizer& tokenizer, const config::DataConfig& data)
{
    if (model.vocabularyRows < tokenizer.size()) {
        return Failure{"The " + field + " model has " + std::to_string(model.vocabularyRows) +
                           " rows in its embedding, but its tokenizer has " + std::to_string(tokenizer.size()) +
                           " tokens.",
                       "Use the tokenizer that the model was trained with (" + field + ".tokenizer)."};
    }
    if (model.maxPositions > 0 && data.maxLength > model.maxPositions) {
        return Failure{"data.max_length is " + std::to_string(data.maxLength) + ", but the " + field + " model has " +
                           std::to_string(model.maxPositions) + " positions.",
                       "Set data.max_length to " + std::to_string(model.maxPositions) + " or less."};
    }
    return {};
}

Result<void> checkAdapter(const config::ModelRef& reference, const model::ModelConfig& model)
{
    const auto resolved = model::resolveModelFolder(reference.model);
    if (!resolved) {
        return resolved.failure();
    }
    for (const std::filesystem::path& adapter : {resolved->adapter, std::filesystem::path(reference.adapter)}) {
        if (adapter.empty()) {
            continue;
        }
        if (const auto layers = model::readAdaptedLayers(adapter, model); !layers) {
            return layers.failure();
        }
    }
    return {};
}

Result<void> checkFineTuning(const config::Experiment& experiment, const model::ModelConfig& student)
{
    if (experiment.train.fineTuning == config::FineTuning::Lora) {
        if (const auto targets = model::loraTargets(student, experiment.lora.targets); !targets) {
            return targets.failure();
        }
    }
    return {};
}

std::filesystem::path tokenizerFolder(const config::ModelRef& model)
{
    if (!model.tokenizer.empty()) {
        return model.tokenizer;
    }
    const auto resolved = model::resolveModelFolder(model.model);
    if (!resolved || resolved->adapter.empty()) {
        return model.model;
    }
    // Vocabulary and merges alone say too little without the model's config.json.
    std::error_code error;
    const bool ofItsOwn = std::filesystem::exists(resolved->adapter / "tokenizer.json", error) ||
                          std::filesystem::exists(resolved->adapter / "tokenizer.model", error);
    return ofItsOwn ? resolved->adapter : resolved->base;
}

} // namespace dskd::preflight
