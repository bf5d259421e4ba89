#include "core/preflight/rules.h"

#include "core/align/vocabulary.h"
#include "core/base/regular_file.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/fields.h"
#include "core/dataset/conversation.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/lora_targets.h"
#include "core/tokenizer/chat/chat_template.h"
#include "core/tokenizer/limited_tokenizer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unistd.h>

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

// The named methods for different tokenizers, the nearest first: those that compare through the same heads as the
// experiment, each half in the order of the table.
std::string otherMethods(const config::Experiment& experiment)
{
    const auto throughOwnHeads = [](const config::Experiment& e) { return e.method.space == config::Space::Different; };
    std::string near;
    std::string far;
    for (const config::NamedMethod& method : config::namedMethods()) {
        config::Experiment other = experiment;
        config::applyMethod(other, method);
        if (!method.acrossTokenizers.empty() && !config::comparesById(other.method)) {
            std::string& list = throughOwnHeads(other) == throughOwnHeads(experiment) ? near : far;
            list +=
                (list.empty() ? "" : ", ") + std::string(method.id) + " (" + std::string(method.acrossTokenizers) + ")";
        }
    }
    const std::string list = near.empty() || far.empty() ? near + far : near + ", " + far;
    return "Set the method to one for different tokenizers: " + list +
           (experiment.onPolicy.ratio > 0 ? "; then set on_policy.ratio again to go on with the student's own answers."
                                          : ".");
}

// A model folder or data file that is there.
Result<void> checkFile(const std::string& field, const std::filesystem::path& file)
{
    if (field.ends_with(".model") || field == "log.probe_teacher") {
        if (const auto config = model::readModelConfig(file); !config) {
            return Failure{field + ": " + config.failure().what, config.failure().hint, FailureKind::BadModel};
        }
        return {};
    }
    const bool isData = field.starts_with("data.") || field.starts_with("evaluate.");
    if (const auto regular = requireRegular(file); isData && !regular) {
        return Failure{field + ": " + regular.failure().what, regular.failure().hint, FailureKind::BadData};
    }
    return {};
}

// Whether the file is what an evaluation has written (core/train/evaluate/answer_jobs.cpp), by its first line, or
// empty.
Result<bool> holdsAnswers(const std::filesystem::path& file)
{
    constexpr std::uint64_t kLongestFirstLine = std::uint64_t{64} << 20;
    const auto opened = RegularFile::open(file);
    const auto bytes = opened ? opened->read(0, kLongestFirstLine) : Result<std::string>(opened.failure());
    if (!bytes) {
        return bytes.failure();
    }
    const auto line = nlohmann::json::parse(bytes->substr(0, bytes->find('\n')), nullptr, /*allow_exceptions=*/false);
    return bytes->empty() ||
           (line.is_object() && line.contains("sample") && line.contains("answer") && line.contains("ended"));
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
    if (model.maxPositions > 0 && data.maxLength > model.maxPositions) {
        return Failure{"data.max_length is " + std::to_string(data.maxLength) + ", but the " + field + " model has " +
                           std::to_string(model.maxPositions) + " positions.",
                       "Set data.max_length to " + std::to_string(model.maxPositions) + " or less."};
    }
    for (const std::int64_t id : model.eosIds) {
        if (id >= model.vocabularyRows) {
            return Failure{"The config.json of the " + field + " names token " + std::to_string(id) +
                               " as an end of texts (eos_token_id), but the model has " +
                               std::to_string(model.vocabularyRows) + " rows in its embedding.",
                           "Correct eos_token_id in config.json."};
        }
    }
    if (const auto eos = tokenizer.special().eos; eos && *eos >= model.vocabularyRows) {
        return Failure{"The tokenizer of the " + field + " ends texts with token " + std::to_string(*eos) +
                           ", for which the model has no row: its embedding has " +
                           std::to_string(model.vocabularyRows) + " rows.",
                       "Use the tokenizer that the model was trained with (" + field +
                           ".tokenizer), or name another eos_token in its tokenizer_config.json."};
    }
    return {};
}

std::vector<std::string> endRemarks(const std::string& field, const tokenizer::Tokenizer& tokenizer)
{
    if (tokenizer.special().eos) {
        return {};
    }
    return {"No file of the " + field +
            " names a token that ends a text, so answers are learned without an end: the trained student will not "
            "stop. Name it as eos_token in tokenizer_config.json, or as eos_token_id in config.json."};
}

std::optional<std::string> beginRemark(const std::string& field, const tokenizer::Tokenizer& tokenizer,
                                       const std::string& prompt)
{
    const auto bos = tokenizer.special().bos;
    const auto whole = tokenizer.encode("a", /*addSpecial=*/true).ids;
    const auto plain = tokenizer.encode(prompt).ids;
    const bool added = bos && !whole.empty() && whole.front() == *bos;
    if (!added || (!plain.empty() && plain.front() == *bos)) {
        return std::nullopt;
    }
    return "The tokenizer of the " + field + " begins a text with " + std::string(tokenizer.piece(*bos)) +
           ", which its model has probably learned to expect; the samples here begin without it, as in the published "
           "code.";
}

std::int64_t stepsPerEpoch(const config::TrainConfig& train, std::int64_t samples)
{
    const std::int64_t perStep = train.batchSize * train.accumulation;
    return (samples + perStep - 1) / perStep;
}

std::int64_t totalSteps(const config::TrainConfig& train, std::int64_t stepsPerEpoch)
{
    if (train.steps > 0) {
        return train.steps;
    }
    return std::max<std::int64_t>(1, std::llround(train.epochs * static_cast<double>(stepsPerEpoch)));
}

Result<void> checkWarmup(const config::Experiment& experiment, std::int64_t totalSteps)
{
    const config::TrainConfig& train = experiment.train;
    if (train.steps > 0 || config::ignoresWarmup(experiment) || train.warmupSteps <= totalSteps) {
        return {};
    }
    return Failure{"train.warmup_steps is " + std::to_string(train.warmupSteps) + ", more than the " +
                       std::to_string(totalSteps) + " steps that train.epochs makes of the data.",
                   "Lower train.warmup_steps, or train longer."};
}

align::SpellingRule spellingRule(const config::MethodConfig& method)
{
    return method.fidelity == config::Fidelity::Paper ? align::SpellingRule::Text : align::SpellingRule::AsWritten;
}

Result<void> checkFiles(const config::Experiment& experiment)
{
    std::vector<std::string> missing;
    Result<void> unusable; // the first that is there
    for (const config::Field& field : config::fields()) {
        const std::string& path = field.info.path;
        const bool isOutput = path == "evaluate.output";
        if (!field.isPath || isOutput || !config::whyUnused(experiment, path).empty()) {
            continue;
        }
        const auto file = field.read(experiment).get<std::string>();
        std::error_code error;
        if (file.empty()) {
            continue;
        }
        if (!std::filesystem::exists(file, error)) {
            missing.push_back(path + " names " + file + ", which does not exist.");
        } else if (unusable) {
            unusable = checkFile(path, file);
        }
    }
    const bool answers = experiment.job != config::JobKind::Train;
    if (missing.empty()) {
        return unusable && answers ? checkOutput(experiment.evaluate) : unusable;
    }
    std::string what = missing.front();
    if (missing.size() > 1) {
        what = std::to_string(missing.size()) + " fields name what does not exist:";
        for (const std::string& sentence : missing) {
            what += "\n  " + sentence;
        }
    }
    return Failure{
        what,
        "A relative name in a configuration is taken from the folder of its file, one on the command line from the "
        "current folder.",
        FailureKind::NotFound};
}

// It is written last: what would be in the way is found before the answers are computed.
Result<void> checkOutput(const config::EvaluateConfig& evaluate)
{
    namespace fs = std::filesystem;
    if (evaluate.output.empty()) {
        return {};
    }
    const fs::path file = evaluate.output;
    const std::string named = "evaluate.output names " + file.string();
    std::error_code error;
    if (const auto regular = requireRegularOrNone(file); !regular) {
        return Failure{"evaluate.output: " + regular.failure().what, regular.failure().hint, FailureKind::Usage};
    }
    if (fs::equivalent(file, evaluate.data, error)) {
        return Failure{named + ", which is the data that is read.", "Name another file.", FailureKind::Usage};
    }
    const bool exists = fs::exists(file, error);
    if (exists) {
        const auto answers = holdsAnswers(file);
        if (!answers) {
            return Failure{"evaluate.output: " + answers.failure().what, answers.failure().hint, FailureKind::Usage};
        }
        if (!*answers) {
            return Failure{named + ", which is there already and holds no answers of this program.",
                           "Name another file.", FailureKind::Usage};
        }
    }
    if (exists && !evaluate.overwrite) {
        return Failure{named + ", which is there already.",
                       "Name another file, or allow to replace it: evaluate.overwrite=true (--force).",
                       FailureKind::Usage};
    }
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, error)) {
        return Failure{named + ", and there is no folder " + folder.string() + ".", "Make the folder first.",
                       FailureKind::NotFound};
    }
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0) {
        return Failure{named + ", and " + folder.string() + " cannot be written: " + std::strerror(errno) + ".",
                       "Name a file where you may write."};
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
    // Vocabulary and merges alone do not suffice without the model's config.json.
    std::error_code error;
    const bool ofItsOwn = std::filesystem::exists(resolved->adapter / "tokenizer.json", error) ||
                          std::filesystem::exists(resolved->adapter / "tokenizer.model", error);
    return ofItsOwn ? resolved->adapter : resolved->base;
}

} // namespace dskd::preflight
