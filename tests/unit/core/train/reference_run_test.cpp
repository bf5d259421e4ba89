// Whole runs as the published code trains them (method.fidelity).

#include "core/config/schema/choices.h"
#include "tests/unit/core/train/trained_runs.h"

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
config::Experiment experimentOf(Alignment alignment, Fidelity fidelity)
{
    config::Experiment experiment = demoExperiment("student-llama");
    experiment.train.batchSize = 2;
    experiment.train.accumulation = 2;
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

using Series = std::map<std::string, std::map<std::int64_t, double>>;

Series seriesOf(const config::Experiment& experiment)
{
    const test::RecordingObserver seen = trained(experiment);
    Series series;
    for (const char* name : {"loss", "lr", "align_ratio"}) {
        series[name] = seen.series(name);
    }
    return series;
}

TEST(ReferenceRun, OfFineTuningHasTheLossesOfThePaperAtFirstAndThePublishedRate)
{
    config::Experiment experiment = experimentOf(Alignment::None, Fidelity::Paper);
    experiment.method.objective = config::Objective::Sft;
    auto paper = seriesOf(experiment);
    for (const Fidelity fidelity : {Fidelity::ReferenceV1, Fidelity::ReferenceV2}) {
        experiment.method.fidelity = fidelity;
        auto published = seriesOf(experiment);
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
        auto published = seriesOf(experimentOf(alignment, fidelity));
        auto paper = seriesOf(experimentOf(alignment, Fidelity::Paper));
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
    const config::Experiment experiment = experimentOf(Alignment::Cla, Fidelity::ReferenceV1);
    const test::RecordingObserver whole = trained(experiment);
    EXPECT_EQ(interrupted(experiment, 1).series("loss"), whole.series("loss"));
}

} // namespace
} // namespace dskd::train
