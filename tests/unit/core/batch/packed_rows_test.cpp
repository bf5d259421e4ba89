#include "core/batch/packed_rows.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace dskd::batch
{
namespace
{

dataset::Sample sampleOf(std::vector<tokenizer::TokenId> ids, std::int64_t promptLength)
{
    dataset::Sample sample;
    sample.ids = std::move(ids);
    sample.promptLength = promptLength;
    return sample;
}

std::vector<std::int64_t> list(const at::Tensor& tensor)
{
    return {tensor.data_ptr<std::int64_t>(), tensor.data_ptr<std::int64_t>() + tensor.numel()};
}

} // namespace

TEST(PackedRows, TakeTheResponseAndTheLastPromptToken)
{
    const dataset::Sample sample = sampleOf({5, 6, 7, 8, 9}, 3);
    const dataset::Sample other = sampleOf({1, 2}, 1);
    const dataset::Sample* samples[] = {&sample, &other};
    const PackedRows rows = packRows(samples, config::LossOn::Response, at::kCPU);
    EXPECT_THAT(list(rows.tokens.ids), testing::ElementsAre(5, 6, 7, 8, 1)); // the last token predicts nothing
    EXPECT_THAT(rows.tokens.lengths, testing::ElementsAre(4, 1));
    EXPECT_THAT(list(rows.index), testing::ElementsAre(2, 3, 4));
    EXPECT_THAT(list(rows.inputIds), testing::ElementsAre(7, 8, 1));
    EXPECT_THAT(list(rows.labels), testing::ElementsAre(8, 9, 2));
    EXPECT_THAT(rows.rowsPerSample, testing::ElementsAre(2, 1));
    EXPECT_THAT(list(packRows(samples, config::LossOn::All, at::kCPU).index), testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(PaddedRows, KeepTheResponseRowsAndListEveryOtherPosition)
{
    const dataset::Sample sample = sampleOf({5, 6, 7, 8, 9}, 3);
    const dataset::Sample other = sampleOf({1, 2}, 1);
    const dataset::Sample* samples[] = {&sample, &other};
    const PaddedRows padded = padRows(samples, config::LossOn::Response, 5, /*padding=*/4, at::kCPU);
    EXPECT_THAT(list(padded.rows.tokens.ids), testing::ElementsAre(5, 6, 7, 8, 4, 1, 4, 4, 4, 4));
    EXPECT_THAT(padded.rows.tokens.lengths, testing::ElementsAre(5, 5));
    EXPECT_THAT(padded.rows.tokens.padding, testing::ElementsAre(1, 4));
    EXPECT_THAT(list(padded.rows.index), testing::ElementsAre(2, 3, 5));
    EXPECT_THAT(list(padded.rows.labels), testing::ElementsAre(8, 9, 2));
    EXPECT_THAT(padded.rows.rowsPerSample, testing::ElementsAre(2, 1));
    EXPECT_THAT(list(padded.outside), testing::ElementsAre(0, 1, 4, 6, 7, 8, 9));
    EXPECT_THAT(padded.outsidePerSample, testing::ElementsAre(3, 4));
}

} // namespace dskd::batch
