#include "core/bench/published_step.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <vector>

namespace dskd::bench
{
namespace
{

std::vector<std::int64_t> values(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.to(at::kLong).contiguous();
    const auto* first = flat.const_data_ptr<std::int64_t>();
    return {first, first + flat.numel()};
}

TEST(PublishedBatch, PadsEverySampleToTheLengthAndScoresAnswersOnly)
{
    dataset::Sample longer;
    longer.ids = {5, 6, 7, 8};
    longer.promptLength = 2;
    dataset::Sample shorter;
    shorter.ids = {3, 4};
    shorter.promptLength = 1;
    const std::vector<const dataset::Sample*> samples{&longer, &shorter};
    const PublishedBatch batch = publishedBatch(samples, 4, at::kCPU);
    EXPECT_EQ(values(batch.tokens.ids), (std::vector<std::int64_t>{5, 6, 7, 0, 3, 0, 0, 0}));
    EXPECT_EQ(values(batch.labels),
              (std::vector<std::int64_t>{kNotScored, 7, 8, kNotScored, 4, kNotScored, kNotScored, kNotScored}));
    EXPECT_EQ(batch.tokens.lengths, (std::vector<std::int64_t>{4, 4}));
    EXPECT_EQ(batch.tokens.padding, (std::vector<std::int64_t>{1, 3}));
    EXPECT_EQ(batch.denominator, 3.0);
}

TEST(PublishedLoss, IsTheCrossEntropyOfTheScoredPositionsWithoutDistillation)
{
    config::MethodConfig method;
    method.space = config::Space::Different;
    method.kdRate = 0.0;
    // Two tokens, whose logits are the states: ln(1 + e^-2) where the label leads by 2, and a position that is masked.
    PublishedStates states;
    states.studentHidden = at::tensor({2.0, 0.0, 100.0, 0.0}, at::kFloat).view({2, 2});
    states.studentHead = at::eye(2);
    states.teacherHidden = at::zeros({2, 2});
    states.teacherHead = at::eye(2);
    const PublishedLoss loss =
        publishedLoss(method, states, at::tensor(std::vector<std::int64_t>{0, kNotScored}, at::kLong), 1.0, {});
    EXPECT_NEAR(loss.loss.item<double>(), 0.126928, 1e-6);
    EXPECT_EQ(loss.correct.item<std::int64_t>(), 1);
}

TEST(PublishedLoss, IsTheKlOfTheTeacherToTheStudent)
{
    config::MethodConfig method;
    method.space = config::Space::Different;
    method.kdRate = 1.0;
    method.temperature = 1.0;
    // p = (3/4, 1/4), q = (1/2, 1/2): KL = 3/4 ln(3/2) + 1/4 ln(1/2)
    PublishedStates states;
    states.studentHidden = at::zeros({1, 2});
    states.studentHead = at::eye(2);
    states.teacherHidden = at::tensor({1.0986122886681098, 0.0}, at::kFloat).view({1, 2}); // ln 3
    states.teacherHead = at::eye(2);
    const PublishedLoss loss = publishedLoss(method, states, at::zeros({1}, at::kLong), 1.0, {});
    EXPECT_NEAR(loss.loss.item<double>(), 0.130812, 1e-6);
}

} // namespace
} // namespace dskd::bench
