#include "core/bench/shapes.h"

#include "core/bench/memory_needed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::bench
{
namespace
{

using testing::HasSubstr;

TEST(Shapes, HaveThePublishedNumbersOfWeights)
{
    const Shape a = findShape("a").value();
    EXPECT_EQ(model::parameterCount(a.teacher), 1'557'611'200);
    EXPECT_EQ(model::parameterCount(a.student), 124'439'808);
    const Shape b = findShape("b").value();
    EXPECT_EQ(model::parameterCount(b.teacher), 6'738'415'616);
    EXPECT_EQ(model::parameterCount(b.student), 1'100'048'384);
    EXPECT_TRUE(b.lora);
    const Shape r = findShape("r").value();
    EXPECT_EQ(model::parameterCount(r.teacher), 134'515'008);
    EXPECT_EQ(r.student.layers, 15);
}

TEST(Shapes, AreListedWhereOneIsNotThere)
{
    const Result<Shape> none = findShape("z");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.failure().kind, FailureKind::Usage);
    EXPECT_THAT(none.failure().hint, HasSubstr("tiny64"));
    EXPECT_THAT(none.failure().hint, HasSubstr("LLaMA2-7B"));
}

TEST(DollyLikeExamples, HaveTheMeasuredLengths)
{
    const auto examples = dollyLikeExamples(34, 512, 100, 1);
    ASSERT_EQ(examples.size(), 34U);
    EXPECT_EQ(examples[0].student.ids.size(), 282U);
    EXPECT_EQ(examples[0].student.promptLength, 127);
    EXPECT_EQ(examples[0].student.rows(), 155);
    EXPECT_EQ(examples[32].student.ids.size(), 282U) << "again from the first";
    EXPECT_EQ(examples[0].student.ids, examples[0].teacher.ids);
    EXPECT_NE(examples[0].student.ids, examples[32].student.ids);
    for (const std::int64_t length : {1, 16, 512}) {
        std::int64_t rows = 0;
        for (const train::Example& example : dollyLikeExamples(5, length, 100, 1)) {
            EXPECT_LE(example.student.ids.size(), static_cast<std::size_t>(length) + 1);
            rows += example.student.rows();
        }
        EXPECT_EQ(dollyLikeRows(5, length), rows) << length;
    }
}

TEST(MemoryNeeded, RefusesWhatDoesNotFitAndSaysHowMuchItWouldTake)
{
    jobs::BenchJob job;
    job.samples = 1;
    job.length = 8;
    EXPECT_NO_THROW(requireMemory(findShape("tiny64").value(), job, Distance::Kl, at::kCPU));
    job.samples = 1'000'000;
    try {
        requireMemory(findShape("b").value(), job, Distance::Kl, at::kCPU);
        FAIL() << "a million samples fit";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what, HasSubstr("takes about"));
        EXPECT_THAT(error.failure().what, HasSubstr("are available"));
        EXPECT_THAT(error.failure().hint, HasSubstr("--samples"));
    }
}

TEST(MemoryOfAnswers, IsThatOfTheWeightsAndOfKeysAndValues)
{
    jobs::BenchJob job;
    job.samples = 16;
    job.length = 128;
    const Shape shape = findShape("tiny64").value();
    const std::uint64_t shorter = memoryOfAnswers(shape, job);
    EXPECT_GE(memoryOfAnswers(findShape("b").value(), job), 4'400'193'536U) << "1,100,048,384 float32 weights";
    job.length = 256;
    // 128 further positions of 16 samples: keys and values of width 64 in two layers
    EXPECT_GE(memoryOfAnswers(shape, job) - shorter, 128ULL * 16 * 2 * 64 * 2 * 4);
}

TEST(MemoryOfAnswers, RefusesWhatDoesNotFit)
{
    jobs::BenchJob job;
    job.samples = 1;
    job.length = 8;
    EXPECT_NO_THROW(requireMemoryOfAnswers(findShape("tiny64").value(), job, at::kCPU));
    job.samples = 100'000'000;
    try {
        requireMemoryOfAnswers(findShape("tiny64").value(), job, at::kCPU);
        FAIL() << "the keys of a hundred million answers fit";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what, HasSubstr("answers of shape tiny64 takes about"));
        EXPECT_THAT(error.failure().hint, HasSubstr("--samples"));
    }
}

TEST(MemoryNeeded, GrowsWithTheLogitsOfThePaddedBatch)
{
    const Shape shape = findShape("tiny64").value();
    jobs::BenchJob job;
    const std::uint64_t half = memoryNeeded(shape, job, Distance::Kl);
    job.length = 1024;
    // 8 x 512 further positions of 50257 float32 logits, 16 times
    EXPECT_GE(memoryNeeded(shape, job, Distance::Kl) - half, 8ULL * 512 * 50257 * 4 * 16);
}

} // namespace
} // namespace dskd::bench
