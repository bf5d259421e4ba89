#include "core/preflight/rules.h"

#include "core/align/vocabulary.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/dataset/conversation.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/lora_targets.h"
#include "core/tokenizer/chat/chat_template.h"
#include "core/tokenizer/limited_tokenizer.h"

namespace dskd::preflight
{

namespace
{

std::string describe(const NamedTokenizer& side)
{
    return std::string(side.tokenizer.kind()) + " with " + std::to_string(side.tokenizer.size()) + " tokens (" +
           side.folder.string() + ")";
}

std::string differentVocabularies(const NamedTokenizer& student, const NamedTokenizer& teacher)
{
    return ", but the vocabularies differ: the student has a " + describe(student) + ", the teacher a " +
           describe(teacher) + ".";
}

// One vocabulary, but each model has a chat template of its own.
std::string differentTemplates(const NamedTokenizer& student, const NamedTokenizer& teacher)
{
    const auto written = [](const NamedTokenizer& side) {
        const tokenizer::ChatTemplate* chat = side.tokenizer.chatTemplate();
        const bool hasDefault = chat != nullptr && chat->defaultSystem.has_value();
        return std::string(chat == nullptr ? "no chat template" : tokenizer::name(chat->family)) +
               (hasDefault ? ", with the system message \"" + *chat->defaultSystem + "\"" : std::string()) + " (" +
               side.folder.string() + ")";
    };
    return ", but the chat templates differ, so that prompts and the ends of answers do: the student's is " +
           written(student) + ", the teacher's " + written(teacher) + ".";
}

// What in the method takes rows or tokens of the two models for each other by their number.
std::string whatComparesById(const config::Experiment& experiment)
{
    const config::MethodConfig& method = experiment.method;
    if (method.objective == config::Objective::PolicyGradient) {
        return "method.objective \"policy-gradient\" (MiniLLM) rewards the student's tokens with the probabilities "
               "that the teacher gives to the very same tokens";
    }
    if (config::pairsRows(method)) {
        return "method.alignment is \"" + std::string(config::name(method.alignment)) + "\" and method.distance \"" +
               std::string(config::name(method.distance)) + "\", which compares token by token";
    }
    if (experiment.onPolicy.schedule == config::OnPolicySchedule::Adaptive) {
        return "method.alignment is \"none\" (as in DistiLLM), which compares token by token";
    }
    if (experiment.onPolicy.ratio > 0) {
        return "method.alignment is \"none\" and the student learns from its own answers (as in ImitKD and GKD), token "
               "by token";
    }
    return method.space == config::Space::Different
               ? "method.alignment is \"none\" (vanilla distillation), which compares token by token"
               : "method.alignment is \"none\", which projects the teacher's state at each token to the student's at "
                 "the same one";
}

// The named methods for any tokenizers, the nearest first.
std::string otherMethods(const config::Experiment& experiment)
{
    struct Way {
        std::string_view id;
        std::string_view how;
    };
    constexpr Way kWays[] = {
        {"dskd-eta", "tokens that stand for the same text"},
        {"dskd-cma", "a learned attention brings the tokens together"},
        {"uld", "sorted probabilities"},
        {"sub-vocabulary", "the tokens that both vocabularies have"},
        {"mined", "tokens matched by their spelling"},
    };
    std::string list;
    for (const Way& way : kWays) {
        list += (list.empty() ? "" : ", ") + std::string(way.id) + " (" + std::string(way.how) + ")";
    }
    return "Set the method to one for different tokenizers: " + list +
           (experiment.onPolicy.ratio > 0 ? "; then set on_policy.ratio again to go on with the student's own answers."
                                          : ".");
}

} // namespace

Result<void> checkVocabularies(const config::Experiment& experiment, const NamedTokenizer& student,
                               const NamedTokenizer& teacher, bool same)
{
    if (!config::comparesById(experiment.method) || same) {
        return {};
    }
    const bool oneVocabulary = align::sameVocabulary(teacher.tokenizer, student.tokenizer);
    return Failure{whatComparesById(experiment) +
                       (oneVocabulary ? differentTemplates(student, teacher) : differentVocabularies(student, teacher)),
                   (oneVocabulary ? std::string("Set data.template to one that suits both. ") : std::string()) +
                       otherMethods(experiment)};
}

Result<void> checkModel(const std::string& field, const model::ModelConfig& model,
                        const tokenizer::Tokenizer& tokenizer, const config::DataConfig& data)
{
    if (const auto eos = tokenizer.special().eos; eos && *eos >= model.vocabularyRows) {
        return Failure{"Answers of the " + field + " end with the token " + std::to_string(*eos) +
                           ", but its embedding has " + std::to_string(model.vocabularyRows) +
                           " rows, none for this token.",
                       "Use the tokenizer that the model was trained with (" + field +
                           ".tokenizer), or name another eos_token in its tokenizer_config.json."};
    }
    if (model.maxPositions > 0 && data.maxLength > model.maxPositions) {
        return Failure{"data.max_length is " + std::to_string(data.maxLength) + ", but the " + field + " model has " +
                           std::to_string(model.maxPositions) + " positions.",
                       "Set data.max_length to " + std::to_string(model.maxPositions) + " or less."};
    }
    return {};
}

align::SpellingRule spellingRule(const config::MethodConfig& method)
{
    return method.fidelity == config::Fidelity::Paper ? align::SpellingRule::Text : align::SpellingRule::AsWritten;
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
    const auto found = findTokenizerFolder(model);
    return found ? *found : std::filesystem::path(model.model);
}

Result<std::unique_ptr<tokenizer::Tokenizer>> loadTokenizer(const config::ModelRef& model,
                                                            const config::DataConfig& data)
{
    const auto config = model::readModelConfig(model.model);
    if (!config) {
        return config.failure();
    }
    auto loaded = dataset::loadPromptTokenizer(tokenizerFolder(model), data);
    if (!loaded) {
        return loaded;
    }
    return tokenizer::limitedToRows(std::move(*loaded), config->vocabularyRows);
}

Result<std::filesystem::path> findTokenizerFolder(const config::ModelRef& model)
{
    if (!model.tokenizer.empty()) {
        return std::filesystem::path(model.tokenizer);
    }
    const auto resolved = model::resolveModelFolder(model.model);
    if (!resolved) {
        return resolved.failure();
    }
    if (resolved->adapter.empty()) {
        return std::filesystem::path(model.model);
    }
    // Vocabulary and merges alone say too little without the model's config.json.
    std::error_code error;
    const bool ofItsOwn = std::filesystem::exists(resolved->adapter / "tokenizer.json", error) ||
                          std::filesystem::exists(resolved->adapter / "tokenizer.model", error);
    return ofItsOwn ? resolved->adapter : resolved->base;
}

} // namespace dskd::preflight
