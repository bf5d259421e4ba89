#include "tests/support/tiny_training.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/random_stream.h"
#include "core/teacher/live_teacher.h"
#include "core/train/job/fine_tuning.h"

namespace dskd::test
{

std::unique_ptr<model::CausalLm> tinyModel(std::int64_t width, std::uint64_t seed, const model::LoadOptions& options)
{
    model::ModelConfig config;
    config.vocabularyRows = kTinyVocabulary;
    config.width = width;
    config.layers = 2;
    config.heads = 2;
    config.keyValueHeads = 2;
    config.headWidth = width / 2;
    config.innerWidth = 2 * width;
    config.maxPositions = 64;
    config.initializerRange = 0.2; // far enough from uniform for losses to differ between samples
    return model::createCausalLm(config, seed, options).value();
}

std::vector<train::Example> tinyExamples(std::int64_t count, std::uint64_t seed)
{
    RandomStream random(seed);
    std::vector<train::Example> examples;
    for (std::int64_t i = 0; i < count; ++i) {
        train::Example example;
        dataset::Sample& sample = example.student;
        sample.promptLength = 2 + static_cast<std::int64_t>(random.below(5));
        const std::uint64_t length = static_cast<std::uint64_t>(sample.promptLength) + 2 + random.below(9);
        for (std::uint64_t k = 0; k < length; ++k) {
            sample.ids.push_back(static_cast<tokenizer::TokenId>(random.below(kTinyVocabulary)));
        }
        sample.endsWithEos = true;
        example.teacher = sample;
        examples.push_back(std::move(example));
    }
    return examples;
}

config::Experiment tinyExperiment()
{
    config::Experiment experiment;
    experiment.student.model = "student";
    experiment.teacher.model = "teacher";
    experiment.train.steps = 6;
    experiment.train.batchSize = 2;
    experiment.train.accumulation = 2;
    experiment.train.threads = 1;
    experiment.train.device = config::Device::Cpu;
    experiment.log.probeEvery = 0;
    return experiment;
}

train::TrainingSetup tinySetup(const config::Experiment& experiment, const RunLayout& run)
{
    const std::optional<std::int64_t> step = latestCheckpoint(run);
    const at::ScalarType dtype = experiment.train.precision == config::Precision::Bf16 ? at::kBFloat16 : at::kFloat;
    model::LoadOptions options;
    options.dtype = dtype;
    train::TrainingSetup setup;
    setup.examples = tinyExamples(10, 1);
    setup.validation = tinyExamples(4, 2);
    if (experiment.method.objective == config::Objective::Kd) {
        setup.teacher =
            std::make_unique<teacher::LiveTeacher>(tinyModel(24, 5, options), experiment.data.lossOn, 1 << 20);
    }
    options.trainable = true;
    options.dropout = experiment.train.dropout >= 0.0 ? std::optional(experiment.train.dropout) : std::nullopt;
    const bool lora = experiment.train.fineTuning == config::FineTuning::Lora;
    setup.student =
        step && !lora ? model::loadCausalLm(run.checkpoint(*step), options).value() : tinyModel(16, 4, options);
    train::setUpFineTuning(experiment, *setup.student,
                           step ? std::optional(CheckpointLayout{run.checkpoint(*step)}) : std::nullopt);
    setup.distiller =
        std::make_unique<distill::Distiller>(experiment.method, distill::ModelPair{16, 24}, experiment.train.chunkRows,
                                             6, at::kCPU, dtype, experiment.projector, experiment.keyQuery);
    if (!step && experiment.projector.init == config::ProjectorInit::Pinv) {
        (void)setup.distiller->initialise(setup.student->head(), setup.teacher->head());
    }
    setup.optimizer = train::makeOptimizer(experiment, *setup.student, *setup.distiller);
    if (step) {
        setup.state = train::readCheckpoint({run.checkpoint(*step)}, *setup.distiller, *setup.optimizer);
    }
    return setup;
}

void RecordingObserver::onMetrics(std::int64_t step, std::int64_t, const std::map<std::string, double>& values)
{
    metrics[step].insert(values.begin(), values.end());
}

void RecordingObserver::onHeatMap(std::int64_t step, const train::HeatMap& map)
{
    heatMaps[step].push_back(map);
}

void RecordingObserver::onStructure(std::int64_t step, const std::vector<train::SampleStructure>& samples)
{
    structure[step] = samples;
}

void RecordingObserver::onSpaceAxes(const train::SpaceAxes& fitted)
{
    axes.push_back(fitted);
}

void RecordingObserver::onSpacePoints(std::int64_t step, const std::vector<train::SpacePoint>& drawn)
{
    points[step] = drawn;
}

void RecordingObserver::onAnswers(std::int64_t, const std::vector<train::GeneratedAnswer>&) {}

void RecordingObserver::onBaselineAnswers(train::Side of, const std::vector<train::GeneratedAnswer>& answers)
{
    baselines[of] = answers;
}

void RecordingObserver::onCheckpoint(std::int64_t step, const std::string&)
{
    checkpoints.push_back(step);
}

void RecordingObserver::onEvent(std::int64_t, const std::string& kind, const std::string& message)
{
    if (kind == "warning") {
        warnings.push_back(message);
    }
}

void RecordingObserver::onPhase(std::int64_t, const std::string& phase)
{
    phases.push_back(phase);
}

void RecordingObserver::onPlan(std::int64_t total, std::int64_t perEpoch)
{
    totalSteps = total;
    stepsPerEpoch = perEpoch;
}

std::map<std::int64_t, double> RecordingObserver::series(const std::string& name) const
{
    std::map<std::int64_t, double> values;
    for (const auto& [step, row] : metrics) {
        if (const auto found = row.find(name); found != row.end()) {
            values[step] = found->second;
        }
    }
    return values;
}

} // namespace dskd::test
