// What stepRows takes from the models.

#include "core/teacher/live_teacher.h"
#include "core/train/step.h"
#include "tests/support/tiny_training.h"

#include <gtest/gtest.h>

namespace dskd::train
{
namespace
{

std::unique_ptr<model::CausalLm> cappedModel(double softcap)
{
    model::ModelConfig config = test::tinyModel(16, 3)->config();
    config.original.clear();
    config.family = model::Family::Gemma2;
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
    const distill::StepRows rows =
        stepRows(*student, &teacher, batch, config::LossOn::Response, config::Alignment::None, 1.0, false);
    EXPECT_EQ(rows.student.softcap, 2.0);
    EXPECT_EQ(rows.teacher.softcap, 5.0);
}

} // namespace dskd::train
