// A run with probes, or with answers of the models before training, trains bit for bit as one without.

#include "core/config/schema/experiment_json.h"
#include "core/teacher/live_teacher.h"
#include "tests/unit/core/train/trained_runs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

// With the pair's tokenizer.
Trained train(const std::string& method, std::int64_t probeEvery, bool probeTeacher = false,
              std::int64_t generateSamples = 0, const std::string& lines = {})
{
    config::Experiment experiment = test::tinyExperiment();
    EXPECT_TRUE(config::setField(experiment, "method", method));
    experiment.train.dropout = 0.2; // whose draws would show a generator that was touched
    experiment.log.probeEvery = probeEvery;
    experiment.log.probeSamples = 3;
    experiment.log.probeLines = lines;
    experiment.validation.generateSamples = generateSamples;
    experiment.validation.maxNewTokens = 8;
    return trainedTiny(experiment, [&](TrainingSetup& setup) {
        for (std::vector<Example>* examples : {&setup.examples, &setup.validation}) {
            std::int64_t line = 0;
            for (Example& example : *examples) {
                example.record.responses = {""};
                example.record.line = ++line;
            }
        }
        if (probeTeacher) {
            ProbeTeacher own;
            own.tokenizers.student = setup.tokenizers.student;
            own.tokenizers.teacher = own.tokenizers.student;
            own.teacher =
                std::make_unique<teacher::LiveTeacher>(test::tinyModel(24, 5), experiment.data.lossOn, 1 << 20);
            setup.probeTeacher = std::move(own);
        }
    });
}

} // namespace

class SpaceProbeTraining : public testing::TestWithParam<std::string>
{
};

TEST_P(SpaceProbeTraining, IsBitForBitThatWithoutProbes)
{
    const Trained with = train(GetParam(), 1);
    const Trained without = train(GetParam(), 0);
    expectSameTraining(with, without);
    EXPECT_TRUE(without.seen.points.empty());
    EXPECT_EQ(with.seen.points.size(), 7U) << "before training and after each of the 6 steps";
}

// dskd-v2 follows the student's head by a projector that it remembers for a step.
INSTANTIATE_TEST_SUITE_P(Of, SpaceProbeTraining, testing::Values("sft", "vanilla", "dskd", "dskd-v2", "dskd-cma"),
                         [](const auto& instance) {
                             std::string name = instance.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(SpaceProbe, ComparesFineTuningWithATeacherThatItDoesNotLearnFrom)
{
    const Trained with = train("sft", 2, /*probeTeacher=*/true);
    expectSameTraining(with, train("sft", 0));
    EXPECT_EQ(with.seen.series("structure.cosine_mean").size(), 4U); // at 0, 2, 4 and 6
    EXPECT_EQ(with.seen.structure.at(6).size(), 3U);
    EXPECT_TRUE(with.seen.metrics.at(6).contains("probe.q_agreement"));
}

TEST(ProbeLines, AreRecordedInPlaceOfTheFirstSamplesUnderTheirOwnNumbers)
{
    const Trained with = train("dskd-cma", 1, false, 0, "4, 2");
    expectSameTraining(with, train("dskd-cma", 0));
    const auto& structure = with.seen.structure.at(0);
    ASSERT_EQ(structure.size(), 2U);
    EXPECT_EQ(structure[0].sample, 3) << "line 4";
    EXPECT_EQ(structure[1].sample, 1);
    std::set<std::int64_t> samples;
    for (const HeatMap& map : with.seen.heatMaps.at(6)) {
        samples.insert(map.sample);
    }
    EXPECT_THAT(samples, testing::ElementsAre(1, 3));
    for (const SpacePoint& point : with.seen.points.at(6)) {
        EXPECT_TRUE(point.sample == 1 || point.sample == 3) << point.sample;
    }

    const Trained first = train("dskd-cma", 1);
    ASSERT_EQ(first.seen.structure.at(0).size(), 3U);
    EXPECT_EQ(first.seen.structure.at(0)[1].cosine, structure[1].cosine) << "sample 1 is the same one";
}

TEST(ProbeLines, WithoutASampleAreNamedInAWarning)
{
    const Trained with = train("dskd", 1, false, 0, "2, 1000-1001");
    EXPECT_EQ(with.seen.structure.at(0).size(), 1U);
    EXPECT_THAT(with.seen.warnings, testing::Contains(testing::HasSubstr("1000, 1001")));
}

TEST(BaselineAnswers, AreThoseOfBothModelsBeforeTrainingWhichStaysAsItIs)
{
    const Trained with = train("dskd", 0, false, /*generateSamples=*/3);
    expectSameTraining(with, train("dskd", 0));
    ASSERT_EQ(with.seen.baselines.size(), 2U);
    for (const auto& [side, answers] : with.seen.baselines) {
        ASSERT_EQ(answers.size(), 3U);
        EXPECT_EQ(answers[2].sample, 2);
    }
    const auto answersOf = [&](Side side) {
        std::vector<std::string> texts;
        for (const GeneratedAnswer& answer : with.seen.baselines.at(side)) {
            texts.push_back(answer.answer);
        }
        return texts;
    };
    EXPECT_NE(answersOf(Side::Student), answersOf(Side::Teacher));
    EXPECT_TRUE(train("sft", 0, false, 3).seen.baselines.contains(Side::Student));
    EXPECT_FALSE(train("sft", 0, false, 3).seen.baselines.contains(Side::Teacher));
    EXPECT_EQ(train("sft", 0, /*probeTeacher=*/true, 3).seen.baselines.size(), 2U);
}

} // namespace dskd::train
