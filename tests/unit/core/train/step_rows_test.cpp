// What stepRows takes from the models, and what the probes see in it.

#include "core/teacher/live_teacher.h"
#include "core/train/evaluate/probes.h"
#include "core/train/loop/step.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/tiny_training.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

namespace dskd::train
{
namespace
{

std::unique_ptr<model::CausalLm> cappedModel(double softcap)
{
    model::ModelConfig config = test::tinyModel(16, 3)->config();
    config.original.clear();
    config.family = model::findFamily("gemma2");
    config.activation = "gelu_pytorch_tanh";
    config.slidingWindow = 4;
    config.windowedLayers = {true, false};
    config.headSoftcap = softcap;
    return model::createCausalLm(config, 3).value();
}

Tokenizers oneTokenizer()
{
    std::vector<std::string> pieces;
    for (std::int64_t i = 0; i < test::kTinyVocabulary; ++i) {
        pieces.push_back(std::to_string(i) + "t");
    }
    Tokenizers tokenizers;
    tokenizers.student = std::make_shared<test::FakeTokenizer>(pieces, "</s>");
    tokenizers.teacher = tokenizers.student;
    return tokenizers;
}

// What the probes record of CMA before the first step.
std::vector<HeatMap> recordedMaps(std::int64_t mapTokens)
{
    const Tokenizers tokenizers = oneTokenizer();
    config::Experiment experiment = test::tinyExperiment();
    experiment.method.alignment = config::Alignment::Cma;
    experiment.log.mapTokens = mapTokens;
    const auto student = test::tinyModel(16, 5);
    teacher::LiveTeacher teacher(test::tinyModel(24, 7), config::LossOn::Response, 0);
    distill::Distiller distiller(experiment.method, distill::ModelPair{16, 24}, 64, 6);
    std::vector<Example> examples = test::tinyExamples(3, 1);
    for (Example& example : examples) {
        example.record.responses = {""};
    }
    test::RecordingObserver seen;
    Probes(experiment, tokenizers, examples, *student, &teacher, distiller).record(0, 0, seen);
    return seen.heatMaps.at(0);
}

} // namespace

TEST(Probes, RecordWholeMapsOfAttentionUnlessTheyAreToBeCut)
{
    constexpr std::int64_t kMost = 2;
    const std::vector<Example> examples = test::tinyExamples(3, 1);
    const std::vector<HeatMap> whole = recordedMaps(0);
    const std::vector<HeatMap> cut = recordedMaps(kMost);
    ASSERT_EQ(whole.size(), 6U) << "both ways of three samples";
    ASSERT_EQ(cut.size(), 6U);
    bool someAreCut = false;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const std::int64_t rows = examples[i / 2].student.rows();
        const auto all = static_cast<std::size_t>(rows);
        const auto first = static_cast<std::size_t>(std::min(rows, kMost));
        EXPECT_EQ(whole[i].rowTokens.size(), all);
        EXPECT_EQ(whole[i].wholeRows, rows);
        for (std::size_t row = 0; row < all; ++row) {
            const auto begin = whole[i].values.begin() + static_cast<std::ptrdiff_t>(row * all);
            EXPECT_NEAR(std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(all), 0.0), 1.0, 1e-5);
        }
        EXPECT_EQ(cut[i].wholeRows, rows) << "says how long the sample is";
        EXPECT_EQ(cut[i].wholeColumns, rows);
        EXPECT_EQ(cut[i].rowTokens.size(), first);
        EXPECT_EQ(cut[i].columnTokens.size(), first);
        ASSERT_EQ(cut[i].values.size(), first * first);
        for (std::size_t row = 0; row < first; ++row) {
            for (std::size_t column = 0; column < first; ++column) {
                EXPECT_EQ(cut[i].values[row * first + column], whole[i].values[row * all + column]);
            }
        }
        someAreCut = someAreCut || first < all;
    }
    EXPECT_TRUE(someAreCut);
    EXPECT_EQ(recordedMaps(512).front().rowTokens, whole.front().rowTokens);
}

TEST(StepRows, CarryTheCapsOfBothHeads)
{
    const auto student = cappedModel(2.0);
    teacher::LiveTeacher teacher(cappedModel(5.0), config::LossOn::Response, 0);
    const auto examples = test::tinyExamples(2, 9);
    const Batch batch{{&examples[0], &examples[1]}, {0, 1}};
    const batch::StepRows rows =
        stepRows(*student, &teacher, batch, config::LossOn::Response, config::Alignment::None, 1.0, false);
    EXPECT_EQ(rows.student.softcap, 2.0);
    EXPECT_EQ(rows.teacher.softcap, 5.0);
}

// The rows that a soft alignment mixes have no partner of their own; the probes find one for what they compare.
TEST(Probes, MeasureTheAgreementUnderASoftAlignmentWhereRowsSayTheSame)
{
    const Tokenizers tokenizers = oneTokenizer();
    config::Experiment experiment = test::tinyExperiment();
    experiment.method.space = config::Space::Student;
    experiment.method.alignment = config::Alignment::Clp;
    experiment.projector.init = config::ProjectorInit::Pinv;
    experiment.projector.bias = false;
    const auto student = test::tinyModel(16, 5);
    teacher::LiveTeacher teacher(test::tinyModel(16, 5), config::LossOn::Response, 0);
    distill::Distiller distiller(experiment.method, distill::ModelPair{16, 16}, 64, 6, at::kCPU, at::kFloat,
                                 experiment.projector);
    (void)distiller.initialise(student->head(), teacher.head());

    std::vector<Example> examples = test::tinyExamples(10, 1);
    double expected = 0.0;
    for (Example& example : examples) {
        example.record.responses = {""};
        example.alignment.studentChunks.resize(static_cast<std::size_t>(example.student.rows()));
        std::iota(example.alignment.studentChunks.begin(), example.alignment.studentChunks.end(), 0);
        example.alignment.teacherChunks = example.alignment.studentChunks; // every row alone
        Example paired = example;
        for (std::int32_t row = 0; row < paired.student.rows(); ++row) {
            paired.alignment.pairs.push_back({row, row});
        }
        expected += distiller.agreement(stepRows(*student, &teacher, {{&paired}, {-1}}, config::LossOn::Response,
                                                 config::Alignment::Clp, 1.0, false)) /
                    10.0;
    }
    ASSERT_GT(expected, 0.0);
    test::RecordingObserver seen;
    Probes(experiment, tokenizers, examples, *student, &teacher, distiller).record(0, 0, seen);
    EXPECT_NEAR(seen.series("probe.agreement").at(0), expected, 1e-12);
}

} // namespace dskd::train
