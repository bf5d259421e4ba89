#include "core/preflight/checkpoint_size.h"
#include "tests/unit/core/preflight/demo_experiments.h"

#include <gtest/gtest.h>

namespace dskd::preflight
{
namespace
{

class CheckpointSizeOf : public testing::Test
{
protected:
    config::Experiment sft = demo("sft");
    model::ModelConfig student = model::readModelConfig(sft.student.model).value();
    std::uint64_t parameters = static_cast<std::uint64_t>(model::parameterCount(student));

    [[nodiscard]] CheckpointSize size(const config::Experiment& experiment, std::int64_t steps = 600) const
    {
        return checkpointSize(experiment, student, std::nullopt, steps);
    }
};

TEST_F(CheckpointSizeOf, FullFineTuningIsWeightsAndTwoMoments)
{
    EXPECT_EQ(size(sft).each, parameters * 12);
    sft.train.precision = config::Precision::Bf16;
    EXPECT_EQ(size(sft).each, parameters * (2 + 12)) << "the float32 copy of the weights is kept with the moments";
}

TEST_F(CheckpointSizeOf, AnAdapterAloneIsSmall)
{
    sft.train.fineTuning = config::FineTuning::Lora;
    sft.lora.rank = 8;
    const auto adapter = static_cast<std::uint64_t>(student.layers * 8 * (student.width + 3 * student.width)); // c_attn
    EXPECT_EQ(size(sft).each, (parameters + adapter) * 4 + adapter * 8);
    sft.lora.saved = config::LoraSaved::Adapter;
    EXPECT_EQ(size(sft).each, adapter * 12);
}

TEST_F(CheckpointSizeOf, ProjectorsLearnToo)
{
    const auto dual = demo("dual");
    const auto teacher = model::readModelConfig(dual.teacher.model).value();
    const auto projectors = static_cast<std::uint64_t>(2 * student.width * teacher.width);
    EXPECT_EQ(checkpointSize(dual, student, teacher, 600).each, parameters * 12 + projectors * 12);
    const auto diff = demo("diff");
    EXPECT_EQ(checkpointSize(diff, student, teacher, 600).each, parameters * 12) << "nothing is projected";
}

TEST_F(CheckpointSizeOf, CountsWhatIsKept)
{
    sft.data.validation.clear();
    sft.checkpoint.every = 0;
    sft.checkpoint.keep = 3;
    EXPECT_EQ(size(sft).kept, 1) << "the last one";
    sft.checkpoint.every = 100;
    EXPECT_EQ(size(sft).kept, 3);
    EXPECT_EQ(size(sft).total(), 3 * size(sft).each);
    EXPECT_EQ(size(sft, 150).kept, 2) << "steps 100 and 150";
    sft.data.validation = "/held-out.jsonl";
    EXPECT_EQ(size(sft).kept, 4) << "and the best one";
    sft.job = config::JobKind::Evaluate;
    EXPECT_EQ(size(sft).total(), 0u);
}

TEST(CheckpointSizeOfFolders, FailsWhereAModelIsMissing)
{
    auto dual = demo("dual");
    ASSERT_TRUE(checkpointSize(dual, 600));
    EXPECT_GT(checkpointSize(dual, 600)->each, 0u);
    dual.teacher.model = "/nonexistent/teacher";
    EXPECT_FALSE(checkpointSize(dual, 600));
}

} // namespace
} // namespace dskd::preflight
