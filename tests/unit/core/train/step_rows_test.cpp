// What stepRows takes from the models, and what the probes see in it.

#include "core/teacher/live_teacher.h"
#include "core/train/evaluate/probes.h"
#include "core/train/loop/step.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/tiny_training.h"

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

} // namespace

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
    std::vector<std::string> pieces;
    for (std::int64_t i = 0; i < test::kTinyVocabulary; ++i) {
        pieces.push_back(std::to_string(i) + "t");
    }
    Tokenizers tokenizers;
    tokenizers.student = std::make_shared<test::FakeTokenizer>(pieces, "</s>");
    tokenizers.teacher = tokenizers.student;
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
