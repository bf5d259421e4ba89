#include "tests/unit/core/train/trained_runs.h"

#include "core/base/checkpoint_folders.h"
#include "core/model/fine_tuning.h"
#include "core/train/job/device.h"
#include "core/train/loop/trainer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/word_tokenizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace dskd::train
{

Outcome runTiny(const config::Experiment& experiment, const RunLayout& run, Observer& observer, RunControl& control)
{
    makeDeterministic(experiment.train.threads);
    TrainingSetup setup = test::tinySetup(experiment, run);
    return Trainer(experiment, run, setup, observer, control).run();
}

test::RecordingObserver runTiny(const config::Experiment& experiment)
{
    const test::TemporaryFolder folder;
    test::RecordingObserver observer;
    RunControl control;
    runTiny(experiment, {folder.path()}, observer, control);
    return observer;
}

Trained trainedTiny(const config::Experiment& experiment, const std::function<void(TrainingSetup&)>& change)
{
    makeDeterministic(experiment.train.threads);
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    TrainingSetup setup = test::tinySetup(experiment, run);
    setup.tokenizers.student = words();
    setup.tokenizers.teacher = setup.teacher != nullptr ? setup.tokenizers.student : nullptr;
    if (change) {
        change(setup);
    }
    Trained result;
    RunControl control;
    EXPECT_EQ(Trainer(experiment, run, setup, result.seen, control).run(), Outcome::Finished);
    for (const model::NamedTensor& parameter : setup.student->parameters()) {
        result.weights[parameter.name] = parameter.tensor.detach().clone();
    }
    for (const model::NamedTensor& parameter : model::learningParameters(*setup.student)) {
        result.weights[parameter.name] = parameter.tensor.detach().clone();
    }
    for (const auto& [name, tensor] : setup.distiller->projectors()) {
        result.weights["projector." + name] = tensor.detach().clone();
    }
    for (const auto& [name, tensor] : setup.distiller->critics()) {
        result.weights["critic." + name] = tensor.detach().clone();
    }
    return result;
}

void expectSameTraining(const Trained& with, const Trained& without)
{
    for (const char* name : {"loss", "grad_norm", "accuracy", "validation.loss"}) {
        ASSERT_FALSE(without.seen.series(name).empty()) << name;
        EXPECT_EQ(with.seen.series(name), without.seen.series(name)) << name;
    }
    ASSERT_EQ(with.weights.size(), without.weights.size());
    for (const auto& [name, tensor] : without.weights) {
        EXPECT_TRUE(at::equal(with.weights.at(name), tensor)) << name;
    }
}

config::Experiment demoExperiment(const std::string& student)
{
    const std::string demo = test::sourceDir() + "/resources/demo/";
    config::Experiment experiment;
    experiment.student.model = demo + student;
    experiment.student.init = config::StudentInit::Random;
    experiment.teacher.model = demo + "teacher";
    experiment.data.train = demo + "data/train.jsonl";
    experiment.train.threads = 1;
    experiment.train.device = config::Device::Cpu;
    experiment.log.probeEvery = 0;
    return experiment;
}

test::RecordingObserver trained(const config::Experiment& experiment)
{
    const test::TemporaryFolder folder;
    test::RecordingObserver seen;
    RunControl control;
    EXPECT_EQ(runTraining(experiment, {folder.path()}, seen, control), Outcome::Finished);
    return seen;
}

std::map<std::int64_t, double> Interrupted::series(const std::string& name) const
{
    std::map<std::int64_t, double> values = before.series(name);
    for (const auto& [step, value] : after.series(name)) {
        EXPECT_TRUE(values.emplace(step, value).second) << name << " twice at step " << step;
    }
    return values;
}

Interrupted interrupted(const config::Experiment& experiment, std::int64_t stopAfter)
{
    const test::TemporaryFolder folder;
    RunControl control;
    test::StoppingObserver before(control, stopAfter);
    EXPECT_EQ(runTraining(experiment, {folder.path()}, before, control), Outcome::Stopped);
    EXPECT_EQ(latestCheckpoint({folder.path()}), stopAfter);
    control.stop = false;
    Interrupted both;
    both.before = static_cast<const test::RecordingObserver&>(before);
    EXPECT_EQ(runTraining(experiment, {folder.path()}, both.after, control), Outcome::Finished);
    return both;
}

} // namespace dskd::train
