// Whole runs as the published code trains them (method.fidelity).

#include "core/config/schema/choices.h"
#include "core/train/loop/trainer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_training.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

using config::Alignment;
using config::Fidelity;

// The demo's teacher and the student of another tokenizer, for a few steps.
config::Experiment demoExperiment(Alignment alignment, Fidelity fidelity)
{
    const std::string demo = test::sourceDir() + "/resources/demo/";
    config::Experiment experiment = test::tinyExperiment();
    experiment.student.model = demo + "student-llama";
    experiment.student.init = config::StudentInit::Random;
    experiment.teacher.model = demo + "teacher";
    experiment.data.train = demo + "data/train.jsonl";
    experiment.data.limit = 6;
    experiment.data.maxLength = 96;
    experiment.data.maxPromptLength = 40; // cuts some
    experiment.method.alignment = alignment;
    experiment.method.fidelity = fidelity;
    experiment.train.steps = 3;
    experiment.train.warmupSteps = 2;
    if (alignment == Alignment::EtaPublished) {
        experiment.method.t2sTarget = config::T2sTarget::Teacher;
        experiment.method.agreementMask = true;
        experiment.projector.init = config::ProjectorInit::Pinv;
        experiment.projector.bias = false;
        experiment.projector.s2t = config::S2tProjector::Tracked;
    }
    return experiment;
}

std::map<std::string, std::map<std::int64_t, double>> trained(const config::Experiment& experiment)
{
    const test::TemporaryFolder folder;
    test::RecordingObserver observer;
    RunControl control;
    EXPECT_EQ(runTraining(experiment, {folder.path()}, observer, control), Outcome::Finished);
    std::map<std::string, std::map<std::int64_t, double>> series;
    for (const char* name : {"loss", "lr", "align_ratio"}) {
        series[name] = observer.series(name);
    }
    return series;
}

TEST(ReferenceRun, OfFineTuningHasTheLossesOfThePaperAtFirstAndThePublishedRate)
{
    config::Experiment experiment = demoExperiment(Alignment::None, Fidelity::Paper);
    experiment.method.objective = config::Objective::Sft;
    auto paper = trained(experiment);
    for (const Fidelity fidelity : {Fidelity::ReferenceV1, Fidelity::ReferenceV2}) {
        experiment.method.fidelity = fidelity;
        auto published = trained(experiment);
        EXPECT_EQ(published["loss"][1], paper["loss"][1]);
        EXPECT_GT(published["lr"][1], published["lr"][2]) << "no warm-up under a cosine";
        EXPECT_LT(paper["lr"][1], paper["lr"][2]);
    }
}

TEST(ReferenceRun, TrainsEveryMethodOfThePublishedCode)
{
    for (const auto& [alignment, fidelity] :
         std::vector<std::pair<Alignment, Fidelity>>{{Alignment::Cma, Fidelity::ReferenceV1},
                                                     {Alignment::Cla, Fidelity::ReferenceV1},
                                                     {Alignment::Clp, Fidelity::ReferenceV1},
                                                     {Alignment::Cma, Fidelity::ReferenceV2},
                                                     {Alignment::EtaPublished, Fidelity::ReferenceV2}}) {
        const std::string what = std::string(config::name(alignment)) + " " + std::string(config::name(fidelity));
        auto published = trained(demoExperiment(alignment, fidelity));
        auto paper = trained(demoExperiment(alignment, Fidelity::Paper));
        ASSERT_EQ(published["loss"].size(), 3U) << what;
        for (const auto& [step, loss] : published["loss"]) {
            EXPECT_TRUE(std::isfinite(loss)) << what;
        }
        EXPECT_NE(published["loss"][1], paper["loss"][1]) << what;
        // the cosine ignores the warm-up
        EXPECT_GT(published["lr"][1], published["lr"][2]) << what;
        EXPECT_LT(paper["lr"][1], paper["lr"][2]) << what;
    }
}

TEST(ReferenceRun, ResumesBitForBit)
{
    const config::Experiment experiment = demoExperiment(Alignment::Cla, Fidelity::ReferenceV1);
    auto uninterrupted = trained(experiment);
    const test::TemporaryFolder folder;
    RunControl control;
    test::StoppingObserver before(control, 1);
    ASSERT_EQ(runTraining(experiment, {folder.path()}, before, control), Outcome::Stopped);
    EXPECT_EQ(before.series("loss").at(1), uninterrupted["loss"].at(1));
    control.stop = false;
    test::RecordingObserver after;
    ASSERT_EQ(runTraining(experiment, {folder.path()}, after, control), Outcome::Finished);
    EXPECT_EQ(after.series("loss").at(3), uninterrupted["loss"].at(3));
}

} // namespace
} // namespace dskd::train
