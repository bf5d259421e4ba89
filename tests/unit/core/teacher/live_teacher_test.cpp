#include "core/teacher/live_teacher.h"

#include "core/batch/packed_rows.h"
#include "tests/support/tiny_training.h"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::teacher
{
namespace
{

std::vector<TeacherSample> batch(const std::vector<train::Example>& examples, std::vector<std::int64_t> keys)
{
    std::vector<TeacherSample> samples;
    for (const std::int64_t key : keys) {
        samples.push_back({key, &examples[static_cast<std::size_t>(key)].teacher});
    }
    return samples;
}

} // namespace

TEST(PackedRows, TakeTheResponseAndTheLastPromptToken)
{
    dataset::Sample sample;
    sample.ids = {5, 6, 7, 8, 9};
    sample.promptLength = 3;
    dataset::Sample other;
    other.ids = {1, 2};
    other.promptLength = 1;
    const dataset::Sample* samples[] = {&sample, &other};
    const PackedRows rows = packRows(samples, config::LossOn::Response, at::kCPU);
    const auto list = [](const at::Tensor& t) {
        return std::vector<std::int64_t>(t.data_ptr<std::int64_t>(), t.data_ptr<std::int64_t>() + t.numel());
    };
    EXPECT_THAT(list(rows.tokens.ids), testing::ElementsAre(5, 6, 7, 8, 1)); // the last token predicts nothing
    EXPECT_THAT(rows.tokens.lengths, testing::ElementsAre(4, 1));
    EXPECT_THAT(list(rows.index), testing::ElementsAre(2, 3, 4));
    EXPECT_THAT(list(rows.inputIds), testing::ElementsAre(7, 8, 1));
    EXPECT_THAT(list(rows.labels), testing::ElementsAre(8, 9, 2));
    EXPECT_THAT(rows.rowsPerSample, testing::ElementsAre(2, 1));
    EXPECT_THAT(list(packRows(samples, config::LossOn::All, at::kCPU).index), testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(LiveTeacher, RunsASampleOnceWhileTheBudgetLasts)
{
    const auto examples = test::tinyExamples(6, 1);
    LiveTeacher teacher(test::tinyModel(24, 5), config::LossOn::Response, 1 << 20);
    (void)teacher.rows(batch(examples, {0, 1, 2}));
    (void)teacher.rows(batch(examples, {2, 3, 0}));
    EXPECT_EQ(teacher.samplesRun(), 4);
    EXPECT_GT(teacher.cachedBytes(), 0u);
}

TEST(LiveTeacher, StaysWithinItsBudget)
{
    const auto examples = test::tinyExamples(6, 1);
    LiveTeacher teacher(test::tinyModel(24, 5), config::LossOn::Response, 2000);
    (void)teacher.rows(batch(examples, {0, 1, 2, 3, 4, 5}));
    (void)teacher.rows(batch(examples, {0, 1, 2, 3, 4, 5}));
    EXPECT_LE(teacher.cachedBytes(), 2000u);
    EXPECT_GT(teacher.samplesRun(), 6);
}

TEST(LiveTeacher, GivesTheSameBitsWhateverTheNeighboursAndTheMemory)
{
    const auto examples = test::tinyExamples(6, 1);
    LiveTeacher remembering(test::tinyModel(24, 5), config::LossOn::Response, 1 << 20);
    LiveTeacher forgetting(test::tinyModel(24, 5), config::LossOn::Response, 0);
    (void)remembering.rows(batch(examples, {4, 1}));
    (void)remembering.rows(batch(examples, {5, 0, 3}));
    EXPECT_TRUE(at::equal(remembering.rows(batch(examples, {0, 1, 3})).hidden,
                          forgetting.rows(batch(examples, {0, 1, 3})).hidden));
    EXPECT_EQ(forgetting.cachedBytes(), 0u);
}

TEST(LiveTeacher, CarriesNoGradient)
{
    const auto examples = test::tinyExamples(2, 1);
    model::LoadOptions options;
    options.trainable = true;
    LiveTeacher teacher(test::tinyModel(24, 5, options), config::LossOn::Response, 1 << 20);
    EXPECT_FALSE(teacher.rows(batch(examples, {0, 1})).hidden.requires_grad());
}

} // namespace dskd::teacher
