#include "core/batch/model_rows.h"

#include "tests/support/tiny_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace dskd::batch
{
namespace
{

std::vector<const dataset::Sample*> samplesOf(const std::vector<train::Example>& examples)
{
    std::vector<const dataset::Sample*> samples;
    for (const train::Example& example : examples) {
        samples.push_back(&example.student);
    }
    return samples;
}

} // namespace

TEST(ModelRows, OfPackedSamplesAreTheScoredPositionsOfTheModel)
{
    const at::NoGradGuard noGrad;
    const auto model = test::tinyModel(16, 4);
    const auto examples = test::tinyExamples(3, 1);
    const auto samples = samplesOf(examples);
    const SideRows rows = runPacked(*model, samples, config::LossOn::Response);
    const PackedRows packed = packRows(samples, config::LossOn::Response, at::kCPU);
    EXPECT_TRUE(at::equal(rows.hidden, model->hiddenStates(packed.tokens).index_select(0, packed.index)));
    EXPECT_TRUE(at::equal(rows.labels, packed.labels));
    EXPECT_TRUE(at::equal(rows.inputIds, packed.inputIds));
    EXPECT_EQ(rows.rowsPerSample, packed.rowsPerSample);
    EXPECT_TRUE(rows.head.is_same(model->head()));
    EXPECT_TRUE(rows.embedding.is_same(model->inputEmbedding()));
    EXPECT_FALSE(rows.outside.has_value());
}

TEST(ModelRows, OfPaddedSamplesAreTheSameAndHoldTheOtherPositionsToo)
{
    const at::NoGradGuard noGrad;
    const auto model = test::tinyModel(16, 4);
    const auto examples = test::tinyExamples(3, 1);
    const auto samples = samplesOf(examples);
    const SideRows packed = runPacked(*model, samples, config::LossOn::Response);
    constexpr std::int64_t kLength = 20; // longer than any of the samples
    const SideRows padded = runPadded(*model, samples, config::LossOn::Response, kLength, /*padding=*/1);
    EXPECT_LT((padded.hidden - packed.hidden).abs().max().item<double>(), 1e-5);
    EXPECT_TRUE(at::equal(padded.labels, packed.labels));
    ASSERT_TRUE(padded.outside.has_value());
    EXPECT_EQ(padded.outside->positions, 3 * kLength - padded.hidden.size(0));
    EXPECT_EQ(padded.outside->states.size(0), padded.outside->positions);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        EXPECT_EQ(padded.outside->rowsPerSample[i], kLength - padded.rowsPerSample[i]) << i;
    }
}

TEST(ModelRows, CarryTheGraphOfAModelThatTrains)
{
    model::LoadOptions options;
    options.trainable = true;
    const auto model = test::tinyModel(16, 4, options);
    const auto examples = test::tinyExamples(2, 1);
    const auto samples = samplesOf(examples);
    EXPECT_TRUE(runPacked(*model, samples, config::LossOn::Response).hidden.requires_grad());
    const SideRows padded = runPadded(*model, samples, config::LossOn::Response, 20, /*padding=*/1);
    EXPECT_TRUE(padded.hidden.requires_grad());
    EXPECT_TRUE(padded.outside->states.requires_grad());
}

} // namespace dskd::batch
