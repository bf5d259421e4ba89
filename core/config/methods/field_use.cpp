#include "core/config/methods/field_use.h"

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/row_names.h"

#include <string>
#include <vector>

namespace dskd::config
{
namespace
{

constexpr std::string_view kComposition[] = {"method.objective", "method.space", "method.alignment", "data.answers",
                                             "method.fidelity"};
constexpr std::string_view kDistanceFields[] = {"method.distance",
                                                "method.teacher_distance",
                                                "method.temperature",
                                                "method.teacher_temperature",
                                                "method.temperature_squared",
                                                "method.kd_rate",
                                                "method.skew_lambda",
                                                "method.adaptive_alpha",
                                                "method.beta"};
constexpr std::string_view kTargets[] = {"method.t2s_target", "method.agreement_mask", "method.agreement_threshold",
                                         "method.correctness_mask"};
constexpr std::string_view kProjectors[] = {"projector.init",           "projector.bias",  "projector.s2t",
                                            "projector.top_vocabulary", "projector.rcond", "projector.lr",
                                            "projector.weight_decay"};
constexpr std::string_view kMatching[] = {"key_query.matching",
                                          "key_query.rate",
                                          "key_query.rows",
                                          "key_query.hidden",
                                          "key_query.dropout",
                                          "key_query.lr",
                                          "key_query.weight_decay",
                                          "key_query.sinkhorn_epsilon",
                                          "key_query.sinkhorn_iterations"};
constexpr const char* kOnlyWithProbes =
    "Only with log.probe_every above 0, and log.probe_samples above 0 or log.probe_lines.";
constexpr std::string_view kOnPolicy[] = {
    "on_policy.ratio",          "on_policy.schedule",  "on_policy.start_epoch", "on_policy.max_new_tokens",
    "on_policy.temperature",    "on_policy.top_p",     "on_policy.top_k",       "on_policy.threshold",
    "on_policy.threshold_step", "on_policy.tolerance", "on_policy.buffer_size", "on_policy.replay"};
constexpr std::string_view kPolicyGradient[] = {
    "policy_gradient.teacher_mix",          "policy_gradient.reward_scaling",
    "policy_gradient.reward_clip",          "policy_gradient.discount",
    "policy_gradient.length_normalisation", "policy_gradient.clip_ratio",
    "policy_gradient.inner_epochs",         "policy_gradient.rollouts",
    "policy_gradient.single_step",          "policy_gradient.data_rate"};
constexpr std::string_view kWeights[] = {"train.fine_tuning",
                                         "lora.rank",
                                         "lora.alpha",
                                         "lora.dropout",
                                         "lora.targets",
                                         "lora.saved",
                                         "student.adapter",
                                         "teacher.adapter",
                                         "train.freeze_embeddings",
                                         "train.gradient_checkpointing"};

constexpr FieldGroup kGroups[] = {
    {"Composition", "What is compared with what.", kComposition},
    {"Distance", "How far apart two distributions are, and how much that counts.", kDistanceFields},
    {"Targets and masks", "The labels of the projected teacher, and where its distribution counts.", kTargets},
    {"Projectors", "What carries hidden states into the other model's space.", kProjectors},
    {"Key-query matching", "What makes the queries of the attention look like its keys.", kMatching},
    {"On-policy answers", "Answers of the student's own to distil on.", kOnPolicy},
    {"Policy gradient", "MiniLLM's rewards and rollouts.", kPolicyGradient},
    {"Weights that learn", "All of them, low-rank updates, or all but the embeddings.", kWeights},
};

// A field, or all of a section ("projector."), has an effect only where `used` holds.
struct Rule {
    std::string_view prefix;
    bool (*used)(const Experiment&);
    std::string sentence;
};

// Whether a distance that the experiment compares by has the parameter.
template <bool DistanceRow::*parameter>
bool comparesWith(const Experiment& e)
{
    const MethodConfig& m = e.method;
    return (comparesInStudentSpace(m) && rowOf(m.distance).*parameter) ||
           (comparesInDifferentSpaces(m) && rowOf(differentSpacesDistance(m)).*parameter) ||
           (comparesInTeacherSpace(m) && rowOf(teacherSpaceDistance(m)).*parameter);
}

std::string onlyDistances(bool DistanceRow::*parameter)
{
    const std::string names = namesOf(
        kDistances, [&](const DistanceRow& row) { return row.*parameter; }, " and ");
    const bool several = names.find(' ') != std::string::npos;
    return "Only the distance" + std::string(several ? "s " : " ") + names + (several ? " have it." : " has it.");
}
std::string alignments(bool AlignmentRow::*trait, const std::string& last)
{
    return namesOf(
        kAlignments, [&](const AlignmentRow& row) { return row.*trait; }, last);
}

bool distilling(const Experiment& e)
{
    return distils(e.method);
}
constexpr const char* kDistilling = "Only distillation (method.objective kd) compares distributions.";

bool sharesOwnAnswers(const Experiment& e)
{
    return distils(e.method) && e.onPolicy.ratio > 0;
}
constexpr const char* kSharing = "Only with on_policy.ratio above 0.";

bool samplesAnswers(const Experiment& e)
{
    return e.method.objective == Objective::PolicyGradient || sharesOwnAnswers(e);
}
constexpr const char* kSampling = "Only with on_policy.ratio above 0, or the policy gradient.";

bool isAdaptive(const Experiment& e)
{
    return e.onPolicy.schedule == OnPolicySchedule::Adaptive;
}

bool hasCritics(const Experiment& e)
{
    return e.keyQuery.matching == KeyQueryMatching::Gan || e.keyQuery.matching == KeyQueryMatching::GanPublished ||
           e.keyQuery.matching == KeyQueryMatching::Ct;
}

// A projector begins with the pseudo-inverse, or follows it.
bool invertsHeads(const Experiment& e)
{
    return e.projector.init == ProjectorInit::Pinv ||
           (comparesInTeacherSpace(e.method) && e.projector.s2t == S2tProjector::Tracked);
}

// Where a rate warms up along the cosine, or weights decay, the published code does it in its own way.
bool decaysOrWarmsUp(const Experiment& e)
{
    return e.train.weightDecay > 0 || (e.train.warmupSteps > 0 && e.train.schedule == Schedule::Cosine);
}

// The first rule that fits and does not hold is the reason given, so the general ones come first.
const std::vector<Rule>& rules()
{
    static const std::vector<Rule> table = {
        {"method.space", distilling, "Only distillation (method.objective kd) compares in a space."},
        {"method.alignment", distilling, "Only distillation (method.objective kd) aligns tokens."},
        {"method.distance", distilling, kDistilling},
        {"method.teacher_", distilling, kDistilling},
        {"method.skew_lambda", distilling, kDistilling},
        {"method.adaptive_alpha", distilling, kDistilling},
        {"method.beta", distilling, kDistilling},
        {"method.t2s_target", distilling, "Only distillation (method.objective kd) projects hidden states."},
        {"method.agreement_", distilling, kDistilling},
        {"method.correctness_mask", distilling, kDistilling},
        {"projector.", distilling, "Only distillation (method.objective kd) projects hidden states."},
        {"method.fidelity", [](const Experiment& e) { return e.method.objective != Objective::PolicyGradient; },
         "Only distillation and fine-tuning have published code of DSKD to follow; method.objective is "
         "policy-gradient."},
        {"method.fidelity",
         [](const Experiment& e) { return e.method.objective != Objective::Sft || decaysOrWarmsUp(e); },
         "Fine-tuning follows the published code only in what decays (train.weight_decay) and in the warm-up of the "
         "cosine (train.warmup_steps)."},
        {"method.kd_rate", [](const Experiment& e) { return e.method.objective != Objective::Sft; },
         "Only distillation has a share to weigh; method.objective is sft."},
        {"method.temperature", [](const Experiment& e) { return e.method.objective != Objective::Sft; },
         "Only distillation has a temperature; method.objective is sft."},
        {"method.temperature",
         [](const Experiment& e) { return !distils(e.method) || comparesWith<&DistanceRow::temperature>(e); },
         "The distance that is compared by has no temperature."},
        {"method.distance",
         [](const Experiment& e) {
             return !comparesInTeacherSpace(e.method) || e.method.space == Space::Dual ||
                    e.method.fidelity == Fidelity::ReferenceV2;
         },
         "Only for the student space and different ones (method.space student, dual or diff)."},
        {"method.distance",
         [](const Experiment& e) {
             return !comparesInDifferentSpaces(e.method) || differentSpacesDistance(e.method) == e.method.distance ||
                    e.method.distance == Distance::Kl;
         },
         "The published code of mined, which method.fidelity names, compares by kl alone."},
        {"method.teacher_distance", [](const Experiment& e) { return comparesInTeacherSpace(e.method); },
         "Only for the teacher space (method.space teacher or dual)."},
        {"method.teacher_distance", [](const Experiment& e) { return e.method.fidelity != Fidelity::ReferenceV2; },
         "With method.fidelity reference-v2 method.distance holds for the teacher space too."},
        {"method.teacher_temperature",
         [](const Experiment& e) { return comparesInStudentSpace(e.method) || comparesInDifferentSpaces(e.method); },
         "Only for the student space and different ones (method.space student, dual or diff)."},
        {"method.teacher_temperature", [](const Experiment& e) { return usesTeacherTemperature(e.method); },
         "The published code that method.fidelity names has no temperature of the teacher's own there."},
        {"method.teacher_temperature",
         [](const Experiment& e) {
             return rowOf(comparesInDifferentSpaces(e.method) ? differentSpacesDistance(e.method) : e.method.distance)
                 .temperature;
         },
         "The distance that is compared by has no temperature."},
        {"method.skew_lambda", comparesWith<&DistanceRow::skewLambda>, onlyDistances(&DistanceRow::skewLambda)},
        {"method.adaptive_alpha", comparesWith<&DistanceRow::adaptiveAlpha>,
         onlyDistances(&DistanceRow::adaptiveAlpha)},
        {"method.beta", comparesWith<&DistanceRow::beta>, onlyDistances(&DistanceRow::beta)},
        {"method.t2s_target", [](const Experiment& e) { return comparesInStudentSpace(e.method); },
         "Only in the student space (method.space student or dual)."},
        {"method.agreement_mask", [](const Experiment& e) { return comparesInStudentSpace(e.method); },
         "Only in the student space (method.space student or dual)."},
        {"method.agreement_threshold",
         [](const Experiment& e) { return comparesInStudentSpace(e.method) && e.method.agreementMask; },
         "Only with method.agreement_mask."},
        {"method.correctness_mask",
         [](const Experiment& e) {
             return comparesInStudentSpace(e.method) && attends(e.method) && !e.method.agreementMask;
         },
         "Only with soft alignments (" + alignments(&AlignmentRow::attends, ", ") +
             ") in the student space, without the agreement mask."},
        {"projector.",
         [](const Experiment& e) { return comparesInStudentSpace(e.method) || comparesInTeacherSpace(e.method); },
         "Only methods with a common space project (method.space student, teacher or dual)."},
        {"projector.s2t", [](const Experiment& e) { return comparesInTeacherSpace(e.method); },
         "Only for the teacher space (method.space teacher or dual)."},
        {"projector.top_vocabulary", invertsHeads, "Only for the pseudo-inverse (projector.init pinv)."},
        {"projector.rcond", invertsHeads, "Only for the pseudo-inverse (projector.init pinv)."},
        {"key_query.", [](const Experiment& e) { return hasQueries(e.method); },
         "Only attention has queries (method.alignment " + alignments(&AlignmentRow::hasQueries, " or ") + ")."},
        {"key_query.rate", [](const Experiment& e) { return e.keyQuery.matching != KeyQueryMatching::Off; },
         "Only with key_query.matching."},
        {"key_query.rows", [](const Experiment& e) { return e.keyQuery.matching != KeyQueryMatching::Off; },
         "Only with key_query.matching."},
        {"key_query.hidden", hasCritics, "Only gan and ct have a discriminator or critics."},
        {"key_query.dropout", hasCritics, "Only gan and ct have a discriminator or critics."},
        {"key_query.lr", hasCritics, "Only gan and ct have a discriminator or critics."},
        {"key_query.weight_decay", hasCritics, "Only gan and ct have a discriminator or critics."},
        {"key_query.sinkhorn", [](const Experiment& e) { return e.keyQuery.matching == KeyQueryMatching::Sinkhorn; },
         "Only with key_query.matching sinkhorn."},
        {"on_policy.ratio", distilling, "Only distillation (method.objective kd) has a share of own answers."},
        {"on_policy.schedule", sharesOwnAnswers, kSharing},
        {"on_policy.start_epoch", sharesOwnAnswers, kSharing},
        {"on_policy.max_new_tokens", samplesAnswers, kSampling},
        {"on_policy.temperature", samplesAnswers, kSampling},
        {"on_policy.top", samplesAnswers, kSampling},
        {"on_policy.threshold", sharesOwnAnswers, kSharing},
        {"on_policy.tolerance", sharesOwnAnswers, kSharing},
        {"on_policy.buffer_size", sharesOwnAnswers, kSharing},
        {"on_policy.replay", sharesOwnAnswers, kSharing},
        {"on_policy.threshold", isAdaptive, "Only with on_policy.schedule adaptive."},
        {"on_policy.tolerance", isAdaptive, "Only with on_policy.schedule adaptive."},
        {"on_policy.buffer_size", isAdaptive, "Only with on_policy.schedule adaptive."},
        {"on_policy.replay", isAdaptive, "Only with on_policy.schedule adaptive."},
        {"policy_gradient.", [](const Experiment& e) { return e.method.objective == Objective::PolicyGradient; },
         "Only with method.objective policy-gradient."},
        {"lora.", [](const Experiment& e) { return e.train.fineTuning == FineTuning::Lora; },
         "Only with train.fine_tuning lora."},
        {"train.warmup_steps", [](const Experiment& e) { return !ignoresWarmup(e); },
         "The published code that method.fidelity names has no warm-up with train.schedule cosine."},
        {"train.min_lr", [](const Experiment& e) { return e.train.schedule == Schedule::Cosine; },
         "Only the cosine ends above 0 (train.schedule cosine)."},
        {"train.epochs", [](const Experiment& e) { return e.train.steps == 0; },
         "train.steps sets the length of the training."},
        {"train.freeze_embeddings", [](const Experiment& e) { return e.train.fineTuning == FineTuning::Full; },
         "With LoRA no embedding learns anyway."},
        {"teacher.", needsTeacher, "Fine-tuning on the data's answers has no teacher."},
        {"log.probe_teacher", [](const Experiment& e) { return !learnsFromTeacher(e.method); },
         "Only where the method has no teacher (method.objective sft): others are compared with the one that they "
         "learn "
         "from."},
        {"log.probe_samples", [](const Experiment& e) { return e.log.probeLines.empty(); },
         "log.probe_lines names the samples."},
        {"log.probe_lines", [](const Experiment& e) { return e.log.probeEvery > 0; },
         "Only with log.probe_every above 0."},
        {"log.probe_teacher", recordsProbes, kOnlyWithProbes},
        {"log.map_tokens", recordsProbes, kOnlyWithProbes},
        {"log.map_tokens", [](const Experiment& e) { return attends(e.method) || pairsRows(e.method); },
         "Maps are recorded of attention and of paired rows alone (method.alignment " +
             namesOf(
                 kAlignments, [](const AlignmentRow& row) { return row.attends || row.pairsRows; }, " or ") +
             ")."},
    };
    return table;
}

} // namespace

std::span<const FieldGroup> methodGroups()
{
    return kGroups;
}

std::string_view whyUnused(const Experiment& experiment, std::string_view field)
{
    // The policy gradient distils from the data's answers besides, but as no published code does.
    Experiment onData = experiment;
    if (experiment.policyGradient.dataRate > 0) {
        onData.method = onDataAnswers(experiment.method);
    }
    const bool composes =
        (field.starts_with("method.") && field != "method.fidelity") || field.starts_with("projector.");
    for (const Rule& rule : rules()) {
        if (field.starts_with(rule.prefix) && !rule.used(composes ? onData : experiment)) {
            return rule.sentence;
        }
    }
    return {};
}

} // namespace dskd::config
