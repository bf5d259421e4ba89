// Rows of own answers, of the policy gradient, of the optimiser and of the machine.

#include "core/metrics/loss_names.h"
#include "core/metrics/metric_rows.h"

#include <algorithm>
#include <array>

namespace dskd::metrics
{
namespace
{

// kTermGradientNorm and the name of a term, joined when this is compiled.
template <const std::string_view& Term>
constexpr auto joined()
{
    std::array<char, kTermGradientNorm.size() + Term.size()> text{};
    std::copy(Term.begin(), Term.end(), std::copy(kTermGradientNorm.begin(), kTermGradientNorm.end(), text.begin()));
    return text;
}
template <const std::string_view& Term>
constexpr auto kJoined = joined<Term>();
template <const std::string_view& Term>
constexpr std::string_view kGradientNormOf{kJoined<Term>.data(), kJoined<Term>.size()};

constexpr Metric kMetrics[] = {
    {.name = "on_policy.tokens",
     .title = "own tokens",
     .sentence = "Tokens of the student's own answers that the step distilled on.",
     .group = Group::OwnAnswers,
     .unit = Unit::Tokens,
     .range = kNotNegative},
    {.name = "on_policy.replayed",
     .title = "own tokens replayed",
     .sentence = "Those of them that came from the replay buffer.",
     .group = Group::OwnAnswers,
     .unit = Unit::Tokens,
     .range = kNotNegative},
    {.name = "on_policy.threshold",
     .title = "share of own answers",
     .sentence = "Share of the micro-batches that the adaptive schedule distils on the student's own answers.",
     .group = Group::OwnAnswers,
     .unit = Unit::Share,
     .range = kShare},

    {.name = kPolicyGradientLoss,
     .title = "policy-gradient loss",
     .sentence = "Clipped surrogate of the policy gradient.",
     .group = Group::PolicyGradient,
     .inLoss = InLoss::Term},
    {.name = kSingleStepLoss,
     .title = "single-step reverse KL",
     .sentence = "Reverse KL of every single position of the sampled answers.",
     .group = Group::PolicyGradient,
     .unit = Unit::Nats,
     .perToken = true,
     .inLoss = InLoss::Term},
    {.name = "reward",
     .title = "reward",
     .sentence = "Mean reward of the sampled tokens, scaled and clipped.",
     .group = Group::PolicyGradient,
     .better = Better::Higher},
    {.name = "rev_kl",
     .title = "reverse KL",
     .sentence = "Mean of log q - log p over the sampled tokens.",
     .group = Group::PolicyGradient,
     .unit = Unit::Nats,
     .better = Better::Lower,
     .perToken = true},
    {.name = "answer_length",
     .title = "answer length",
     .sentence = "Mean length of the sampled answers.",
     .group = Group::PolicyGradient,
     .unit = Unit::Tokens,
     .range = kNotNegative},
    {.name = "clip_share",
     .title = "clipped tokens",
     .sentence = "Share of the sampled tokens whose importance weight is clipped, so that they have no gradient.",
     .group = Group::PolicyGradient,
     .unit = Unit::Share,
     .range = kShare},

    {.name = kGradientNorm,
     .title = "gradient norm",
     .sentence = "Norm of all gradients before clipping.",
     .group = Group::Optimisation,
     .range = kNotNegative},
    {.name = kGradientNormOf<kNllLoss>,
     .title = "gradient norm, cross-entropy",
     .sentence = "Norm of the gradient of the weighted cross-entropy by the student's weights.",
     .group = Group::Optimisation,
     .range = kNotNegative,
     .recorded = kOnRequest},
    {.name = kGradientNormOf<kKdLoss>,
     .title = "gradient norm, distance in different spaces",
     .sentence = "Norm of the gradient of the weighted distillation loss by the student's weights, where each model "
                 "keeps its own head.",
     .group = Group::Optimisation,
     .range = kNotNegative,
     .recorded = kOnRequest},
    {.name = kGradientNormOf<kT2sKdLoss>,
     .title = "gradient norm, t2s distance",
     .sentence = "Norm of the gradient of the weighted distance in the student space by the student's weights.",
     .group = Group::Optimisation,
     .range = kNotNegative,
     .recorded = kOnRequest},
    {.name = kGradientNormOf<kS2tKdLoss>,
     .title = "gradient norm, s2t distance",
     .sentence = "Norm of the gradient of the weighted distance in the teacher space by the student's weights.",
     .group = Group::Optimisation,
     .range = kNotNegative,
     .recorded = kOnRequest},
    {.name = kGradientNormOf<kPolicyGradientLoss>,
     .title = "gradient norm, policy-gradient loss",
     .sentence = "Norm of the gradient of the clipped surrogate by the student's weights.",
     .group = Group::Optimisation,
     .range = kNotNegative,
     .recorded = kOnRequest},
    {.name = kGradientNormOf<kSingleStepLoss>,
     .title = "gradient norm, single-step reverse KL",
     .sentence = "Norm of the gradient of the single-step reverse KL by the student's weights.",
     .group = Group::Optimisation,
     .range = kNotNegative,
     .recorded = kOnRequest},
    {.name = "lr",
     .title = "learning rate",
     .sentence = "Learning rate of the student.",
     .group = Group::Optimisation,
     .range = kNotNegative},
    {.name = "projector_lr",
     .title = "learning rate of the projectors",
     .sentence = "Learning rate of the projectors.",
     .group = Group::Optimisation,
     .range = kNotNegative},
    {.name = "critic_lr",
     .title = "learning rate of the critics",
     .sentence = "Learning rate of discriminator and critics.",
     .group = Group::Optimisation,
     .range = kNotNegative},
    {.name = "epoch",
     .title = "epoch",
     .sentence = "Passes over the training data so far.",
     .group = Group::Optimisation,
     .range = kNotNegative},

    {.name = kTokensPerSecond,
     .title = "tokens per second",
     .sentence = "Tokens that the student has read in a second of the step.",
     .group = Group::Machine,
     .unit = Unit::TokensPerSecond,
     .range = kNotNegative,
     .better = Better::Higher,
     .isCost = true},
    {.name = "generated_tokens_per_second",
     .title = "generated tokens per second",
     .sentence = "Tokens that the student has written in a second of a validation's or an evaluation's answers.",
     .group = Group::Machine,
     .unit = Unit::TokensPerSecond,
     .range = kNotNegative,
     .better = Better::Higher,
     .isCost = true},
    {.name = "step_seconds",
     .title = "seconds per step",
     .sentence = "How long the step took, without what log.gradient_norm_every measures in it.",
     .group = Group::Machine,
     .unit = Unit::Seconds,
     .range = kNotNegative,
     .better = Better::Lower,
     .isCost = true},
    {.name = kMemory,
     .title = "memory",
     .sentence = "Memory in use after the step, on the device that trains.",
     .group = Group::Machine,
     .unit = Unit::Bytes,
     .range = kNotNegative,
     .better = Better::Lower,
     .isCost = true},
    {.name = kSeconds,
     .title = "seconds",
     .sentence = "Time that workers spent on the run, over all attempts.",
     .group = Group::Machine,
     .unit = Unit::Seconds,
     .range = kNotNegative,
     .better = Better::Lower,
     .isCost = true,
     .headline = 3},
};

} // namespace

std::span<const Metric> trainingMetrics()
{
    return kMetrics;
}

} // namespace dskd::metrics
