// MiniLLM's mathematics: closed cases, and the whole loss against autograd through whole matrices.

#include "core/distill/policy_gradient.h"
#include "core/kernels/head_loss.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dskd::distill
{
namespace
{

using support::Draw;
using support::expectNear;
constexpr double kExact = 1e-10;

at::Tensor numbers(const std::vector<double>& values)
{
    return at::tensor(values, at::kDouble);
}

TEST(TokenRewards, AreTheScaledLogRatioWithinTheClip)
{
    const at::Tensor rewards = tokenRewards(numbers({-1.0, -2.0, -300.0}), numbers({-2.0, -1.5, -1.0}), 0.5, 100.0);
    expectNear(rewards, numbers({-2.0, 1.0, 100.0}), kExact, "rewards");
}

TEST(TokenReturns, DiscountToTheEndOfEachAnswer)
{
    const std::vector<std::int64_t> lengths{3, 1};
    const at::Tensor rewards = numbers({1.0, 2.0, 4.0, 8.0});
    expectNear(tokenReturns(rewards, lengths, 0.5, false, false), numbers({3.0, 4.0, 4.0, 8.0}), kExact, "plain");
    expectNear(tokenReturns(rewards, lengths, 0.5, true, false), numbers({1.0, 2.0, 4.0, 8.0}), kExact, "per token");
    expectNear(tokenReturns(rewards, lengths, 0.5, false, true), numbers({4.0, 4.0, 0.0, 0.0}), kExact, "from next");
    expectNear(tokenReturns(rewards, lengths, 0.5, true, true), numbers({2.0, 4.0, 0.0, 0.0}), kExact, "both");
    EXPECT_THROW((void)tokenReturns(rewards, std::vector<std::int64_t>{3}, 0.5, true, true), c10::Error);
}

TEST(TokenReturns, WithoutDiscountAreTheSumsThatRemain)
{
    Draw draw(3);
    const at::Tensor rewards = draw.normal({7});
    const at::Tensor sums = rewards.flip(0).cumsum(0).flip(0);
    expectNear(tokenReturns(rewards, std::vector<std::int64_t>{7}, 1.0, false, false), sums, kExact, "sums");
}

TEST(Whitened, HasMeanZeroAndDeviationOneWhateverTheScale)
{
    Draw draw(4);
    const at::Tensor values = draw.normal({50}, 3.0) + 7.0;
    const at::Tensor white = whitened(values);
    EXPECT_NEAR(white.mean().item<double>(), 0.0, kExact);
    EXPECT_NEAR(white.square().mean().item<double>(), 1.0, kExact);
    expectNear(whitened(values * 5.0 - 2.0), white, kExact, "scaled and shifted");
    EXPECT_TRUE(whitened(at::full({5}, 0.3, at::kDouble)).eq(0.0).all().item<bool>()) << "no spread, no credit";
}

TEST(ImportanceWeights, UndoTheMixture)
{
    const at::Tensor q = numbers({0.5, 0.1, 0.4});
    const at::Tensor p = numbers({0.2, 0.7, 0.1});
    for (const double mix : {0.0, 0.2, 0.9}) {
        const at::Tensor weights = importanceWeights(q.log(), p.log(), mix);
        const at::Tensor mixture = (1.0 - mix) * q + mix * p;
        expectNear(mixture * weights, q, kExact, "the mixture, weighted, is the student");
    }
}

TEST(ClippedSurrogate, HoldsWhatWouldGoTooFarAndNothingElse)
{
    // ratios 1.5, 1.5, 0.5, 0.5, 1.1
    const at::Tensor ratio = numbers({1.5, 1.5, 0.5, 0.5, 1.1});
    const at::Tensor advantages = numbers({2.0, -2.0, 2.0, -2.0, 3.0});
    const Surrogate s = clippedSurrogate(ratio.log() - 3.0, at::full({5}, -3.0, at::kDouble),
                                         at::ones({5}, at::kDouble), advantages, 0.2);
    // a good token that became likelier and a bad one that became rarer have had enough
    expectNear(s.values, numbers({-2.4, 3.0, -1.0, 1.6, -3.3}), kExact, "values");
    expectNear(s.gradient, numbers({0.0, 3.0, -1.0, 0.0, -3.3}), kExact, "gradient");
    EXPECT_EQ(s.clipped.sum().item<std::int64_t>(), 2);
}

// Autograd through whole matrices: log-softmax, ratio, clamp, maximum; reverse KL of every row.
at::Tensor oracleLoss(const PolicyRows& rows, const config::PolicyGradientConfig& config)
{
    const at::Tensor logits = at::mm(rows.student.hidden, rows.student.head.t());
    const at::Tensor logProbs = -oracle::crossEntropy(logits, rows.student.labels);
    const at::Tensor ratio = rows.weights * (logProbs - rows.oldLogProbs).exp();
    const at::Tensor held = ratio.clamp(1.0 - config.clipRatio, 1.0 + config.clipRatio);
    at::Tensor loss = at::maximum(-rows.advantages * ratio, -rows.advantages * held).sum();
    if (config.singleStep) {
        kernels::DivergenceOptions options;
        options.distance = Distance::Rkl;
        loss = loss + oracle::distances(logits, at::mm(rows.teacher.hidden, rows.teacher.head.t()), options).sum();
    }
    return loss / rows.denominator;
}

PolicyRows randomPolicyRows()
{
    const batch::StepRows base = support::randomRows(support::kSameVocabulary);
    PolicyRows rows;
    rows.student = base.student;
    rows.teacher = base.teacher;
    const std::int64_t count = rows.student.hidden.size(0);
    Draw draw(11);
    rows.oldLogProbs = kernels::labelLogProbs({rows.student.hidden, rows.student.head}, rows.student.labels, 4) +
                       draw.normal({count}, 0.3);
    rows.weights = draw.normal({count}, 0.1).abs() + 0.9;
    rows.advantages = draw.normal({count});
    rows.denominator = 17.0;
    return rows;
}

TEST(PolicyGradientLoss, HasTheValueAndGradientOfTheEagerOracleWhateverTheChunks)
{
    for (const bool singleStep : {false, true}) {
        config::PolicyGradientConfig config;
        config.singleStep = singleStep;
        const PolicyRows base = randomPolicyRows();
        for (const std::int64_t chunkRows : {1, 4, 100}) {
            PolicyRows rows = base;
            PolicyRows twin = base;
            for (PolicyRows* each : {&rows, &twin}) {
                each->student.hidden = base.student.hidden.detach().clone().requires_grad_(true);
                each->student.head = base.student.head.detach().clone().requires_grad_(true);
            }
            const LossTerms terms = policyGradientLoss(rows, config, chunkRows);
            const at::Tensor expected = oracleLoss(twin, config);
            EXPECT_NEAR(terms.values.at("loss"), expected.item<double>(), kExact);
            EXPECT_EQ(terms.values.contains("single_step_loss"), singleStep);
            const double share = terms.values.at("clip_share") * 17.0 / 13.0;
            EXPECT_GT(share, 0.0) << "nothing is clipped: the rows test nothing";
            EXPECT_LT(share, 1.0);
            terms.loss.backward();
            expected.backward();
            expectNear(rows.student.hidden.grad(), twin.student.hidden.grad(), kExact, "hidden");
            expectNear(rows.student.head.grad(), twin.student.head.grad(), kExact, "head");
        }
    }
}

TEST(PolicyGradientLoss, IsTheSumOfItsTermsInItsGradient)
{
    const config::PolicyGradientConfig config; // with the single-step term
    const PolicyRows base = randomPolicyRows();
    const auto gradientOf = [&](std::string_view only) {
        PolicyRows rows = base;
        rows.student.hidden = base.student.hidden.detach().clone().requires_grad_(true);
        rows.student.head = base.student.head.detach().clone().requires_grad_(true);
        policyGradientLoss(rows, config, 4, only).loss.backward();
        return at::cat({rows.student.hidden.grad().flatten(), rows.student.head.grad().flatten()});
    };
    const at::Tensor surrogate = gradientOf("pg_loss");
    const at::Tensor singleStep = gradientOf("single_step_loss");
    EXPECT_GT(surrogate.abs().max().item<double>(), 1e-3);
    EXPECT_GT(singleStep.abs().max().item<double>(), 1e-3);
    expectNear(surrogate + singleStep, gradientOf({}), kExact, "sum of the terms");
    config::PolicyGradientConfig without = config;
    without.singleStep = false;
    PolicyRows rows = base;
    rows.student.hidden = base.student.hidden.detach().clone().requires_grad_(true);
    rows.student.head = base.student.head.detach().clone().requires_grad_(true);
    policyGradientLoss(rows, without, 4).loss.backward();
    expectNear(surrogate, at::cat({rows.student.hidden.grad().flatten(), rows.student.head.grad().flatten()}), kExact,
               "pg_loss");
}

// With every token of a tiny vocabulary weighted by its probability, the expected policy gradient of one-token answers
// is the gradient of the reverse KL itself.
TEST(PolicyGradientLoss, OfAllAnswersIsTheGradientOfTheReverseKl)
{
    constexpr std::int64_t kTokens = 5;
    Draw draw(5);
    const at::Tensor hidden = draw.normal({1, 4}).requires_grad_(true);
    const at::Tensor head = draw.normal({kTokens, 4});
    const at::Tensor teacher = draw.normal({1, kTokens});
    const at::Tensor q = at::softmax(at::mm(hidden, head.t()), 1).detach();
    PolicyRows rows;
    rows.student.hidden = hidden.expand({kTokens, 4});
    rows.student.head = head;
    rows.student.labels = at::arange(kTokens);
    rows.oldLogProbs = q.log().squeeze(0);
    rows.weights = at::ones({kTokens}, at::kDouble);
    const at::Tensor rewards = tokenRewards(q.log().squeeze(0), at::log_softmax(teacher, 1).squeeze(0), 1.0, 1e6);
    rows.advantages = rewards * q.squeeze(0); // each as often as it is sampled
    config::PolicyGradientConfig config;
    config.singleStep = false;
    policyGradientLoss(rows, config, 2).loss.backward();
    const at::Tensor fromPolicy = hidden.grad().clone();
    hidden.mutable_grad().zero_();
    kernels::DivergenceOptions options;
    options.distance = Distance::Rkl;
    oracle::distances(at::mm(hidden, head.t()), teacher, options).sum().backward();
    expectNear(fromPolicy, hidden.grad(), kExact, "gradient");
}

TEST(PolicyGradientLoss, TakesTheTeacherAndWhatWasSampledForConstants)
{
    config::PolicyGradientConfig config;
    PolicyRows rows = randomPolicyRows();
    rows.student.hidden.requires_grad_(true);
    rows.teacher.hidden.requires_grad_(true);
    rows.advantages.requires_grad_(true);
    policyGradientLoss(rows, config, 4).loss.backward();
    EXPECT_FALSE(rows.teacher.hidden.grad().defined());
    EXPECT_FALSE(rows.advantages.grad().defined());
    EXPECT_TRUE(rows.student.hidden.grad().defined());
}

// An answer of one token, every token of the vocabulary weighed by its probability: what sampling yields on average.
// Lowering the loss must lower KL(q || p), by exactly its gradient.
TEST(PolicyGradientLoss, OfAnswersOfOneTokenHasTheGradientOfTheReverseKl)
{
    Draw draw(17);
    const std::int64_t vocabulary = 9;
    const at::Tensor head = draw.normal({vocabulary, 4});
    const at::Tensor teacher = at::log_softmax(draw.normal({vocabulary}), 0);
    at::Tensor hidden = draw.normal({1, 4}).requires_grad_(true);

    const at::Tensor q = at::log_softmax(at::mm(hidden, head.t()), 1).squeeze(0);
    const at::Tensor reverseKl = (q.exp() * (q - teacher)).sum();
    reverseKl.backward();
    const at::Tensor expected = hidden.grad().clone();
    hidden.mutable_grad().reset();

    PolicyRows rows;
    rows.student.hidden = hidden.expand({vocabulary, 4}).contiguous();
    rows.student.labels = at::arange(vocabulary, at::kLong);
    rows.student.head = head;
    rows.oldLogProbs = q.detach();
    rows.weights = at::ones({vocabulary}, at::kDouble);
    rows.advantages = q.detach().exp() * tokenRewards(q.detach(), teacher, 1.0, 100.0);
    config::PolicyGradientConfig config;
    config.singleStep = false;
    policyGradientLoss(rows, config, 4).loss.backward();
    expectNear(hidden.grad(), expected, kExact, "gradient");
    EXPECT_GT(expected.abs().max().item<double>(), 0.01) << "there is one to compare";
}

} // namespace
} // namespace dskd::distill
