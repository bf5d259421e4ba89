#include "core/config/methods/method_table.h"

#include "core/base/nearest_name.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/field_use.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dskd::config
{
namespace
{

constexpr FieldValue kBase[] = {
    {"method.objective", "kd"},      {"data.answers", "gold"},      {"key_query.matching", "off"},
    {"on_policy.schedule", "fixed"}, {"method.space", "dual"},      {"method.alignment", "none"},
    {"method.distance", "kl"},       {"method.t2s_target", "gold"}, {"method.agreement_mask", "false"},
    {"on_policy.ratio", "0.0"},      {"projector.init", "random"},  {"projector.bias", "true"},
    {"projector.s2t", "trained"}};

constexpr FieldValue kSft[] = {{"method.objective", "sft"}};
constexpr FieldValue kStudentSpace[] = {{"method.space", "student"}};
constexpr FieldValue kTeacherSpace[] = {{"method.space", "teacher"}};
constexpr FieldValue kVanilla[] = {{"method.space", "diff"}};
constexpr FieldValue kV2[] = {{"method.t2s_target", "teacher"},
                              {"method.agreement_mask", "true"},
                              {"projector.init", "pinv"},
                              {"projector.bias", "false"},
                              {"projector.s2t", "tracked"}};
constexpr FieldValue kCma[] = {{"method.alignment", "cma"}};
constexpr FieldValue kCla[] = {{"method.alignment", "cla"}};
constexpr FieldValue kClp[] = {{"method.alignment", "clp"}};
constexpr FieldValue kEta[] = {{"method.alignment", "eta"},       {"method.t2s_target", "teacher"},
                               {"method.agreement_mask", "true"}, {"projector.init", "pinv"},
                               {"projector.bias", "false"},       {"projector.s2t", "tracked"}};
constexpr FieldValue kSubVocabulary[] = {{"method.space", "diff"}, {"method.alignment", "eta"}};
constexpr FieldValue kUld[] = {{"method.space", "diff"}, {"method.alignment", "position"}, {"method.distance", "uld"}};

constexpr FieldValue kCmaGa[] = {{"method.alignment", "cma"}, {"key_query.matching", "gan"}};
constexpr FieldValue kCmaCt[] = {{"method.alignment", "cma"}, {"key_query.matching", "ct"}};
constexpr FieldValue kMinEd[] = {{"method.space", "diff"}, {"method.alignment", "mined"}};
constexpr FieldValue kSeqKd[] = {{"method.objective", "sft"}, {"data.answers", "teacher"}};
constexpr FieldValue kDistiLlm[] = {{"method.space", "diff"},
                                    {"method.distance", "srkl"},
                                    {"on_policy.ratio", "1.0"},
                                    {"on_policy.schedule", "adaptive"}};
constexpr FieldValue kMiniLlm[] = {{"method.objective", "policy-gradient"}, {"method.space", "diff"}};

constexpr FieldValue kImitKd[] = {{"method.space", "diff"}, {"on_policy.ratio", "1.0"}};
constexpr FieldValue kGkd[] = {{"method.space", "diff"}, {"method.distance", "gjs"}, {"on_policy.ratio", "0.5"}};

// The experiments of ImitKD, GKD and DistiLLM distil alone, at the models' own temperature.
constexpr FieldValue kDistilAlone[] = {{"method.temperature", "1.0"}, {"method.kd_rate", "1.0"}};

constexpr NamedMethod kMethods[] = {
    {"dskd",
     MethodKind::DualSpace,
     "DSKD in both spaces (dual)",
     "Hidden states are projected into the other model's space, where both share one prediction head.",
     "DSKD, Eqn. 3-10",
     Vocabularies::Same,
     {}},
    {"dskd-student", MethodKind::DualSpace, "DSKD in the student space",
     "The teacher's projected states go through the student's head.", "DSKD, Eqn. 3-6", Vocabularies::Same,
     kStudentSpace},
    {"dskd-teacher", MethodKind::DualSpace, "DSKD in the teacher space",
     "The student's projected states go through the teacher's head.", "DSKD, Eqn. 7-9", Vocabularies::Same,
     kTeacherSpace},
    {"dskd-v2", MethodKind::DualSpace, "DSKD v2",
     "Projectors begin as pseudo-inverses of the heads, the projected teacher learns to predict what the teacher "
     "predicts, and "
     "distils only where it does.",
     "DSKD v2, section III-A", Vocabularies::Same, kV2},
    {"dskd-eta",
     MethodKind::AcrossTokenizers,
     "DSKD v2 with exact token alignment (ETA)",
     "DSKD v2 on the tokens of two tokenizers that stand for the same bytes of text.",
     "DSKD v2, section III-B",
     Vocabularies::Any,
     kEta,
     {},
     "tokens that stand for the same text"},
    {"dskd-cma",
     MethodKind::AcrossTokenizers,
     "DSKD with cross-model attention (CMA)",
     "A learned attention brings the tokens of two tokenizers together.",
     "DSKD, Eqn. 11-14",
     Vocabularies::Any,
     kCma,
     {},
     "a learned attention brings the tokens together"},
    {"dskd-cla", MethodKind::AcrossTokenizers, "DSKD with chunk-level attention (CLA)",
     "Cross-model attention that looks only at chunks of equal text.", "DSKD-CMA-GA, section 3", Vocabularies::Any,
     kCla},
    {"dskd-clp", MethodKind::AcrossTokenizers, "DSKD with chunk-level projection (CLP)",
     "Uniform weights within chunks of equal text, without anything learned.", "DSKD-CMA-GA, section 3",
     Vocabularies::Any, kClp},
    {"dskd-cma-ga", MethodKind::AcrossTokenizers, "DSKD with CMA and key-query matching (GA)",
     "Cross-model attention whose queries learn to mislead a discriminator that separates them from the keys.",
     "DSKD-CMA-GA, L_KQ", Vocabularies::Any, kCmaGa},
    {"dskd-cma-ct", MethodKind::AcrossTokenizers, "DSKD with CMA and conditional transport (CT)",
     "Cross-model attention whose queries are transported to the keys at the least cost.", "DSKD-CMA-GA, code",
     Vocabularies::Any, kCmaCt},
    {"imitkd", MethodKind::OwnAnswers, "Imitation distillation (ImitKD)",
     "Vanilla distillation on answers of the student's own.", "ImitKD", Vocabularies::Same, kImitKd, kDistilAlone},
    {"gkd", MethodKind::OwnAnswers, "Generalised distillation (GKD)",
     "Vanilla distillation with a generalised Jensen-Shannon distance, half of the time on answers of the student's "
     "own.",
     "GKD", Vocabularies::Same, kGkd, kDistilAlone},
    {"distillm", MethodKind::OwnAnswers, "DistiLLM",
     "Vanilla distillation with a skewed distance, the more often on the student's own answers the worse it does, with "
     "a replay buffer.",
     "DistiLLM", Vocabularies::Same, kDistiLlm, kDistilAlone},
    {"minillm", MethodKind::OwnAnswers, "MiniLLM",
     "A policy gradient lowers the reverse KL of whole answers that the student samples with a little of the teacher.",
     "MiniLLM", Vocabularies::Same, kMiniLlm},
    {"sft", MethodKind::Baseline, "Fine-tuning alone (SFT)",
     "Cross-entropy on the answers, without a teacher: what distilling is measured against.", "DSKD, Eqn. 1",
     Vocabularies::Any, kSft},
    {"vanilla", MethodKind::Baseline, "Vanilla distillation (different spaces)",
     "Each model's own head; the distributions are compared token by token.", "DSKD, Eqn. 2", Vocabularies::Same,
     kVanilla},
    {"uld",
     MethodKind::Baseline,
     "Universal logit distillation (ULD)",
     "Each model's own head; sorted probabilities are compared place by place, whatever the tokens are.",
     "ULD",
     Vocabularies::Any,
     kUld,
     {},
     "sorted probabilities"},
    {"sub-vocabulary",
     MethodKind::Baseline,
     "Distillation on common tokens (sub-vocabulary)",
     "Each model's own head; where tokens stand for the same text, the distributions over the tokens that both "
     "vocabularies have are compared.",
     "KDFlow, simple_ctkd",
     Vocabularies::Any,
     kSubVocabulary,
     {},
     "the tokens that both vocabularies have"},
    {"mined",
     MethodKind::Baseline,
     "Minimum edit distance (MinED)",
     "Each model's own head; tokens of the two vocabularies are matched by the fewest edits between their spellings.",
     "FuseLLM; DSKD, section 4.2",
     Vocabularies::Any,
     kMinEd,
     {},
     "tokens matched by their spelling"},
    {"seqkd", MethodKind::Baseline, "Sequence-level distillation (SeqKD)",
     "The teacher answers the prompts first; the student is fine-tuned on its answers.", "Kim and Rush, 2016",
     Vocabularies::Any, kSeqKd},
};

std::string valueText(const Experiment& experiment, std::string_view path)
{
    const nlohmann::json value = fieldValue(experiment, path);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// The value that the method gives to one of the base fields.
std::string_view valueIn(const NamedMethod& method, std::string_view path)
{
    const auto isPath = [&](const FieldValue& field) { return field.first == path; };
    const auto own = std::find_if(method.fields.begin(), method.fields.end(), isPath);
    return own != method.fields.end() ? own->second : std::find_if(std::begin(kBase), std::end(kBase), isPath)->second;
}

bool isSft(const NamedMethod& method)
{
    return valueIn(method, "method.objective") == "sft"; // what it would distil with does not matter
}

// A method that is about a distance of its own may be looked for under any.
enum class DistanceOf { ItsPaper, Any };

bool isMethod(const NamedMethod& method, const Experiment& experiment, DistanceOf distance)
{
    return std::all_of(std::begin(kBase), std::end(kBase), [&](const FieldValue& base) {
        const std::string_view wanted = valueIn(method, base.first);
        const bool anyDistance = wanted == base.second || distance == DistanceOf::Any;
        const bool free = (base.first == "method.distance" && anyDistance) ||
                          (isSft(method) && base.first != "method.objective" && base.first != "data.answers");
        return free || valueText(experiment, base.first) == wanted;
    });
}

std::optional<std::size_t> methodWith(const Experiment& experiment, DistanceOf distance)
{
    const auto* found = std::find_if(std::begin(kMethods), std::end(kMethods),
                                     [&](const NamedMethod& method) { return isMethod(method, experiment, distance); });
    return found == std::end(kMethods) ? std::nullopt : std::optional(static_cast<std::size_t>(found - kMethods));
}

bool hasDistance(const Experiment& experiment)
{
    return whyUnused(experiment, "method.distance").empty();
}

// `distance`: as labelOf is to write it.
NamedParts partsOf(const Experiment& experiment, std::string_view distance)
{
    const KeyQueryMatching matching = experiment.keyQuery.matching;
    const bool matches = matching != KeyQueryMatching::Off && whyUnused(experiment, "key_query.matching").empty();
    return {.job = name(experiment.job),
            .objective = name(experiment.method.objective),
            .space = name(experiment.method.space),
            .distance = distance,
            .alignment = name(experiment.method.alignment),
            .matching = matches ? name(matching) : std::string_view()};
}

} // namespace

std::string_view title(MethodKind kind)
{
    switch (kind) {
    case MethodKind::DualSpace: return "DSKD";
    case MethodKind::AcrossTokenizers: return "DSKD across tokenizers";
    case MethodKind::OwnAnswers: return "On answers of the student's own";
    case MethodKind::Baseline: return "Baselines";
    }
    return {};
}

std::span<const NamedMethod> namedMethods()
{
    return kMethods;
}

std::span<const FieldValue> baseFields()
{
    return kBase;
}

Result<const NamedMethod*> findMethod(std::string_view id)
{
    std::string known;
    std::vector<std::string> names;
    for (const NamedMethod& method : kMethods) {
        if (method.id == id) {
            return &method;
        }
        names.emplace_back(method.id);
        known += (known.empty() ? "" : ", ") + names.back();
    }
    std::string lower(id);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::string near = nearestName(lower, names);
    return Failure{"There is no method \"" + std::string(id) + "\".",
                   (near.empty() ? "" : "Did you mean " + near + "? ") + "Known are: " + known + "."};
}

void applyMethod(Experiment& experiment, const NamedMethod& method)
{
    if (const auto before = methodOf(experiment)) {
        const Experiment defaults;
        for (const auto& [field, value] : kMethods[*before].settings) {
            if (valueText(experiment, field) == value) {
                setField(experiment, field, valueText(defaults, field)).value();
            }
        }
    }
    for (const FieldValue& base : kBase) {
        const std::string_view value = valueIn(method, base.first);
        // the distance is a person's own choice unless the method is about it, or leaves one that is
        const bool asks = value != base.second || rowOf(experiment.method.distance).ofOneMethod;
        if (base.first != "method.distance" || asks) {
            setField(experiment, base.first, value).value();
        }
    }
    for (const auto& [field, value] : method.settings) {
        setField(experiment, field, value).value();
    }
}

std::optional<std::size_t> methodOf(const Experiment& experiment)
{
    return methodWith(experiment, DistanceOf::ItsPaper);
}

MethodName methodNameOf(const Experiment& experiment)
{
    if (const auto named = methodOf(experiment); named && experiment.job == JobKind::Train) {
        const NamedMethod& found = kMethods[*named];
        const std::string id(found.id);
        const std::string_view distance = name(experiment.method.distance);
        const bool own = !hasDistance(experiment) || distance == valueIn(found, "method.distance");
        return {id, own ? id : id + " " + std::string(distance)};
    }
    const MethodConfig& method = experiment.method;
    return {
        {},
        labelOf(partsOf(experiment, name(hasDistance(experiment) ? method.distance : teacherSpaceDistance(method))))};
}

std::string labelWithoutDistance(const Experiment& experiment)
{
    if (experiment.job == JobKind::Train) {
        const auto exact = methodOf(experiment);
        if (const auto named = exact ? exact : methodWith(experiment, DistanceOf::Any)) {
            return std::string(kMethods[*named].id);
        }
    }
    return labelOf(partsOf(experiment, {}));
}

std::string labelOf(const NamedParts& parts)
{
    if (parts.job != name(JobKind::Train)) {
        return std::string(parts.job);
    }
    if (parts.objective != name(Objective::Kd)) {
        return std::string(parts.objective);
    }
    std::string label(parts.space);
    if (!parts.distance.empty()) {
        label += " " + std::string(parts.distance);
    }
    if (parts.alignment != name(Alignment::None)) {
        label += " " + std::string(parts.alignment);
    }
    return parts.matching.empty() ? label : label + " " + std::string(parts.matching);
}

} // namespace dskd::config
