#include "core/config/method_table.h"

#include "core/config/experiment_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::config
{
namespace
{

constexpr FieldValue kBase[] = {{"method.objective", "kd"},    {"method.space", "dual"},
                                {"method.alignment", "none"},  {"method.distance", "kl"},
                                {"method.t2s_target", "gold"}, {"method.agreement_mask", "false"},
                                {"on_policy.ratio", "0.0"},    {"projector.init", "random"},
                                {"projector.bias", "true"},    {"projector.s2t", "trained"}};

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

constexpr FieldValue kImitKd[] = {{"method.space", "diff"}, {"on_policy.ratio", "1.0"}};
constexpr FieldValue kGkd[] = {{"method.space", "diff"}, {"method.distance", "gjs"}, {"on_policy.ratio", "0.5"}};

constexpr NamedMethod kMethods[] = {
    {"dskd",
     "DSKD in both spaces (dual)",
     "Hidden states are projected into the other model's space, where both share one prediction head.",
     "DSKD, Eqn. 3-10",
     Vocabularies::Same,
     {}},
    {"dskd-student", "DSKD in the student space", "The teacher's projected states go through the student's head.",
     "DSKD, Eqn. 3-6", Vocabularies::Same, kStudentSpace},
    {"dskd-teacher", "DSKD in the teacher space", "The student's projected states go through the teacher's head.",
     "DSKD, Eqn. 7-9", Vocabularies::Same, kTeacherSpace},
    {"dskd-v2", "DSKD v2",
     "Projectors begin as pseudo-inverses of the heads, the projected teacher learns to say what the teacher says, and "
     "distils only where it does.",
     "DSKD v2, section III-A", Vocabularies::Same, kV2},
    {"dskd-eta", "DSKD v2 with exact token alignment (ETA)",
     "DSKD v2 on the tokens of two tokenizers that stand for the same bytes of text.", "DSKD v2, section III-B",
     Vocabularies::Any, kEta},
    {"dskd-cma", "DSKD with cross-model attention (CMA)",
     "A learned attention brings the tokens of two tokenizers together.", "DSKD, Eqn. 11-14", Vocabularies::Any, kCma},
    {"dskd-cla", "DSKD with chunk-level attention (CLA)",
     "Cross-model attention that looks only at chunks of equal text.", "DSKD-CMA-GA, section 3", Vocabularies::Any,
     kCla},
    {"dskd-clp", "DSKD with chunk-level projection (CLP)",
     "Uniform weights within chunks of equal text, without anything learned.", "DSKD-CMA-GA, section 3",
     Vocabularies::Any, kClp},
    {"vanilla", "Vanilla distillation (different spaces)",
     "Each model's own head; the distributions are compared token by token.", "DSKD, Eqn. 2", Vocabularies::Same,
     kVanilla},
    {"imitkd", "Imitation distillation (ImitKD)",
     "Vanilla distillation on answers of the student's own; method.kd_rate 1 leaves the fine-tuning term out.",
     "ImitKD", Vocabularies::Same, kImitKd},
    {"gkd", "Generalised distillation (GKD)",
     "Vanilla distillation with a generalised Jensen-Shannon distance, half of the time on answers of the student's "
     "own.",
     "GKD", Vocabularies::Same, kGkd},
    {"sub-vocabulary", "Distillation on common tokens (sub-vocabulary)",
     "Each model's own head; where tokens stand for the same text, the distributions over the tokens that both "
     "vocabularies have are compared.",
     "KDFlow, simple_ctkd", Vocabularies::Any, kSubVocabulary},
    {"uld", "Universal logit distillation (ULD)",
     "Each model's own head; sorted probabilities are compared place by place, whatever the tokens are.", "ULD",
     Vocabularies::Any, kUld},
    {"sft", "Fine-tuning alone (SFT)",
     "Cross-entropy on the answers, without a teacher: what distilling is measured against.", "DSKD, Eqn. 1",
     Vocabularies::Any, kSft},
};

constexpr ChoiceMeaning kMeanings[] = {
    {"method.objective", "sft", "Plain fine-tuning on the answers."},
    {"method.objective", "kd", "Distillation from a teacher, mixed with fine-tuning by method.kd_rate."},
    {"method.space", "diff", "Each model through its own head."},
    {"method.space", "student", "Both through the student's head; the teacher's states are projected."},
    {"method.space", "teacher", "Both through the teacher's head; the student's states are projected."},
    {"method.space", "dual", "Both of the projected spaces."},
    {"method.alignment", "none", "Row by row: one tokenizer."},
    {"method.alignment", "cma", "Attention between the tokens of both tokenizations, learned from their embeddings."},
    {"method.alignment", "eta", "Tokens that stand for the same bytes of text."},
    {"method.alignment", "eta-published",
     "As the reference code compares spellings; loses its place at the first "
     "token that both spell differently."},
    {"method.alignment", "cla", "Attention within chunks of equal text."},
    {"method.alignment", "clp", "Uniform weights within chunks of equal text."},
    {"method.alignment", "position", "First token with first token: only for sorted probabilities (uld)."},
    {"method.distance", "kl", "KL(p || q), forward."},
    {"method.distance", "rkl", "KL(q || p), reverse."},
    {"method.distance", "js", "Jensen-Shannon."},
    {"method.distance", "skl", "KL from p to a mixture with method.skew_lambda of p in q."},
    {"method.distance", "srkl", "KL from q to a mixture with method.skew_lambda of q in p."},
    {"method.distance", "akl", "KL and RKL, weighted by where p and q differ most."},
    {"method.distance", "tvd", "Half the sum of differences."},
    {"method.distance", "sym", "(1 - method.beta) KL + method.beta RKL."},
    {"method.distance", "gjs", "Jensen-Shannon with method.beta of the teacher in the mixture, as GKD defines it."},
    {"method.distance", "uld", "Sum of differences of the sorted probabilities; no common vocabulary is needed."},
    {"method.t2s_target", "gold", "The projected teacher is taught the answer's tokens."},
    {"method.t2s_target", "teacher", "The projected teacher is taught what the teacher itself finds most probable."},
    {"projector.init", "random", "As a linear layer begins."},
    {"projector.init", "pinv", "The pseudo-inverse that carries one head into the other with the least error."},
    {"projector.s2t", "trained", "Learned with the student."},
    {"projector.s2t", "tracked", "The pseudo-inverse of the student's current head, computed anew at every step."},
    {"projector.s2t", "frozen", "The pseudo-inverse at the start, kept."},
};

std::string valueText(const Experiment& experiment, std::string_view path)
{
    const nlohmann::json value = fieldValue(experiment, path);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// A distance that a method brought along.
bool isOfAMethod(std::string_view distance)
{
    return distance == "uld" || distance == "gjs";
}

std::string_view valueIn(const NamedMethod& method, const FieldValue& base)
{
    const auto own = std::find_if(method.fields.begin(), method.fields.end(),
                                  [&](const FieldValue& field) { return field.first == base.first; });
    return own == method.fields.end() ? base.second : own->second;
}

} // namespace

std::span<const NamedMethod> namedMethods()
{
    return kMethods;
}

std::span<const FieldValue> baseFields()
{
    return kBase;
}

std::span<const ChoiceMeaning> choiceMeanings()
{
    return kMeanings;
}

Result<const NamedMethod*> findMethod(std::string_view id)
{
    std::string known;
    for (const NamedMethod& method : kMethods) {
        if (method.id == id) {
            return &method;
        }
        known += (known.empty() ? "" : ", ") + std::string(method.id);
    }
    return Failure{"There is no method \"" + std::string(id) + "\".", "Known are: " + known + "."};
}

void applyMethod(Experiment& experiment, const NamedMethod& method)
{
    for (const FieldValue& base : kBase) {
        const std::string_view value = valueIn(method, base);
        // the distance is a person's own choice unless the method is about it, or leaves one that is
        const bool asks = value != base.second || isOfAMethod(valueText(experiment, base.first));
        if (base.first != "method.distance" || asks) {
            setField(experiment, base.first, value).value();
        }
    }
}

std::optional<std::size_t> methodOf(const Experiment& experiment)
{
    for (std::size_t i = 0; i < std::size(kMethods); ++i) {
        const NamedMethod& method = kMethods[i];
        const bool same = std::all_of(std::begin(kBase), std::end(kBase), [&](const FieldValue& base) {
            const std::string_view wanted = valueIn(method, base);
            const bool free = (base.first == "method.distance" && wanted == base.second) ||
                              (method.id == "sft" && base.first != "method.objective");
            return free || valueText(experiment, base.first) == wanted;
        });
        if (same) {
            return i;
        }
    }
    return std::nullopt;
}

} // namespace dskd::config
