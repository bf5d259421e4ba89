// Our step and the port of the published one compute the same: a comparison of their times is one of equals.

#include "core/bench/step_pair.h"

#include "core/base/distance.h"
#include "core/config/schema/choices.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>

namespace dskd::bench
{
namespace
{

model::ModelConfig tiny(std::int64_t width, std::int64_t layers)
{
    model::ModelConfig config;
    config.family = model::findFamily("gpt2");
    config.vocabularyRows = 83;
    config.width = width;
    config.layers = layers;
    config.heads = 2;
    config.keyValueHeads = 2;
    config.headWidth = width / 2;
    config.innerWidth = 2 * width;
    config.maxPositions = 64;
    config.activation = "gelu_new";
    config.tiedHead = true;
    config.initializerRange = 0.2; // far enough from uniform for a wrong distance to show
    return config;
}

Shape tinyShape(bool lora = false)
{
    return {"test", "a tiny pair", tiny(24, 2), tiny(16, 1), lora};
}

jobs::BenchJob tinyJob(config::Space space)
{
    jobs::BenchJob job;
    job.space = space;
    job.samples = 3;
    job.length = 20;
    job.chunkRows = 8; // several chunks
    return job;
}

void expectSame(const StepComparison& both, const std::string& what)
{
    const auto& [ours, published, gradientDifference] = both;
    EXPECT_GT(ours.gradientNorm, 0.0) << what;
    EXPECT_NEAR(ours.loss, published.loss, 1e-5 * std::abs(published.loss)) << what;
    EXPECT_NEAR(ours.gradientNorm, published.gradientNorm, 1e-5 * published.gradientNorm) << what;
    EXPECT_LT(gradientDifference, 1e-5) << what;
}

TEST(StepPair, BothSidesHaveOneLossAndOneGradientInEverySpaceAndDistance)
{
    for (const auto& space : config::choicesOf<config::Space>()) {
        const std::string of = std::string(space.name) + " ";
        const double klLoss = StepPair(tinyShape(), tinyJob(space.value), Distance::Kl, at::kCPU).compare().ours.loss;
        for (const Distance distance : kAllDistances) {
            StepPair pair(tinyShape(), tinyJob(space.value), distance, at::kCPU);
            const StepComparison both = pair.compare();
            expectSame(both, of + std::string(name(distance)));
            EXPECT_EQ(both.ours.loss == klLoss, distance == Distance::Kl) << of << name(distance);
        }
    }
}

TEST(StepPair, KeepsTheKlOfTheTeachersSpaceBesideTheDistanceOfTheStudents)
{
    const auto method = [](config::Space space) {
        return experimentOf(tinyJob(space), tinyShape(), Distance::Srkl).method;
    };
    EXPECT_EQ(method(config::Space::Dual).distance, Distance::Srkl);
    EXPECT_EQ(method(config::Space::Dual).teacherDistance, Distance::Kl);
    EXPECT_EQ(method(config::Space::Teacher).teacherDistance, Distance::Srkl);
}

TEST(StepPair, ComparesTheGradientsOfTheWeightsAtHand)
{
    StepPair pair(tinyShape(), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    (void)pair.ours(/*teacherFromMemory=*/false); // now the sides have different weights
    EXPECT_GT(pair.compare().gradientDifference, 1e-4);
}

TEST(StepPair, BothSidesLearnTheSame)
{
    StepPair pair(tinyShape(), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    const StepValues first = pair.ours(false);
    (void)pair.published();
    const StepValues ours = pair.ours(false);
    const StepValues published = pair.published();
    EXPECT_LT(ours.loss, first.loss);
    // Adam divides by the size of a gradient, so that the rounding of one near zero counts in full.
    EXPECT_NEAR(ours.loss, published.loss, 1e-3 * published.loss);
}

TEST(StepPair, AnAdapterLearnsTheSameOnBothSides)
{
    StepPair pair(tinyShape(/*lora=*/true), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    expectSame(pair.compare(), "LoRA");
}

TEST(StepPair, TheTeachersRowsFromMemoryAreThoseOfTheTeacherThatRuns)
{
    StepPair running(tinyShape(), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    StepPair remembered(tinyShape(), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    for (int step = 0; step < 2; ++step) { // the second comes from memory
        EXPECT_EQ(running.ours(false).loss, remembered.ours(true).loss) << step;
    }
    EXPECT_GT(running.products(false), running.products(true));
}

TEST(StepPair, CountsTheTokensThatOurStudentReads)
{
    // Samples are cut to 20 positions; the first three of the list are longer.
    const StepPair pair(tinyShape(), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    EXPECT_EQ(pair.tokens(), 60);
    EXPECT_EQ(pair.rows(), 3 * 11) << "half of the positions are prompt, and its last one is scored";
}

// What learns no weights has no product for their gradients: of the blocks' linear layers and of the head. The
// gradients of attention, which has no weights, are needed all the same.
TEST(StepPair, CountsNoGradientsOfWeightsThatAnAdapterLeavesAlone)
{
    const jobs::BenchJob job = tinyJob(config::Space::Dual);
    const StepPair full(tinyShape(), job, Distance::Kl, at::kCPU);
    const StepPair adapted(tinyShape(/*lora=*/true), job, Distance::Kl, at::kCPU);
    const double layers = 16 * (3 * 16) + 16 * 16 + 2 * (16 * 32); // weights of the only block
    EXPECT_EQ(full.products(false) - adapted.products(false), 2.0 * 60 * layers + 2.0 * 33 * 83 * 16);
}

// 60 positions in three samples of 20; 33 scored rows. Forward and both gradients of the student, forward of the
// teacher; attention has two products of 2 x length^2 x width operations, half of them below the diagonal.
TEST(StepPair, CountsTheProductsOfBlocksAttentionAndLoss)
{
    const StepPair pair(tinyShape(), tinyJob(config::Space::Dual), Distance::Kl, at::kCPU);
    const double student = 2.0 * 60 * (16 * 48 + 16 * 16 + 2 * 16 * 32) + 3 * 2.0 * 20 * 20 * 16;
    const double teacher = 2 * (2.0 * 60 * (24 * 72 + 24 * 24 + 2 * 24 * 48) + 3 * 2.0 * 20 * 20 * 24); // two blocks
    const double loss = lossProducts(config::Space::Dual, 33, 83, 16, 24);
    EXPECT_EQ(pair.products(/*teacherFromMemory=*/true), 3 * student + loss);
    EXPECT_EQ(pair.products(/*teacherFromMemory=*/false), 3 * student + teacher + loss);
}

TEST(LossProducts, AreThoseOfTheHeadsAndProjectors)
{
    // 2 rows, 3 tokens, widths 5 and 7; a head's product over a width w is 12 w, a projector's 140.
    EXPECT_EQ(lossProducts(config::Space::Dual, 2, 3, 5, 7), 12.0 * (5 * 5 + 3 * 7) + 5 * 140.0);
    EXPECT_EQ(lossProducts(config::Space::Student, 2, 3, 5, 7), 12.0 * (5 * 5) + 2 * 140.0);
    EXPECT_EQ(lossProducts(config::Space::Teacher, 2, 3, 5, 7), 12.0 * (3 * 5 + 3 * 7) + 3 * 140.0);
    EXPECT_EQ(lossProducts(config::Space::Different, 2, 3, 5, 7), 12.0 * (3 * 5 + 7));
}

} // namespace
} // namespace dskd::bench
