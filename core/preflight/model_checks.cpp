// Models and tokenizers: do they exist, are they understood, do they fit each other?

#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/dataset/conversation.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/stored_tensors.h"
#include "core/preflight/check_context.h"
#include "core/preflight/rules.h"
#include "core/text/numbers.h"

#include <filesystem>

namespace dskd::preflight
{

namespace fs = std::filesystem;

namespace
{

// Are there weights, are their files whole, and are they those of this configuration? Only the headers are read.
Result<void> checkWeightFiles(const fs::path& named, const model::ModelConfig& config)
{
    const auto resolved = model::resolveModelFolder(named);
    const fs::path folder = resolved ? resolved->base : named;
    const auto stored = model::readStoredTensors(folder);
    if (!stored) {
        return stored.failure();
    }
    const auto places = model::placeTensors(config, *stored, folder);
    return places ? Result<void>() : places.failure();
}

std::string describe(const model::ModelConfig& model)
{
    return model::familyName(model.family) + ", " + std::to_string(model.layers) + " layers, width " +
           std::to_string(model.width) + ", " + text::count(static_cast<double>(model::parameterCount(model))) +
           " weights, vocabulary " + std::to_string(model.vocabularyRows);
}

std::optional<model::ModelConfig> checkModelFolder(Context& context, const std::string& field,
                                                   const config::ModelRef& reference, bool needsWeights)
{
    const std::string& folder = reference.model;
    const std::string path = field + ".model";
    const std::string headline = field == "teacher" ? "Teacher" : "Student";
    if (folder.empty()) {
        context.report({field, Level::Problem, headline, "Choose the model folder of the " + field + ".", path, {}});
        return std::nullopt;
    }
    auto config = model::readModelConfig(folder);
    if (!config) {
        context.report(fromFailure(field, headline, path, config.failure()));
        return std::nullopt;
    }
    if (const auto whole = needsWeights ? checkWeightFiles(folder, *config) : Result<void>(); !whole) {
        context.report(fromFailure(field, headline, path, whole.failure()));
        return std::nullopt;
    }
    if (const auto fits = checkAdapter(reference, *config); !fits) {
        context.report(
            fromFailure(field, headline, reference.adapter.empty() ? path : field + ".adapter", fits.failure()));
        return std::nullopt;
    }
    if (field == "student") {
        if (const auto named = checkFineTuning(context.experiment, *config); !named) {
            context.report(fromFailure(field, headline, "lora.targets", named.failure()));
            return std::nullopt;
        }
    }
    const std::string adapted =
        reference.adapter.empty() ? "" : ", with the adapter " + fs::path(reference.adapter).filename().string();
    context.report({field,
                    Level::Good,
                    headline,
                    fs::path(folder).filename().string() + adapted + ": " + describe(*config) + ".",
                    path,
                    {}});
    return std::move(*config);
}

std::unique_ptr<tokenizer::Tokenizer> loadFor(Context& context, const std::string& field, const config::ModelRef& model)
{
    auto loaded = loadTokenizer(model, context.experiment.data);
    if (!loaded) {
        context.report(
            fromFailure("vocabularies", "Tokenizer of the " + field, field + ".tokenizer", loaded.failure()));
        return nullptr;
    }
    return std::move(*loaded);
}

// What a head that is wider than its tokenizer means, when there is one.
std::string padding(const Context& context)
{
    std::string text;
    const auto add = [&](const char* side, const std::optional<model::ModelConfig>& model,
                         const tokenizer::Tokenizer* tokenizer) {
        if (model && tokenizer != nullptr && model->vocabularyRows > tokenizer->size()) {
            text += std::string(" The ") + side + "'s head has " + std::to_string(model->vocabularyRows) +
                    " rows for " + std::to_string(tokenizer->size()) + " tokens: the last " +
                    std::to_string(model->vocabularyRows - tokenizer->size()) + " are padding.";
        }
    };
    add("teacher", context.teacherModel, context.teacherTokenizer.get());
    add("student", context.studentModel, context.studentTokenizer.get());
    if (context.teacherModel && context.studentModel &&
        context.teacherModel->vocabularyRows != context.studentModel->vocabularyRows && context.sameVocabulary) {
        text += " The teacher's head has " + std::to_string(context.teacherModel->vocabularyRows) +
                " rows; the heads are compared on the columns that both have.";
    }
    return text;
}

// Other compositions that can do with two vocabularies. What is no composition by itself becomes distillation.
std::vector<Remedy> remediesFor(const config::Experiment& experiment)
{
    using Fields = std::vector<std::pair<std::string, std::string>>;
    std::vector<Remedy> remedies;
    const auto offer = [&](const std::string& label, Fields fields) {
        if (experiment.method.objective == config::Objective::PolicyGradient) {
            fields.insert(fields.begin(), {"method.objective", "kd"});
        }
        // only what cures: another refusal would follow
        config::Experiment cured = experiment;
        for (const auto& [path, value] : fields) {
            if (!config::setField(cured, path, value)) {
                return;
            }
        }
        if (config::validate(cured).size() <= config::validate(experiment).size()) {
            remedies.push_back({label, std::move(fields)});
        }
    };
    offer("Use ETA", {{"method.alignment", "eta"}});
    if (experiment.method.space == config::Space::Different) {
        offer("Use ULD", {{"method.alignment", "position"}, {"method.distance", "uld"}});
        if (!rowOf(experiment.method.distance).sorted) {
            offer("Use MinED", {{"method.alignment", "mined"}});
        }
    } else {
        offer("Use CMA", {{"method.alignment", "cma"}});
    }
    remedies.push_back({"Train without the teacher",
                        {{"method.objective", "sft"}, {"method.alignment", "none"}, {"on_policy.ratio", "0"}}});
    return remedies;
}

} // namespace

void checkModels(Context& context)
{
    const config::Experiment& experiment = context.experiment;
    context.studentModel = checkModelFolder(context, "student", experiment.student,
                                            experiment.student.init == config::StudentInit::Weights);
    if (config::needsTeacher(experiment) && !context.cancelled) {
        context.teacherModel = checkModelFolder(context, "teacher", experiment.teacher, true);
    }
}

void checkProbeTeacher(Context& context)
{
    const config::Experiment& experiment = context.experiment;
    if (!config::needsProbeTeacher(experiment)) {
        return;
    }
    constexpr const char* kField = "log.probe_teacher";
    const config::ModelRef reference{.model = experiment.log.probeTeacher, .tokenizer = {}, .adapter = {}};
    const auto refuse = [&](const Failure& failure) {
        context.report(fromFailure("probe teacher", "Teacher of the probes", kField, failure));
    };
    auto config = model::readModelConfig(reference.model);
    if (!config) {
        return refuse(config.failure());
    }
    if (const auto whole = checkWeightFiles(reference.model, *config); !whole) {
        return refuse(whole.failure());
    }
    if (const auto fits = checkAdapter(reference, *config); !fits) {
        return refuse(fits.failure());
    }
    const auto loaded = loadTokenizer(reference, experiment.data);
    if (!loaded) {
        return refuse(loaded.failure());
    }
    if (const auto fits = checkModel(kField, *config, **loaded, experiment.data); !fits) {
        return refuse(fits.failure());
    }
    context.report({"probe teacher",
                    Level::Good,
                    "Teacher of the probes",
                    fs::path(reference.model).filename().string() + ": " + describe(*config) + ".",
                    kField,
                    {}});
    context.probeTeacher = std::move(*config);
}

void checkTokenizers(Context& context)
{
    const config::Experiment& experiment = context.experiment;
    if (!context.studentModel) {
        return;
    }
    context.studentTokenizer = loadFor(context, "student", experiment.student);
    if (context.studentTokenizer == nullptr) {
        return;
    }
    if (const auto fits = checkModel("student", *context.studentModel, *context.studentTokenizer, experiment.data);
        !fits) {
        context.report(fromFailure("vocabularies", "Student", "data.max_length", fits.failure()));
    }
    if (!context.teacherModel || context.cancelled) {
        return;
    }
    context.teacherTokenizer = loadFor(context, "teacher", experiment.teacher);
    if (context.teacherTokenizer == nullptr) {
        return;
    }
    if (const auto fits = checkModel("teacher", *context.teacherModel, *context.teacherTokenizer, experiment.data);
        !fits) {
        context.report(fromFailure("vocabularies", "Teacher", "data.max_length", fits.failure()));
    }
    const auto compared = align::compareVocabularies(*context.teacherTokenizer, *context.studentTokenizer);
    context.sameVocabulary =
        compared.same && dataset::sameTemplate(*context.teacherTokenizer, *context.studentTokenizer);
    if (context.sameVocabulary) {
        Finding same{"vocabularies",
                     Level::Good,
                     "One vocabulary",
                     "Both use the same " + std::to_string(compared.studentSize) + " tokens." + padding(context),
                     "",
                     {}};
        if (experiment.method.alignment != config::Alignment::None && config::distils(experiment.method)) {
            same.level = Level::Note;
            same.sentence +=
                " An alignment (" + std::string(config::name(experiment.method.alignment)) + ") is not needed here.";
            same.remedies.push_back({"No alignment", {{"method.alignment", "none"}, {"key_query.matching", "off"}}});
        }
        context.report(std::move(same));
        return;
    }
    const auto allowed = checkVocabularies(experiment, {*context.studentTokenizer, tokenizerFolder(experiment.student)},
                                           {*context.teacherTokenizer, tokenizerFolder(experiment.teacher)}, false);
    if (compared.same && !allowed) { // it is their templates that do not fit
        context.report(fromFailure("vocabularies", "Different templates", "data.template", allowed.failure()));
        return;
    }
    const std::string numbers = "teacher " + std::to_string(compared.teacherSize) + ", student " +
                                std::to_string(compared.studentSize) + " tokens, " + std::to_string(compared.overlap) +
                                " in common.";
    Finding different{"vocabularies",
                      allowed ? Level::Good : Level::Problem,
                      compared.same ? "Different templates" : "Different vocabularies",
                      numbers,
                      "method.alignment",
                      {}};
    if (!allowed) {
        different.sentence += " " + allowed.failure().text();
        different.remedies = remediesFor(experiment);
    } else {
        const std::string_view how = config::rowOf(experiment.method.alignment).acrossVocabularies;
        different.sentence += how.empty() ? "" : " " + std::string(how);
    }
    different.sentence += padding(context);
    context.report(std::move(different));
}

} // namespace dskd::preflight
