#include "core/teacher/live_teacher.h"

#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_training.h"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

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

SharedRows shared(const test::TemporaryFolder& folder, std::vector<std::string>* warnings = nullptr)
{
    return {cache::RowStore::open(folder.path()).value(), [warnings](const std::string& warning) {
                if (warnings != nullptr) {
                    warnings->push_back(warning);
                }
            }};
}

LiveTeacher sharing(const test::TemporaryFolder& folder, std::uint64_t seed,
                    std::vector<std::string>* warnings = nullptr)
{
    return {test::tinyModel(24, seed), config::LossOn::Response, 1 << 20, std::nullopt, shared(folder, warnings)};
}

} // namespace

TEST(LiveTeacher, ReadsWhatAnotherRunComputed)
{
    const test::TemporaryFolder folder;
    const auto examples = test::tinyExamples(6, 1);
    LiveTeacher first = sharing(folder, 5);
    const batch::SideRows computed = first.rows(batch(examples, {0, 1, 2}));
    EXPECT_EQ(first.samplesRun(), 3);
    LiveTeacher second = sharing(folder, 5);
    EXPECT_TRUE(at::equal(second.rows(batch(examples, {0, 1, 2})).hidden, computed.hidden));
    EXPECT_EQ(second.samplesRead(), 3);
    EXPECT_EQ(second.samplesRun(), 1); // to compare the first
    (void)second.rows(batch(examples, {2, 3}));
    EXPECT_EQ(second.samplesRun(), 2);
    (void)first.rows(batch(examples, {3})); // computed by the second meanwhile
    EXPECT_EQ(first.samplesRun(), 4);       // again one to compare
    EXPECT_EQ(first.samplesRead(), 1);
}

TEST(LiveTeacher, SharedRowsGiveTheBitsOfATeacherWithout)
{
    const test::TemporaryFolder folder;
    const auto examples = test::tinyExamples(6, 1);
    (void)sharing(folder, 5).rows(batch(examples, {4, 1}));
    LiveTeacher alone(test::tinyModel(24, 5), config::LossOn::Response, 0);
    EXPECT_TRUE(at::equal(sharing(folder, 5).rows(batch(examples, {0, 1, 4})).hidden,
                          alone.rows(batch(examples, {0, 1, 4})).hidden));
}

TEST(LiveTeacher, ForgetsSharedRowsThatItDoesNotGive)
{
    const test::TemporaryFolder folder;
    const auto examples = test::tinyExamples(6, 1);
    (void)sharing(folder, 6).rows(batch(examples, {0, 1, 2})); // another teacher under the same name
    std::vector<std::string> warnings;
    LiveTeacher teacher = sharing(folder, 5, &warnings);
    LiveTeacher alone(test::tinyModel(24, 5), config::LossOn::Response, 0);
    EXPECT_TRUE(
        at::equal(teacher.rows(batch(examples, {0, 1, 2})).hidden, alone.rows(batch(examples, {0, 1, 2})).hidden));
    EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("computed anew")));
    LiveTeacher later = sharing(folder, 5);
    (void)later.rows(batch(examples, {0, 1, 2}));
    EXPECT_EQ(later.samplesRead(), 3);
}

TEST(LiveTeacher, SharesNothingOfSamplesWithoutAKey)
{
    const test::TemporaryFolder folder;
    const auto examples = test::tinyExamples(2, 1);
    LiveTeacher teacher = sharing(folder, 5);
    const TeacherSample own{-1, &examples[0].teacher};
    (void)teacher.rows(std::span(&own, 1));
    EXPECT_EQ(cache::RowStore::count(folder.path()), 0U);
}

TEST(LiveTeacher, TakesASampleThatIsTwiceInAMicroBatch)
{
    const test::TemporaryFolder folder;
    const auto examples = test::tinyExamples(2, 1);
    LiveTeacher teacher = sharing(folder, 5);
    (void)teacher.rows(batch(examples, {0, 0})); // one sample twice: this run's own claim does not stop it
    EXPECT_EQ(teacher.samplesRun(), 2);
    EXPECT_EQ(cache::RowStore::count(folder.path()), 1U);
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
