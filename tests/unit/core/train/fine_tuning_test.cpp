// What learns in a run, and that runs of every kind go on bit for bit.

#include "core/train/job/fine_tuning.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/result.h"
#include "core/model/fine_tuning.h"
#include "core/train/job/device.h"
#include "core/train/loop/trainer.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <ATen/ATen.h>
#include <functional>
#include <gmock/gmock.h>

namespace dskd::train
{
namespace
{
using test::RecordingObserver;
using test::StoppingObserver;
using test::TemporaryFolder;
using testing::HasSubstr;

config::Experiment loraExperiment(config::LoraSaved saved = config::LoraSaved::Merged)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.train.fineTuning = config::FineTuning::Lora;
    experiment.train.lr = 1e-2;
    experiment.lora.rank = 3;
    experiment.lora.alpha = 6.0;
    experiment.lora.dropout = 0.2;
    experiment.lora.targets = "all-linear";
    experiment.lora.saved = saved;
    return experiment;
}

std::map<std::int64_t, double> lossesOf(const config::Experiment& experiment)
{
    return runTiny(experiment).series("loss");
}

void expectSameLossesWhenInterrupted(const config::Experiment& experiment)
{
    const auto uninterrupted = lossesOf(experiment);
    for (const std::int64_t stopAfter : {1, 4}) {
        TemporaryFolder folder;
        RunControl control;
        StoppingObserver before(control, stopAfter);
        runTiny(experiment, {folder.path()}, before, control);
        ASSERT_EQ(latestCheckpoint({folder.path()}), stopAfter);
        RecordingObserver after;
        control.stop = false;
        runTiny(experiment, {folder.path()}, after, control);
        auto values = before.series("loss");
        for (const auto& [step, value] : after.series("loss")) {
            EXPECT_TRUE(values.emplace(step, value).second);
        }
        EXPECT_EQ(values, uninterrupted) << "stopped after step " << stopAfter;
    }
}

at::Tensor hiddenOf(model::CausalLm& model)
{
    return model.hiddenStates(model::PackedTokens{at::arange(3, 13, at::kLong), {10}});
}

} // namespace

TEST(LoraRun, GoesOnBitForBitFromMergedCheckpoints)
{
    expectSameLossesWhenInterrupted(loraExperiment(config::LoraSaved::Merged));
}

TEST(LoraRun, GoesOnBitForBitFromAdapterCheckpoints)
{
    expectSameLossesWhenInterrupted(loraExperiment(config::LoraSaved::Adapter));
}

TEST(LoraRun, GoesOnBitForBitInBfloat16)
{
    config::Experiment experiment = loraExperiment();
    experiment.train.precision = config::Precision::Bf16;
    expectSameLossesWhenInterrupted(experiment);
}

TEST(LoraRun, GoesOnBitForBitWithGradientCheckpointing)
{
    config::Experiment experiment = loraExperiment(config::LoraSaved::Adapter);
    experiment.train.gradientCheckpointing = true;
    expectSameLossesWhenInterrupted(experiment);
}

TEST(FrozenEmbeddingRun, GoesOnBitForBit)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.train.freezeEmbeddings = true;
    expectSameLossesWhenInterrupted(experiment);
}

TEST(GradientCheckpointingRun, HasTheSameLossesAsWithoutDropoutIncluded)
{
    for (config::Experiment experiment : {test::tinyExperiment(), loraExperiment()}) {
        experiment.train.dropout = 0.2;
        const auto plain = lossesOf(experiment);
        experiment.train.gradientCheckpointing = true;
        EXPECT_EQ(lossesOf(experiment), plain);
    }
}

TEST(LoraRun, LearnsTheSamplesAndLeavesTheWeightsAlone)
{
    config::Experiment experiment = loraExperiment();
    experiment.method.objective = config::Objective::Sft;
    experiment.train.steps = 40;
    experiment.lora.dropout = 0.0;
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    makeDeterministic(1);
    TrainingSetup setup = test::tinySetup(experiment, run);
    const std::string before = model::weightsFingerprint(*setup.student);
    RecordingObserver observer;
    RunControl control;
    (void)Trainer(experiment, run, setup, observer, control).run();
    const auto loss = observer.series("loss");
    EXPECT_LT(loss.at(40), 0.8 * loss.at(1));
    EXPECT_EQ(model::weightsFingerprint(*setup.student), before);
}

TEST(LoraRun, KeepsOptimizerStateForTheAdapterOnly)
{
    config::Experiment experiment = loraExperiment();
    experiment.method.objective = config::Objective::Sft;
    TemporaryFolder folder;
    const TrainingSetup setup = test::tinySetup(experiment, {folder.path()});
    const auto state = setup.optimizer->state();
    EXPECT_EQ(state.size(), 2u * 7u * 2u * 3u) << "two layers of seven matrices, A and B, two moments and a count";
    for (const auto& [name, tensor] : state) {
        EXPECT_THAT(name, HasSubstr(".lora_"));
    }
}

TEST(LoraRun, MergedCheckpointsAreWholeModels)
{
    const config::Experiment experiment = loraExperiment();
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    makeDeterministic(1);
    TrainingSetup setup = test::tinySetup(experiment, run);
    RecordingObserver observer;
    RunControl control;
    (void)Trainer(experiment, run, setup, observer, control).run();
    const CheckpointLayout checkpoint{run.checkpoint(6)};
    const auto merged = model::loadCausalLm(checkpoint.root).value();
    const at::Tensor expected = hiddenOf(*setup.student);
    EXPECT_FALSE(at::allclose(hiddenOf(*test::tinyModel(16, 4)), expected, 1e-3, 1e-3)) << "it has learned";
    EXPECT_TRUE(at::allclose(hiddenOf(*merged), expected, 1e-5, 1e-5));
    EXPECT_FALSE(std::filesystem::exists(checkpoint.root / model::kAdapterConfigFile))
        << "transformers would take the folder for an adapter";
    EXPECT_EQ(adapterFolder(checkpoint), checkpoint.adapter());
}

TEST(LoraRun, AdapterCheckpointsAreSmallAndStandForTheMergedModel)
{
    TemporaryFolder folder;
    config::Experiment experiment = loraExperiment(config::LoraSaved::Adapter);
    experiment.lora.targets = "q_proj,v_proj";
    experiment.student.model = (folder.path() / "base").string();
    ASSERT_TRUE(model::saveCausalLm(*test::tinyModel(16, 4), experiment.student.model));
    const RunLayout run{folder.path()};
    makeDeterministic(1);
    TrainingSetup setup = test::tinySetup(experiment, run);
    RecordingObserver observer;
    RunControl control;
    (void)Trainer(experiment, run, setup, observer, control).run();
    const CheckpointLayout checkpoint{run.checkpoint(6)};
    EXPECT_FALSE(std::filesystem::exists(checkpoint.weights()));
    const auto merged = model::loadCausalLm(checkpoint.root).value();
    EXPECT_TRUE(at::allclose(hiddenOf(*merged), hiddenOf(*setup.student), 1e-5, 1e-5));
}

TEST(FineTuning, SaysHowManyWeightsLearn)
{
    const std::optional<CheckpointLayout> none;
    config::Experiment experiment = test::tinyExperiment();
    model::LoadOptions options;
    options.trainable = true;
    const auto full = test::tinyModel(512, 1, options);
    setUpFineTuning(experiment, *full, none);
    EXPECT_THAT(learningText(*full), HasSubstr("all 5.2 million weights learn"));
    experiment.train.fineTuning = config::FineTuning::Lora;
    setUpFineTuning(experiment, *full, none);
    // two layers, q and v, rank 8: 4 x (8 x 512 + 512 x 8)
    EXPECT_THAT(learningText(*full), HasSubstr("0.03 million weights learn beside 5.2 million"));
    EXPECT_THAT(learningText(*full), HasSubstr("rank 8 on q_proj, v_proj"));
}

TEST(FineTuning, RefusesTargetsThatTheStudentDoesNotHave)
{
    config::Experiment experiment = loraExperiment();
    experiment.lora.targets = "c_attn";
    const auto model = test::tinyModel(16, 1);
    try {
        setUpFineTuning(experiment, *model, std::nullopt);
        FAIL() << "a Llama has no c_attn";
    } catch (const Error& error) {
        EXPECT_EQ(error.failure().kind, FailureKind::BadModel);
        EXPECT_THAT(error.failure().what, HasSubstr("c_attn"));
    }
}

TEST(FineTuning, RefusesToGoOnFromOtherBaseWeights)
{
    EXPECT_NO_THROW(checkBaseWeights("a1", "a1", "/model"));
    EXPECT_NO_THROW(checkBaseWeights("", "a1", "/model")) << "a checkpoint that does not say";
    try {
        checkBaseWeights("a1", "b2", "/model");
        FAIL() << "the weights differ";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what, HasSubstr("/model"));
    }
}

} // namespace dskd::train
