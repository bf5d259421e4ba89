#include "core/metrics/metric_table.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace dskd::metrics
{
namespace
{

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Range kNotNegative{0.0, kInfinity};
constexpr Range kShare{0.0, 1.0};

constexpr std::string_view kAtValidations = "It is measured every validation.every steps.";
constexpr std::string_view kAtProbes =
    "It is measured every log.probe_every steps on log.probe_samples samples, with a teacher.";
constexpr std::string_view kOneTokenizer = "It is measured every log.probe_every steps on log.probe_samples samples, "
                                           "with a teacher of the same tokenizer.";
constexpr std::string_view kAtTheStart = "It is measured once, before the first step, with projector.init pinv.";

constexpr Metric kMetrics[] = {
    {.name = kLoss,
     .title = "loss",
     .sentence = "What is minimised: the weighted sum of the method's terms, a mean over the step's tokens.",
     .group = Group::Loss,
     .perToken = true,
     .inLoss = InLoss::Whole,
     .headline = 5},
    {.name = "nll_loss",
     .title = "cross-entropy",
     .sentence = "Cross-entropy of the student on the tokens that it is trained on.",
     .group = Group::Loss,
     .unit = Unit::Nats,
     .range = kNotNegative,
     .better = Better::Lower,
     .perToken = true,
     .inLoss = InLoss::Term,
     .headline = 4},
    {.name = "accuracy",
     .title = "token accuracy",
     .sentence = "Share of the tokens trained on that the student finds most probable.",
     .group = Group::Loss,
     .unit = Unit::Share,
     .range = kShare,
     .better = Better::Higher,
     .perToken = true},

    {.name = kValidationLoss,
     .title = "validation loss",
     .sentence = "Cross-entropy of the student on the validation data.",
     .group = Group::Validation,
     .unit = Unit::Nats,
     .range = kNotNegative,
     .better = Better::Lower,
     .perToken = true,
     .headline = 1,
     .shortTitle = "val. loss",
     .recorded = kAtValidations},
    {.name = kRougeL,
     .title = "ROUGE-L",
     .sentence = "Longest common subsequence of generated and reference answers, F1, the mean over the answers.",
     .group = Group::Validation,
     .unit = Unit::Share,
     .range = kShare,
     .better = Better::Higher,
     .headline = 2,
     .recorded = "It needs validation.generate_samples above 0, and comes every validation.every steps."},
    {.name = "validation.accuracy",
     .title = "validation token accuracy",
     .sentence = "Share of the validation data's tokens that the student finds most probable.",
     .group = Group::Validation,
     .unit = Unit::Share,
     .range = kShare,
     .better = Better::Higher,
     .perToken = true,
     .recorded = kAtValidations},
    {.name = "validation.exact_match",
     .title = "exact match",
     .sentence = "Share of the generated answers whose final answer is that of the reference.",
     .group = Group::Validation,
     .unit = Unit::Share,
     .range = kShare,
     .better = Better::Higher,
     .recorded = "Evaluations record it."},

    {.name = "kd_loss",
     .title = "distillation loss",
     .sentence = "Sum of the terms of distillation, before method.kd_rate.",
     .group = Group::Distillation,
     .inLoss = InLoss::Sum},
    {.name = "t2s_ce_loss",
     .title = "t2s cross-entropy",
     .sentence = "Cross-entropy of the projected teacher through the student's head: what trains the projector.",
     .group = Group::Distillation,
     .unit = Unit::Nats,
     .range = kNotNegative,
     .perToken = true,
     .inLoss = InLoss::Term},
    {.name = "t2s_kd_loss",
     .title = "t2s distance",
     .sentence = "Distance of the student from the projected teacher in the student space.",
     .group = Group::Distillation,
     .perToken = true,
     .inLoss = InLoss::Term},
    {.name = "s2t_kd_loss",
     .title = "s2t distance",
     .sentence = "Distance of the projected student from the teacher in the teacher space.",
     .group = Group::Distillation,
     .perToken = true,
     .inLoss = InLoss::Term},
    {.name = "t2s_acc",
     .title = "t2s accuracy",
     .sentence = "Share of the tokens where the projected teacher finds its label most probable.",
     .group = Group::Distillation,
     .unit = Unit::Share,
     .range = kShare,
     .better = Better::Higher,
     .perToken = true},
    {.name = "s2t_acc",
     .title = "s2t accuracy",
     .sentence = "Share of the tokens where the projected student finds the teacher's token most probable.",
     .group = Group::Distillation,
     .unit = Unit::Share,
     .range = kShare,
     .better = Better::Higher,
     .perToken = true},
    {.name = "max_t2s_prob",
     .title = "t2s confidence",
     .sentence = "Mean of the largest probability of the projected teacher.",
     .group = Group::Distillation,
     .unit = Unit::Share,
     .range = kShare},
    {.name = "t2s_agreement",
     .title = "t2s agreement",
     .sentence = "Share of the tokens that the agreement mask keeps: the projected teacher predicts its label.",
     .group = Group::Distillation,
     .unit = Unit::Share,
     .range = kShare},
    {.name = "probe.agreement",
     .title = "t2s agreement, probe samples",
     .sentence = "Share of the tokens where the projected teacher predicts what the teacher does.",
     .group = Group::Distillation,
     .unit = Unit::Share,
     .range = kShare,
     .recorded = kAtProbes},
    {.name = "align_ratio",
     .title = "aligned tokens",
     .sentence = "Share of the student's tokens that have a partner on the teacher's side.",
     .group = Group::Distillation,
     .unit = Unit::Share,
     .range = kShare},
    {.name = "t2s_init_error",
     .title = "t2s initial error",
     .sentence = "By how much of its norm the first projector into the student space misses the head.",
     .group = Group::Distillation,
     .range = kNotNegative,
     .recorded = kAtTheStart},
    {.name = "t2s_init_floor",
     .title = "t2s least error",
     .sentence = "Less no projector of this width into the student space could miss.",
     .group = Group::Distillation,
     .range = kNotNegative,
     .recorded = kAtTheStart},
    {.name = "s2t_init_error",
     .title = "s2t initial error",
     .sentence = "By how much of its norm the first projector into the teacher space misses the head.",
     .group = Group::Distillation,
     .range = kNotNegative,
     .recorded = kAtTheStart},
    {.name = "s2t_init_floor",
     .title = "s2t least error",
     .sentence = "Less no projector of this width into the teacher space could miss.",
     .group = Group::Distillation,
     .range = kNotNegative,
     .recorded = kAtTheStart},

    {.name = kStructureCosine,
     .title = "structure distance (cosine)",
     .sentence = "Difference of the cosines between all pairs of hidden states, the mean per pair.",
     .group = Group::Structure,
     .range = {0.0, 2.0},
     .recorded = kOneTokenizer},
    {.name = "structure.cosine",
     .title = "structure distance (cosine, sum)",
     .sentence = "Difference of the cosines between all pairs of hidden states, summed over the pairs.",
     .group = Group::Structure,
     .range = kNotNegative,
     .recorded = kOneTokenizer},
    {.name = kStructureProduct,
     .title = "structure distance (inner product)",
     .sentence = "Difference of the normalised inner products between all pairs of hidden states, the mean over rows.",
     .group = Group::Structure,
     .range = kNotNegative,
     .recorded = kOneTokenizer},
    {.name = "structure.product",
     .title = "structure distance (inner product, sum)",
     .sentence = "Difference of the normalised inner products between all pairs of hidden states, summed over the "
                 "pairs.",
     .group = Group::Structure,
     .range = kNotNegative,
     .recorded = kOneTokenizer},

    {.name = "kq_loss",
     .title = "key-query loss",
     .sentence = "What the matching of queries and keys minimises, before key_query.rate.",
     .group = Group::KeyQuery,
     .inLoss = InLoss::Term},
    {.name = "kq_accuracy",
     .title = "discriminator's accuracy",
     .sentence = "Share of queries and keys that the discriminator classifies correctly; 0.5 is chance.",
     .group = Group::KeyQuery,
     .unit = Unit::Share,
     .range = kShare},
    {.name = "kq_mmd",
     .title = "key-query MMD",
     .sentence = "Squared maximum mean discrepancy between queries and keys; about 0 for one distribution.",
     .group = Group::KeyQuery},
    {.name = "kq_sliced_w",
     .title = "key-query sliced Wasserstein distance",
     .sentence = "Sliced 2-Wasserstein distance between queries and keys.",
     .group = Group::KeyQuery,
     .range = kNotNegative},
    {.name = "kq_cosine",
     .title = "key-query cosine",
     .sentence = "Mean cosine between queries and keys.",
     .group = Group::KeyQuery,
     .range = {-1.0, 1.0}},
    {.name = "probe.kq_*",
     .title = "key-query *, probe samples",
     .sentence = "The same between queries and keys of the probe samples, without dropout.",
     .group = Group::KeyQuery,
     .recorded = kAtProbes},

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

    {.name = "pg_loss",
     .title = "policy-gradient loss",
     .sentence = "Clipped surrogate of the policy gradient.",
     .group = Group::PolicyGradient,
     .inLoss = InLoss::Term},
    {.name = "single_step_loss",
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

    {.name = "grad_norm",
     .title = "gradient norm",
     .sentence = "Norm of all gradients before clipping.",
     .group = Group::Optimisation,
     .range = kNotNegative},
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
     .group = Group::Optimisation,
     .unit = Unit::TokensPerSecond,
     .range = kNotNegative,
     .better = Better::Higher,
     .isCost = true},
    {.name = "step_seconds",
     .title = "seconds per step",
     .sentence = "How long the step took.",
     .group = Group::Optimisation,
     .unit = Unit::Seconds,
     .range = kNotNegative,
     .better = Better::Lower,
     .isCost = true},
    {.name = kMemory,
     .title = "memory",
     .sentence = "Memory in use after the step, on the device that trains.",
     .group = Group::Optimisation,
     .unit = Unit::Bytes,
     .range = kNotNegative,
     .better = Better::Lower,
     .isCost = true},
    {.name = kSeconds,
     .title = "seconds",
     .sentence = "Time that workers spent on the run, over all attempts.",
     .group = Group::Optimisation,
     .unit = Unit::Seconds,
     .range = kNotNegative,
     .better = Better::Lower,
     .isCost = true,
     .headline = 3},
};

// What a comparison makes of the points of a metric, in the order of its columns.
enum class End { Best, Itself, Last };
constexpr std::pair<End, std::string_view> kEnds[] = {{End::Best, ".best"}, {End::Last, ".last"}};

struct Found {
    const Metric* row = nullptr;
    std::string_view name; // without the end
    std::string_view rest; // what the * of a family's row stands for
    End end = End::Itself;
};

Found find(std::string_view name)
{
    Found found;
    found.name = name;
    for (const auto& [end, text] : kEnds) {
        if (name.ends_with(text) && name.size() > text.size()) {
            found.name.remove_suffix(text.size());
            found.end = end;
        }
    }
    for (const Metric& row : kMetrics) {
        if (row.name == found.name) {
            found.row = &row;
            return found;
        }
    }
    for (const Metric& row : kMetrics) {
        if (row.name.ends_with('*') && found.name.starts_with(row.name.substr(0, row.name.size() - 1))) {
            found.row = &row;
            found.rest = found.name.substr(row.name.size() - 1);
        }
    }
    return found;
}

std::string written(const Found& found, std::string_view title)
{
    std::string text(found.row == nullptr ? found.name : title);
    if (const std::size_t star = text.find('*'); found.row != nullptr && star != std::string::npos) {
        text.replace(star, 1, found.rest);
    }
    return text + (found.end == End::Best ? " (best)" : found.end == End::Last ? " (last)" : "");
}

std::string_view textOf(Unit unit)
{
    switch (unit) {
    case Unit::None: return {};
    case Unit::Nats: return "nats";
    case Unit::Share: return "share, 0 to 1";
    case Unit::Tokens: return "tokens";
    case Unit::TokensPerSecond: return "tokens per second";
    case Unit::Seconds: return "seconds";
    case Unit::Bytes: return "bytes";
    }
    return {};
}

} // namespace

std::span<const Metric> allMetrics()
{
    return kMetrics;
}

const Metric* findMetric(std::string_view name)
{
    return find(name).row;
}

std::string titleOf(std::string_view name)
{
    const Found found = find(name);
    return written(found, found.row == nullptr ? std::string_view() : found.row->title);
}

std::string shortTitleOf(std::string_view name)
{
    const Found found = find(name);
    return found.row == nullptr || found.row->shortTitle.empty() ? titleOf(name)
                                                                 : written(found, found.row->shortTitle);
}

std::string descriptionOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    if (row == nullptr) {
        return {};
    }
    const std::string_view unit = textOf(row->unit);
    return std::string(row->sentence) + (unit.empty() ? "" : " (" + std::string(unit) + ")");
}

Better betterOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row == nullptr ? Better::Unknown : row->better;
}

Unit unitOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row == nullptr ? Unit::None : row->unit;
}

Group groupOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row == nullptr ? Group::Other : row->group;
}

bool isPerToken(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row != nullptr && row->perToken;
}

bool isCost(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row != nullptr && row->isCost;
}

std::string_view titleOf(Group group)
{
    switch (group) {
    case Group::Loss: return "Loss";
    case Group::Validation: return "Validation";
    case Group::Distillation: return "Distillation terms";
    case Group::Structure: return "Distance between teacher and student structure";
    case Group::KeyQuery: return "Queries against keys";
    case Group::OwnAnswers: return "Answers of the student's own";
    case Group::PolicyGradient: return "Policy gradient";
    case Group::Optimisation: return "Optimisation";
    case Group::Other: return "Other";
    }
    return {};
}

std::vector<std::string> headlineMetrics(const std::vector<std::string>& available)
{
    std::vector<std::tuple<End, int, std::string>> places;
    for (const std::string& name : available) {
        if (const Found found = find(name); found.row != nullptr && found.row->headline > 0) {
            places.emplace_back(found.end, found.row->headline, name);
        }
    }
    std::sort(places.begin(), places.end());
    std::vector<std::string> names;
    names.reserve(places.size());
    for (auto& [end, headline, name] : places) {
        names.push_back(std::move(name));
    }
    return names;
}

std::vector<std::string> inTableOrder(std::vector<std::string> names)
{
    const auto place = [](const std::string& name) {
        const Metric* row = findMetric(name);
        return std::pair(row == nullptr ? std::end(kMetrics) : row, std::string_view(name));
    };
    std::sort(names.begin(), names.end(),
              [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
    return names;
}

std::span<const std::string_view> lossTerms()
{
    static const std::vector<std::string_view> terms = [] {
        std::vector<std::string_view> all;
        for (const InLoss part : {InLoss::Term, InLoss::Sum, InLoss::Whole}) {
            for (const Metric& row : kMetrics) {
                if (row.inLoss == part) {
                    all.push_back(row.name);
                }
            }
        }
        return all;
    }();
    return terms;
}

} // namespace dskd::metrics
