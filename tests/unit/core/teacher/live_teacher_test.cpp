#include "core/teacher/live_teacher.h"

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
