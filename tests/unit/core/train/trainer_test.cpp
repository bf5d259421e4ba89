#include "core/train/loop/trainer.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/result.h"
#include "core/config/schema/experiment_json.h"
#include "core/train/job/device.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace dskd::train
{
namespace
{

using test::RecordingObserver;
using test::StoppingObserver;
using test::TemporaryFolder;

} // namespace

TEST(Trainer, ReportsTheMetricsOfEveryStepUnderTheirPublishedNames)
{
    const RecordingObserver seen = runTiny(test::tinyExperiment());
    EXPECT_EQ(seen.totalSteps, 6);
    EXPECT_EQ(seen.stepsPerEpoch, 3); // 10 samples, 4 a step
    for (std::int64_t step = 1; step <= 6; ++step) {
        for (const char* name :
             {"loss", "nll_loss", "kd_loss", "t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "t2s_acc", "s2t_acc",
              "accuracy", "grad_norm", "lr", "projector_lr", "tokens_per_second", "memory_bytes", "epoch"}) {
            EXPECT_TRUE(seen.metrics.at(step).contains(name)) << name << " at step " << step;
        }
    }
    EXPECT_DOUBLE_EQ(seen.metrics.at(3).at("epoch"), 1.0);
}

TEST(Trainer, LearnsTheSamplesByHeart)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.train.steps = 60;
    experiment.train.lr = 2e-2;
    experiment.method.objective = config::Objective::Sft;
    const auto loss = runTiny(experiment).series("loss");
    EXPECT_LT(loss.at(60), 0.5 * loss.at(1));
}

TEST(Trainer, GivesTheSameLossesAgain)
{
    EXPECT_EQ(runTiny(test::tinyExperiment()).series("loss"), runTiny(test::tinyExperiment()).series("loss"));
}

TEST(Trainer, DependsOnTheSeed)
{
    config::Experiment other = test::tinyExperiment();
    other.seed = 11;
    EXPECT_NE(runTiny(test::tinyExperiment()).series("loss"), runTiny(other).series("loss"));
}

TEST(Trainer, AccumulationDoesNotChangeTheLoss)
{
    config::Experiment whole = test::tinyExperiment();
    whole.train.batchSize = 8;
    whole.train.accumulation = 1;
    config::Experiment split = whole;
    split.train.batchSize = 2;
    split.train.accumulation = 4;
    for (const char* name : {"loss", "nll_loss", "kd_loss", "grad_norm"}) {
        const auto expected = runTiny(whole).series(name);
        const auto found = runTiny(split).series(name);
        ASSERT_EQ(found.size(), 6U) << name;
        for (const auto& [step, value] : found) {
            // float32 sums in another order, and the parameters drift apart with every step
            EXPECT_NEAR(value, expected.at(step), (step == 1 ? 1e-6 : 2e-5) * std::abs(expected.at(step)))
                << name << " at step " << step;
        }
    }
}

namespace
{

// Stops after a step and resumes: what was logged is what a run without a break logs.
void expectSameAfterABreak(const config::Experiment& experiment, std::int64_t stopAfter)
{
    const RecordingObserver uninterrupted = runTiny(experiment);
    for (const char* name : {"loss", "grad_norm", "lr", "validation.loss"}) {
        ASSERT_FALSE(uninterrupted.series(name).empty()) << name;
    }
    TemporaryFolder folder;
    RunControl control;
    StoppingObserver before(control, stopAfter);
    ASSERT_EQ(runTiny(experiment, {folder.path()}, before, control), Outcome::Stopped);
    ASSERT_EQ(before.series("loss").rbegin()->first, stopAfter);
    ASSERT_EQ(latestCheckpoint({folder.path()}), stopAfter);
    RecordingObserver after;
    control.stop = false;
    ASSERT_EQ(runTiny(experiment, {folder.path()}, after, control), Outcome::Finished);
    for (const char* name : {"loss", "grad_norm", "lr", "validation.loss", "kq_loss", "kq_accuracy", "kq_mmd"}) {
        auto values = before.series(name);
        for (const auto& [step, value] : after.series(name)) {
            EXPECT_TRUE(values.emplace(step, value).second) << name << " twice at step " << step;
        }
        EXPECT_EQ(values, uninterrupted.series(name)) << name;
    }
}

} // namespace

class TrainerResume : public testing::TestWithParam<std::tuple<std::int64_t, std::string>>
{
};

TEST_P(TrainerResume, GivesTheRemainingLossesBitForBit)
{
    const auto& [stopAfter, method] = GetParam();
    config::Experiment experiment = test::tinyExperiment();
    experiment.validation.every = 2;
    ASSERT_TRUE(config::setField(experiment, "method", method));
    experiment.keyQuery.rows = 7; // fewer than there are: they are drawn
    expectSameAfterABreak(experiment, stopAfter);
}

INSTANTIATE_TEST_SUITE_P(AfterStep, TrainerResume,
                         testing::Combine(testing::Values(1, 2, 4), // 2: a validation is due
                                          testing::Values("dskd", "dskd-v2", "vanilla", "sft", "dskd-cma-ga",
                                                          "dskd-cma-ct")),
                         [](const auto& instance) {
                             std::string name =
                                 std::get<1>(instance.param) + "_" + std::to_string(std::get<0>(instance.param));
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// The matching without critics: nothing of it lies in the checkpoint.
TEST(Trainer, ResumesUnderSinkhornMatchingBitForBit)
{
    config::Experiment experiment = test::tinyExperiment();
    ASSERT_TRUE(config::setField(experiment, "method", "dskd-cma"));
    ASSERT_TRUE(config::setField(experiment, "key_query.matching", "sinkhorn"));
    ASSERT_TRUE(config::setField(experiment, "key_query.rate", "1.0"));
    ASSERT_TRUE(config::setField(experiment, "key_query.rows", "7"));
    experiment.validation.every = 2;
    EXPECT_EQ(runTiny(experiment).series("kq_loss").size(), 6U);
    expectSameAfterABreak(experiment, 3);
}

namespace
{

RecordingObserver runMatched(const std::string& matching)
{
    config::Experiment experiment = test::tinyExperiment();
    EXPECT_TRUE(config::setField(experiment, "method", "dskd-cma"));
    EXPECT_TRUE(config::setField(experiment, "key_query.matching", matching));
    experiment.keyQuery.rate = 1.0;
    experiment.validation.every = 2;
    return runTiny(experiment);
}

} // namespace

TEST(Trainer, TrainsUnderPublishedMatchingBitForBitAsWithout)
{
    const RecordingObserver alone = runMatched("off");
    const RecordingObserver published = runMatched("gan-published");
    for (const char* name : {"nll_loss", "kd_loss", "grad_norm", "validation.loss"}) {
        ASSERT_FALSE(alone.series(name).empty()) << name;
        EXPECT_EQ(published.series(name), alone.series(name)) << name;
    }
    EXPECT_EQ(published.series("kq_loss").size(), 6u);
    EXPECT_TRUE(alone.series("kq_loss").empty());
    for (const char* matching : {"gan", "ct", "sinkhorn"}) {
        const RecordingObserver matched = runMatched(matching);
        EXPECT_EQ(matched.series("nll_loss").at(1), alone.series("nll_loss").at(1)) << matching;
        EXPECT_NE(matched.series("kd_loss"), alone.series("kd_loss")) << matching << " moves the queries";
    }
}

TEST(Trainer, LearnsToTellQueriesFromKeysUnlessAsPublished)
{
    const auto lossAfter = [](const std::string& matching) {
        config::Experiment experiment = test::tinyExperiment();
        EXPECT_TRUE(config::setField(experiment, "method", "dskd-cma"));
        EXPECT_TRUE(config::setField(experiment, "key_query.matching", matching));
        experiment.keyQuery.lr = 3e-3;
        experiment.keyQuery.dropout = 0.0;
        experiment.projector.lr = 0.0; // the queries stay where they are
        experiment.train.steps = 40;
        experiment.train.schedule = config::Schedule::Constant;
        return runTiny(experiment).series("kq_loss").at(40);
    };
    EXPECT_LT(lossAfter("gan"), 0.3);
    EXPECT_GT(lossAfter("gan-published"), 1.0);
}

TEST(Trainer, ResumesWithAFrozenProjector)
{
    config::Experiment experiment = test::tinyExperiment();
    ASSERT_TRUE(config::setField(experiment, "method", "dskd-v2"));
    experiment.projector.s2t = config::S2tProjector::Frozen;
    const auto uninterrupted = runTiny(experiment).series("loss");
    TemporaryFolder folder;
    RunControl control;
    StoppingObserver before(control, 3);
    runTiny(experiment, {folder.path()}, before, control);
    RecordingObserver after;
    control.stop = false;
    runTiny(experiment, {folder.path()}, after, control);
    EXPECT_EQ(after.series("loss").at(6), uninterrupted.at(6)) << "it is in the checkpoint";
}

TEST(Trainer, ResumesInBfloat16FromItsMasterWeights)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.train.precision = config::Precision::Bf16;
    const auto uninterrupted = runTiny(experiment).series("loss");
    TemporaryFolder folder;
    RunControl control;
    StoppingObserver before(control, 3);
    runTiny(experiment, {folder.path()}, before, control);
    RecordingObserver after;
    control.stop = false;
    runTiny(experiment, {folder.path()}, after, control);
    EXPECT_EQ(after.series("loss").at(6), uninterrupted.at(6));
}

TEST(Trainer, StopsWithTheTermAndTheStepWhenTheLossIsNotFinite)
{
    const config::Experiment experiment = test::tinyExperiment();
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    makeDeterministic(1);
    TrainingSetup setup = test::tinySetup(experiment, run);
    {
        const at::NoGradGuard noGrad;
        at::Tensor poisoned = setup.student->parameters().back().tensor;
        poisoned.fill_(std::numeric_limits<float>::quiet_NaN());
    }
    RecordingObserver observer;
    RunControl control;
    try {
        Trainer(experiment, run, setup, observer, control).run();
        FAIL() << "training went on with NaN";
    } catch (const Error& error) {
        EXPECT_EQ(error.failure().kind, FailureKind::NotFinite);
        EXPECT_THAT(error.failure().what, testing::HasSubstr("step 1"));
        EXPECT_THAT(error.failure().what, testing::HasSubstr("NaN"));
        EXPECT_THAT(error.failure().hint, testing::HasSubstr("train.lr"));
    }
    EXPECT_TRUE(finishedCheckpoints(run).empty());
    ASSERT_TRUE(observer.series("loss").contains(1)) << "curves show where it happened";
    EXPECT_TRUE(std::isnan(observer.series("loss").at(1)));
    EXPECT_FALSE(observer.series("lr").contains(1)) << "no step was made";
}

TEST(Checkpoints, KeepTheNewestAndTheBestByValidationLoss)
{
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    const double losses[] = {4.0, 3.0, 3.5, 3.6, 3.7};
    for (std::int64_t step = 1; step <= 5; ++step) {
        const CheckpointLayout checkpoint{run.checkpoint(step)};
        std::filesystem::create_directories(checkpoint.root);
        TrainerState state;
        state.step = step;
        state.validationLoss = losses[step - 1];
        writeTrainerState(checkpoint, state);
        std::ofstream(checkpoint.done()).flush();
    }
    std::filesystem::create_directories(run.checkpoint(6)); // interrupted
    pruneCheckpoints(run, 2);
    EXPECT_THAT(finishedCheckpoints(run), testing::ElementsAre(2, 4, 5));
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(6)));
}

TEST(Checkpoints, DeleteOnlyWhatTheRunWroteItself)
{
    TemporaryFolder folder;
    const RunLayout run{folder / "run"};
    const auto write = [](const std::filesystem::path& place, bool finished) {
        std::filesystem::create_directories(place);
        TrainerState state;
        state.step = 1;
        writeTrainerState({place}, state);
        if (finished) {
            std::ofstream(CheckpointLayout{place}.done()).flush();
        }
    };
    for (const std::int64_t step : {1, 2, 3}) {
        write(run.checkpoint(step), true);
    }
    for (const char* name : {"step-2 best", "step-1.bak", "step-01", "step-", "step--4", "mine"}) {
        write(run.checkpoints() / name, true);
    }
    write(folder / "elsewhere", true);
    write(folder / "unfinished", false);
    std::filesystem::create_directory_symlink(folder / "elsewhere", run.checkpoint(0));
    std::filesystem::create_directory_symlink(folder / "unfinished", run.checkpoint(9));
    std::ofstream(run.checkpoint(7)) << "a file of this name";
    pruneCheckpoints(run, 1);
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(1)));
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(2)));
    EXPECT_TRUE(std::filesystem::exists(run.checkpoint(3)));
    for (const char* name : {"step-2 best", "step-1.bak", "step-01", "step-", "step--4", "mine"}) {
        EXPECT_TRUE(std::filesystem::exists(CheckpointLayout{run.checkpoints() / name}.done())) << name;
    }
    EXPECT_TRUE(std::filesystem::exists(CheckpointLayout{folder / "elsewhere"}.done()));
    EXPECT_TRUE(std::filesystem::exists(CheckpointLayout{folder / "unfinished"}.trainerState()));
    EXPECT_TRUE(std::filesystem::is_symlink(run.checkpoint(9)));
    EXPECT_TRUE(std::filesystem::exists(run.checkpoint(7)));
}

TEST(Checkpoints, LeaveNothingOfADeletionThatWasKilled)
{
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    removeInterruptedCheckpoints(run);
    for (const std::int64_t step : {1, 2, 3}) {
        std::filesystem::create_directories(run.checkpoint(step));
        std::ofstream(CheckpointLayout{run.checkpoint(step)}.weights()) << "weights";
    }
    std::ofstream(CheckpointLayout{run.checkpoint(2)}.done()).flush(); // DONE of 1 and 3 is gone, their weights not
    removeInterruptedCheckpoints(run);
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(1)));
    EXPECT_TRUE(std::filesystem::exists(CheckpointLayout{run.checkpoint(2)}.weights()));
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(3)));
}

TEST(Checkpoints, CallACriticThatDoesNotFitACritic)
{
    config::Experiment experiment = test::tinyExperiment();
    ASSERT_TRUE(config::setField(experiment, "method", "dskd-cma-ga"));
    experiment.keyQuery.hidden = 8;
    experiment.train.steps = 1;
    TemporaryFolder folder;
    RecordingObserver observer;
    RunControl control;
    runTiny(experiment, {folder.path()}, observer, control);
    const auto refusal = [&] {
        try {
            (void)test::tinySetup(experiment, {folder.path()});
        } catch (const Error& error) {
            return error.failure().what;
        }
        return std::string("none");
    };
    EXPECT_EQ(refusal(), "none");
    experiment.keyQuery.hidden = 4;
    EXPECT_THAT(refusal(), testing::HasSubstr("does not hold the critic \"key_query."));
}

TEST(Trainer, WritesACheckpointWhenAsked)
{
    TemporaryFolder folder;
    RecordingObserver observer;
    RunControl control;
    control.checkpoint = true;
    runTiny(test::tinyExperiment(), {folder.path()}, observer, control);
    EXPECT_THAT(observer.checkpoints, testing::ElementsAre(1, 6));
    EXPECT_FALSE(control.checkpoint);
}

// A kill between the last checkpoint and its pruning: nothing is trained any more.
TEST(Trainer, PrunesWhatAKillLeft)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.checkpoint.every = 2;
    experiment.checkpoint.keep = 3;
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    RecordingObserver observer;
    RunControl control;
    ASSERT_EQ(runTiny(experiment, run, observer, control), Outcome::Finished);
    ASSERT_THAT(finishedCheckpoints(run), testing::ElementsAre(2, 4, 6));
    experiment.checkpoint.keep = 1;
    EXPECT_EQ(runTiny(experiment, run, observer, control), Outcome::Finished);
    EXPECT_THAT(finishedCheckpoints(run), testing::ElementsAre(6));
}

TEST(Trainer, IgnoresAnInterruptedCheckpoint)
{
    const config::Experiment experiment = test::tinyExperiment();
    TemporaryFolder folder;
    const RunLayout run{folder.path()};
    std::filesystem::create_directories(run.checkpoint(3)); // no DONE: killed while writing
    RecordingObserver observer;
    RunControl control;
    EXPECT_EQ(runTiny(experiment, run, observer, control), Outcome::Finished);
    EXPECT_EQ(observer.series("loss").begin()->first, 1);
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(3)));
}

} // namespace dskd::train
