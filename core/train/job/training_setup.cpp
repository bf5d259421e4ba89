#include "core/train/job/training_setup.h"

#include "core/align/vocabulary.h"
#include "core/base/checkpoint_folders.h"
#include "core/base/random_stream.h"
#include "core/base/result.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/dataset/conversation.h"
#include "core/model/fine_tuning.h"
#include "core/preflight/rules.h"
#include "core/teacher/live_teacher.h"
#include "core/train/answers/teacher_answers.h"
#include "core/train/job/device.h"
#include "core/train/job/fine_tuning.h"
#include "core/train/job/preflight.h"
#include "core/train/job/teacher_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

// Response rows of the teacher that are kept in memory instead of being computed again each epoch.
constexpr std::size_t kTeacherCacheBytes = std::size_t{2} << 30;
constexpr std::size_t kProbeCacheBytes = std::size_t{256} << 20; // the same of the probes' teacher

std::string sizeText(const model::ModelConfig& config)
{
    const auto parameters = static_cast<double>(model::parameterCount(config));
    std::string millions = std::to_string(parameters / 1e6);
    millions.resize(millions.find('.') + 2);
    return model::familyName(config.family) + ", " + millions + " million weights, " + std::to_string(config.layers) +
           " layers, width " + std::to_string(config.width);
}

void readData(TrainingSetup& setup, const config::Experiment& experiment, const RunLayout& run, Observer& observer)
{
    const config::DataConfig& data = experiment.data;
    const bool withTeacher = setup.tokenizers.teacher != nullptr;
    const config::Alignment alignment = experiment.method.alignment;
    setup.examples =
        loadExamples(data.train, data.limit, data, setup.tokenizers, observer, alignment,
                     data.answers == config::AnswerSource::Teacher ? teacherAnswersFile(run) : std::filesystem::path());
    dropUnscored(setup.examples, data.train, data.lossOn, withTeacher, observer);
    orThrow(checkNotEmpty(setup.examples, "data.train", data.train), FailureKind::BadData);
    if (!data.validation.empty()) {
        setup.validation =
            loadExamples(data.validation, data.validationLimit, data, setup.tokenizers, observer, alignment);
        dropUnscored(setup.validation, data.validation, data.lossOn, withTeacher, observer);
        orThrow(checkNotEmpty(setup.validation, "data.validation", data.validation), FailureKind::BadData);
    }
    if (config::chunksPaddedBatch(experiment.method)) {
        for (std::vector<Example>* examples : {&setup.examples, &setup.validation}) {
            for (Example& example : *examples) {
                const std::string asked = dataset::promptFor(example.record, *setup.tokenizers.teacher);
                const std::string askedStudent = dataset::promptFor(example.record, *setup.tokenizers.student);
                chunkAsPublished({example.teacher, asked}, {example.student, askedStudent},
                                 example.record.responses.front(), data.maxLength, example.alignment);
            }
        }
    }
    observer.onEvent(0, "data",
                     std::to_string(setup.examples.size()) + " training and " +
                         std::to_string(setup.validation.size()) + " validation samples.");
}

// Bit for bit the same losses need the same number of threads.
void warnAboutThreads(const TrainingSetup& setup, Observer& observer)
{
    const std::int64_t before = setup.state.threads;
    if (setup.device.is_cpu() && before > 0 && before != at::get_num_threads()) {
        observer.onEvent(setup.state.step, "warning",
                         "The run trained with " + std::to_string(before) + " CPU threads and goes on with " +
                             std::to_string(at::get_num_threads()) +
                             ": its losses follow the uninterrupted run up to rounding only. Start the worker with "
                             "OMP_NUM_THREADS=" +
                             std::to_string(before) + " to repeat it bit for bit.");
    }
}

// How the ids of the pair belong together. Heads of one tokenizer that are padded to different heights have its tokens
// in common; of equal heights, all rows.
batch::VocabularyMap vocabularyMap(const Tokenizers& tokenizers, const at::Tensor& studentHead,
                                   const at::Tensor& teacherHead, config::Fidelity fidelity)
{
    const auto onDevice = [&](const auto& ids) {
        return at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()), at::kLong).to(studentHead.device());
    };
    batch::VocabularyMap map;
    if (tokenizers.edits != nullptr) {
        const align::MatchedTokens matched = tokenizers.edits->matched();
        map.commonStudent = onDevice(matched.student);
        map.commonTeacher = onDevice(matched.teacher);
        return map;
    }
    if (tokenizers.shared()) {
        if (studentHead.size(0) != teacherHead.size(0)) {
            map.commonStudent =
                at::arange(tokenizers.student->size(), at::TensorOptions(at::kLong).device(studentHead.device()));
            map.commonTeacher = map.commonStudent;
        }
        return map;
    }
    if (fidelity == config::Fidelity::ReferenceV2) {
        const auto published = align::publishedVocabularies(*tokenizers.teacher, *tokenizers.student);
        return {onDevice(published.studentFromTeacher), onDevice(published.commonStudent),
                onDevice(published.commonTeacher)};
    }
    const align::VocabularyComparison compared = align::compareVocabularies(*tokenizers.teacher, *tokenizers.student);
    std::vector<std::int64_t> all;
    std::vector<std::int64_t> student;
    std::vector<std::int64_t> teacher;
    for (std::size_t id = 0; id < compared.studentFromTeacher.size(); ++id) {
        all.push_back(compared.studentFromTeacher[id]);
        if (all.back() >= 0) {
            student.push_back(all.back());
            teacher.push_back(static_cast<std::int64_t>(id));
        }
    }
    map.studentFromTeacher = onDevice(all);
    map.commonStudent = onDevice(student);
    map.commonTeacher = onDevice(teacher);
    return map;
}

void initialise(TrainingSetup& setup, Observer& observer)
{
    const distill::InitReport report = setup.distiller->initialise(setup.student->head(), setup.teacher->head());
    std::map<std::string, double> values;
    const auto add = [&](const std::string& name, const distill::InitError& error) {
        if (error.relative > 0.0) {
            values[name + "_init_error"] = error.relative;
            values[name + "_init_floor"] = error.floor;
            observer.onEvent(0, "projector",
                             "The pseudo-inverse " + name + " misses the head by " + std::to_string(error.relative) +
                                 " of its norm; no projector of this width could miss less than " +
                                 std::to_string(error.floor) + ".");
        }
    };
    add("t2s", report.t2s);
    add("s2t", report.s2t);
    observer.onMetrics(0, 0, values);
}

// How the published collator pads, for fidelities whose losses see it.
std::optional<batch::PaddedBatch> paddedBatch(const config::Experiment& experiment, const Tokenizers& tokenizers)
{
    if (!config::seesPaddedBatch(experiment.method)) {
        return std::nullopt;
    }
    return batch::PaddedBatch{.length = experiment.data.maxLength,
                              .teacherPadding = tokenizers.teacher->special().eos.value_or(0),
                              .studentPadding = tokenizers.student->special().eos.value_or(0),
                              .predicted = experiment.method.fidelity == config::Fidelity::ReferenceV2,
                              .states = config::attendsToPadding(experiment.method)};
}

// Of the norms, the published list of what does not decay names GPT-2's only.
bool decays(const model::NamedTensor& parameter, bool asPublished)
{
    const auto has = [&](const char* part) { return parameter.name.find(part) != std::string::npos; };
    return parameter.decay || (asPublished && !has("bias") && !has(".ln_"));
}

std::unique_ptr<model::CausalLm> loadModel(const std::filesystem::path& folder, model::LoadOptions options,
                                           Observer& observer)
{
    std::vector<std::string> warnings;
    options.warnings = &warnings;
    auto loaded = orThrow(model::loadCausalLm(folder, options), FailureKind::BadModel);
    for (const std::string& warning : warnings) {
        observer.onEvent(0, "warning", warning);
    }
    return loaded;
}

ProbeTeacher loadProbeTeacher(const config::Experiment& experiment, const model::LoadOptions& options,
                              Observer& observer)
{
    constexpr const char* kField = "log.probe_teacher";
    config::Experiment compared = experiment;
    compared.teacher = {.model = experiment.log.probeTeacher, .tokenizer = {}, .adapter = {}};
    ProbeTeacher probe{.tokenizers = loadTokenizers(compared), .teacher = nullptr};
    const model::ModelConfig config = orThrow(model::readModelConfig(compared.teacher.model), FailureKind::BadModel);
    orThrow(checkModel(kField, config, *probe.tokenizers.teacher, experiment.data), FailureKind::BadModel);
    observer.onEvent(0, "model", std::string(kField) + ": " + sizeText(config) + ".");
    probe.teacher = std::make_unique<teacher::LiveTeacher>(loadModel(compared.teacher.model, options, observer),
                                                           experiment.data.lossOn, kProbeCacheBytes);
    return probe;
}

} // namespace

std::unique_ptr<AdamW> makeOptimizer(const config::Experiment& experiment, const model::CausalLm& student,
                                     const distill::Distiller& distiller)
{
    const bool asPublished = experiment.method.fidelity != config::Fidelity::Paper;
    ParameterGroup learning{.name = kStudentGroup, .weightDecay = experiment.train.weightDecay};
    ParameterGroup projectors{.name = kProjectorGroup, .weightDecay = experiment.projector.weightDecay};
    ParameterGroup critics{.name = kCriticGroup, .weightDecay = experiment.keyQuery.weightDecay};
    for (const model::NamedTensor& parameter : model::learningParameters(student)) {
        learning.parameters.push_back({parameter.name, parameter.tensor, decays(parameter, asPublished)});
    }
    for (const auto& [name, tensor] : distiller.projectors()) {
        if (tensor.requires_grad()) { // a frozen one is only kept
            projectors.parameters.push_back({"projector." + name, tensor, tensor.dim() > 1 || asPublished});
        }
    }
    for (const auto& [name, tensor] : distiller.critics()) {
        if (tensor.requires_grad()) {
            critics.parameters.push_back({"critic." + name, tensor, tensor.dim() > 1});
        }
    }
    return std::make_unique<AdamW>(
        AdamOptions{experiment.train.beta1, experiment.train.beta2, experiment.train.epsilon},
        std::vector<ParameterGroup>{std::move(learning), std::move(projectors), std::move(critics)});
}

std::unique_ptr<model::CausalLm> loadStudent(const config::Experiment& experiment,
                                             const std::optional<CheckpointLayout>& checkpoint,
                                             const model::LoadOptions& options, Observer& observer)
{
    if (checkpoint) {
        try {
            return loadModel(checkpoint->root, options, observer);
        } catch (const Error& unreadable) {
            throw Error(damagedCheckpoint(*checkpoint, unreadable.failure()));
        }
    }
    if (experiment.student.init == config::StudentInit::Weights) {
        model::LoadOptions adapted = options;
        adapted.adapter = experiment.student.adapter;
        return loadModel(experiment.student.model, adapted, observer);
    }
    const model::ModelConfig config = orThrow(model::readModelConfig(experiment.student.model), FailureKind::BadModel);
    return orThrow(model::createCausalLm(config, streamSeed(experiment.seed, "init"), options), FailureKind::BadModel);
}

std::optional<TrainingSetup> prepareTraining(const config::Experiment& experiment, const RunLayout& run,
                                             Observer& observer, const std::atomic<bool>* stop)
{
    const bool withTeacher = config::learnsFromTeacher(experiment.method);
    TrainingSetup setup;
    setup.device = pickDevice(experiment.train.device);
    const at::ScalarType dtype = dtypeOf(experiment.train.precision);
    observer.onEvent(0, "device", describeDevice(setup.device, dtype) + ".");

    config::Experiment effective = experiment;
    if (!withTeacher) {
        effective.teacher = {}; // named perhaps, but SFT does not use it
    }
    setup.tokenizers = loadTokenizers(effective);
    orThrow(checkVocabularies(experiment, setup.tokenizers), FailureKind::BadModel);
    const auto check = [&](const std::string& field, const std::string& folder, const tokenizer::Tokenizer& tokenizer) {
        const model::ModelConfig config = orThrow(model::readModelConfig(folder), FailureKind::BadModel);
        orThrow(checkModel(field, config, tokenizer, experiment.data), FailureKind::BadModel);
        observer.onEvent(0, "model", field + ": " + sizeText(config) + ".");
        return config;
    };
    const model::ModelConfig studentConfig = check("student", experiment.student.model, *setup.tokenizers.student);
    orThrow(preflight::checkAdapter(experiment.student, studentConfig), FailureKind::BadModel);
    orThrow(preflight::checkFineTuning(experiment, studentConfig), FailureKind::BadModel);
    distill::ModelPair pair{studentConfig.width, 0, {}};
    if (withTeacher) {
        pair.teacherWidth = check("teacher", experiment.teacher.model, *setup.tokenizers.teacher).width;
    }
    if (!matchSpellings(setup.tokenizers, effective.method, observer, stop)) {
        return std::nullopt;
    }
    readData(setup, effective, run, observer);
    const auto samples = static_cast<std::int64_t>(setup.examples.size());
    orThrow(preflight::checkWarmup(experiment, preflight::totalSteps(experiment.train, preflight::stepsPerEpoch(
                                                                                           experiment.train, samples))),
            FailureKind::Usage);
    for (const std::string& remark : preflight::endRemarks("student", *setup.tokenizers.student)) {
        observer.onEvent(0, "warning", remark);
    }

    std::optional<CheckpointLayout> resumed;
    if (const std::optional<std::int64_t> step = latestCheckpoint(run)) {
        resumed = CheckpointLayout{run.checkpoint(*step)};
    }
    model::LoadOptions options;
    options.dtype = dtype;
    options.device = setup.device;
    options.trainable = true;
    if (experiment.train.dropout >= 0.0) {
        options.dropout = experiment.train.dropout;
    }
    // With LoRA the checkpoint holds what is added to the weights that the run began with.
    const bool lora = experiment.train.fineTuning == config::FineTuning::Lora;
    setup.student = loadStudent(experiment, lora ? std::nullopt : resumed, options, observer);
    setUpFineTuning(experiment, *setup.student, resumed);
    const std::string baseWeights = lora ? model::weightsFingerprint(*setup.student) : std::string();
    observer.onEvent(0, "model", "student: " + learningText(*setup.student) + ".");
    if (withTeacher) {
        options.trainable = false;
        options.adapter = experiment.teacher.adapter;
        setup.teacher = std::make_unique<teacher::LiveTeacher>(
            loadModel(experiment.teacher.model, options, observer), experiment.data.lossOn, kTeacherCacheBytes,
            paddedBatch(experiment, setup.tokenizers),
            sharedTeacherRows(run, experiment, describeDevice(setup.device, dtype), observer));
        pair.vocabularies =
            vocabularyMap(setup.tokenizers, setup.student->head(), setup.teacher->head(), experiment.method.fidelity);
    }
    if (config::needsProbeTeacher(experiment)) {
        model::LoadOptions only;
        only.dtype = dtype;
        only.device = setup.device;
        setup.probeTeacher = loadProbeTeacher(experiment, only, observer);
    }
    setup.distiller = std::make_unique<distill::Distiller>(
        config::onDataAnswers(experiment.method), pair, experiment.train.chunkRows, streamSeed(experiment.seed, "init"),
        setup.device, dtype, experiment.projector, experiment.keyQuery);
    if (withTeacher && !resumed && experiment.projector.init == config::ProjectorInit::Pinv) {
        initialise(setup, observer);
    }
    setup.optimizer = makeOptimizer(experiment, *setup.student, *setup.distiller);
    if (resumed) {
        setup.state = readCheckpoint(*resumed, *setup.distiller, *setup.optimizer);
        checkBaseWeights(setup.state.baseWeights, baseWeights, experiment.student.model);
        warnAboutThreads(setup, observer);
    }
    setup.state.baseWeights = baseWeights;
    setup.state.threads = at::get_num_threads();
    return setup;
}

} // namespace dskd::train
