#include "core/train/evaluate/token_score.h"

#include "core/batch/packed_rows.h"
#include "tests/support/tiny_training.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace dskd::train
{
namespace
{

std::vector<const dataset::Sample*> samplesOf(const std::vector<Example>& examples)
{
    std::vector<const dataset::Sample*> samples;
    for (const Example& example : examples) {
        samples.push_back(&example.student);
    }
    return samples;
}

} // namespace

TEST(TokenScore, IsTheMeanOverScoredTokensWhateverBatchAndChunk)
{
    const auto model = test::tinyModel(16, 3);
    auto examples = test::tinyExamples(7, 9);
    double loss = 0.0;
    std::int64_t tokens = 0;
    std::int64_t correct = 0;
    for (Example& example : examples) { // one sample at a time, in float64
        const dataset::Sample* sample = &example.student;
        const auto rows = batch::packRows({&sample, 1}, config::LossOn::Response, at::kCPU);
        const at::Tensor hidden = model->hiddenStates(rows.tokens).index_select(0, rows.index).to(at::kDouble);
        const at::Tensor logProbs = at::log_softmax(hidden.matmul(model->head().to(at::kDouble).t()), 1);
        const at::Tensor likeliest = logProbs.argmax(1);
        at::Tensor labels = rows.labels.clone();
        labels[-1] = likeliest[-1]; // each ends as the model would end it, so that some tokens are right
        example.student.ids.back() = static_cast<tokenizer::TokenId>(labels[-1].item<std::int64_t>());
        loss -= logProbs.gather(1, labels.unsqueeze(1)).sum().item<double>();
        tokens += labels.numel();
        correct += likeliest.eq(labels).sum().item<std::int64_t>();
    }
    for (const auto& [batch, chunk] : {std::pair{1, 1}, {3, 4}, {16, 256}}) {
        const TokenScore score = scoreTokens(*model, samplesOf(examples), config::LossOn::Response, batch, chunk);
        EXPECT_EQ(score.tokens, tokens);
        EXPECT_NEAR(score.loss, loss / static_cast<double>(tokens), 1e-5); // float32 logits of size about 1
        EXPECT_DOUBLE_EQ(score.accuracy, static_cast<double>(correct) / static_cast<double>(tokens));
    }
}

TEST(TokenScore, IsOfTheCappedLogitsWhereTheHeadCapsThem)
{
    model::ModelConfig config = test::tinyModel(16, 3)->config();
    config.original.clear();
    config.family = model::findFamily("gemma2");
    config.activation = "gelu_pytorch_tanh";
    config.slidingWindow = 4;
    config.windowedLayers = {true, false};
    config.headSoftcap = 0.5;
    const auto model = model::createCausalLm(config, 3).value();
    const auto examples = test::tinyExamples(5, 9);
    double loss = 0.0;
    std::int64_t tokens = 0;
    for (const Example& example : examples) {
        const dataset::Sample* sample = &example.student;
        const auto rows = batch::packRows({&sample, 1}, config::LossOn::Response, at::kCPU);
        const at::Tensor hidden = model->hiddenStates(rows.tokens).index_select(0, rows.index).to(at::kDouble);
        const at::Tensor logits = at::tanh(hidden.matmul(model->head().to(at::kDouble).t()) / 0.5) * 0.5;
        loss -= at::log_softmax(logits, 1).gather(1, rows.labels.unsqueeze(1)).sum().item<double>();
        tokens += rows.labels.numel();
    }
    const TokenScore score = scoreTokens(*model, samplesOf(examples), config::LossOn::Response, 2, 4);
    EXPECT_NEAR(score.loss, loss / static_cast<double>(tokens), 1e-5);
}

TEST(TokenScore, OfNothingIsZero)
{
    const auto model = test::tinyModel(16, 3);
    EXPECT_EQ(scoreTokens(*model, {}, config::LossOn::Response, 4, 16).tokens, 0);
}

} // namespace dskd::train
