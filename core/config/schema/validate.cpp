#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/config/schema/number_list.h"
#include "core/config/schema/row_names.h"

#include <algorithm>

namespace dskd::config
{
namespace
{

class Problems
{
public:
    std::vector<Problem> list;

    void when(bool wrong, std::string field, std::string what)
    {
        if (wrong) {
            list.push_back({field, field + " " + std::move(what)});
        }
    }
};

// Where there is no published code to follow. Fine-tuning has it: what the optimizer decays and how the rate warms up.
void checkFidelity(const Experiment& e, Problems& problems)
{
    const MethodConfig& m = e.method;
    const std::string is = "is " + std::string(name(m.fidelity)) + ", but ";
    const std::string alignment(name(m.alignment));
    const AlignmentRow& row = rowOf(m.alignment);
    problems.when(m.fidelity != Fidelity::Paper && m.objective == Objective::PolicyGradient, "method.fidelity",
                  is + "neither published code of DSKD has a policy gradient to follow; set it to paper.");
    problems.when(distils(m) && m.fidelity == Fidelity::ReferenceV1 && !row.inReferenceV1, "method.fidelity",
                  is + "the first published code has no alignment " + alignment + "; set it to paper" +
                      (row.pairsText() ? ", or to reference-v2 with method.alignment eta-published." : "."));
    problems.when(distils(m) && m.fidelity == Fidelity::ReferenceV2 && !row.inReferenceV2, "method.fidelity",
                  is + (row.pairsText() ? "the second published code aligns tokens by their spelling; set "
                                          "method.alignment to eta-published, or method.fidelity to paper."
                        : row.inReferenceV1
                            ? "the second published code has no alignment " + alignment +
                                  "; set it to reference-v1, which includes that of DSKD-CMA-GA."
                            : "the second published code has no alignment " + alignment + "; set it to paper."));
    problems.when(distils(m) && m.fidelity == Fidelity::ReferenceV2 && row.pairsText() && m.space == Space::Different,
                  "method.fidelity",
                  is + "no published code compares exact pairs of tokens in different spaces; set it to paper.");
    problems.when(m.fidelity != Fidelity::Paper && attends(m) && e.onPolicy.ratio > 0, "method.fidelity",
                  is + "the published code fails with answers of the student's own and alignment " + alignment +
                      "; set it to paper, or on_policy.ratio to 0.");
}

// The distances that stay finite where a token has no partner: "kl, js or tvd".
std::string finiteDistances(const DistanceParameters& parameters)
{
    const auto isFinite = [&](const DistanceRow& row) {
        return !row.sorted && !row.infiniteWithoutPartner(parameters);
    };
    return namesOf(kDistances, isFinite, " or ");
}
std::string alignmentsWithQueries()
{
    return namesOf(
        kAlignments, [](const AlignmentRow& row) { return row.hasQueries; }, " or ");
}

void checkMethod(const Experiment& e, Problems& problems)
{
    const MethodConfig& m = e.method;
    if (m.objective == Objective::Sft) {
        problems.when(e.onPolicy.ratio > 0, "on_policy.ratio",
                      "is above 0, but method.objective sft has no teacher to distil from; set it to 0.");
        problems.when(m.alignment != Alignment::None, "method.alignment",
                      "is " + std::string(name(m.alignment)) +
                          ", but method.objective sft compares with no teacher; set it to none.");
        problems.when(e.data.answers == AnswerSource::Teacher && e.teacher.model.empty(), "teacher.model",
                      "is empty, but data.answers teacher needs a teacher to answer; name a model folder.");
        problems.when(e.keyQuery.matching != KeyQueryMatching::Off, "key_query.matching",
                      "is " + std::string(name(e.keyQuery.matching)) +
                          ", but method.objective sft has no attention; set it to off.");
        return;
    }
    problems.when(e.teacher.model.empty(), "teacher.model",
                  "is empty, but method.objective " + std::string(name(m.objective)) +
                      " needs a teacher; name a model folder or choose sft.");
    const std::string alignment(name(m.alignment));
    problems.when(e.keyQuery.matching != KeyQueryMatching::Off && !hasQueries(m), "key_query.matching",
                  "is " + std::string(name(e.keyQuery.matching)) + ", but method.alignment " + alignment +
                      " has no queries; set it to off, or method.alignment to " + alignmentsWithQueries() + ".");
    problems.when(m.objective == Objective::PolicyGradient && m.alignment != Alignment::None, "method.alignment",
                  "is " + alignment +
                      ", but the rewards of method.objective policy-gradient are probabilities of the very tokens that "
                      "the student samples; set it to none, with models of one vocabulary.");
    problems.when(m.objective == Objective::PolicyGradient && e.onPolicy.ratio > 0, "on_policy.ratio",
                  "is above 0, but method.objective policy-gradient samples answers by itself; set it to 0.");
    const AlignmentRow& row = rowOf(m.alignment);
    const DistanceRow& distance = rowOf(m.distance);
    problems.when(distils(m) && row.spaces == SpacesOf::Common && m.space == Space::Different, "method.space",
                  "is diff, but method.alignment " + alignment +
                      " brings the tokens together in a common space; choose student, teacher or dual.");
    problems.when(row.spaces == SpacesOf::Different && m.space != Space::Different, "method.space",
                  "is " + std::string(name(m.space)) + ", but " + std::string(row.compares) + " (method.alignment " +
                      alignment + ") are compared in different spaces only; set it to diff" +
                      (row.pairsByNumber() ? ", with method.distance uld for different vocabularies." : "."));
    problems.when(row.matchesSpellings && distance.sorted, "method.distance",
                  "is " + std::string(distance.name) +
                      ", which compares sorted probabilities and has no use for the tokens that method.alignment " +
                      alignment + " matches; choose kl.");
    const DistanceParameters parameters{m.skewLambda, m.adaptiveAlpha, m.beta};
    problems.when(row.matchesSpellings && m.fidelity == Fidelity::Paper && distance.infiniteWithoutPartner(parameters),
                  "method.distance",
                  "is " + std::string(distance.name) +
                      ", which is infinite for the tokens of the student that no token of the teacher's is matched to "
                      "by method.alignment " +
                      alignment + "; choose " + finiteDistances(parameters) + ".");
    const bool policyGradient = m.objective == Objective::PolicyGradient;
    const bool adaptive = e.onPolicy.schedule == OnPolicySchedule::Adaptive && !policyGradient;
    problems.when(e.onPolicy.schedule == OnPolicySchedule::Adaptive && policyGradient, "on_policy.schedule",
                  "is adaptive, but method.objective policy-gradient samples answers by itself; set it to fixed.");
    problems.when(adaptive && e.onPolicy.ratio <= 0, "on_policy.schedule",
                  "is adaptive, but on_policy.ratio 0 never uses own answers; set on_policy.ratio to 1.");
    problems.when(adaptive && e.data.validation.empty(), "data.validation",
                  "is empty, but on_policy.schedule adaptive follows the validation loss; name a file.");
    const MethodConfig onData = onDataAnswers(m);
    problems.when(m.teacherTemperature != 1.0 && !comparesInStudentSpace(onData) && !comparesInDifferentSpaces(onData),
                  "method.teacher_temperature",
                  "differs from 1, but method.space " + std::string(name(m.space)) +
                      " has no term in the student space or in different ones that would use it.");
    problems.when(row.alignsAnswers() && e.data.lossOn != LossOn::Response, "data.loss_on",
                  "is all, but method.alignment " + alignment + " aligns the tokens of answers; set it to response.");
    problems.when(m.agreementMask && !comparesInStudentSpace(onData), "method.agreement_mask",
                  "is true, but method.space " + std::string(name(m.space)) + " has no student space to mask.");
    problems.when(policyGradient && e.data.lossOn != LossOn::Response, "data.loss_on",
                  "is all, but method.objective policy-gradient learns from answers; set it to response.");
    problems.when(policyGradient && (e.onPolicy.temperature != 1.0 || e.onPolicy.topP != 1.0 || e.onPolicy.topK != 0),
                  e.onPolicy.temperature != 1.0 ? "on_policy.temperature"
                  : e.onPolicy.topP != 1.0      ? "on_policy.top_p"
                                                : "on_policy.top_k",
                  "changes how answers are sampled, but method.objective policy-gradient weighs them by the "
                  "probabilities of the models themselves; set on_policy.temperature and on_policy.top_p to 1 and "
                  "on_policy.top_k to 0.");
    problems.when(adaptive && e.validation.every == 0, "validation.every",
                  "is 0, but on_policy.schedule adaptive follows the validation loss during training; set it to a "
                  "number of steps.");
    problems.when(e.onPolicy.ratio > 0 && e.data.lossOn != LossOn::Response, "on_policy.ratio",
                  "is above 0, but data.loss_on all trains on prompts too; set data.loss_on to response.");
    problems.when(e.projector.s2t == S2tProjector::Frozen && e.projector.init != ProjectorInit::Pinv, "projector.s2t",
                  "is frozen, but random weights that never learn are of no use; set projector.init to pinv.");
}

void checkFineTuning(const Experiment& e, Problems& problems)
{
    problems.when(e.lora.targets.find_first_not_of(", \t") == std::string::npos && !e.lora.targets.empty(),
                  "lora.targets",
                  "holds separators only; name layers (q_proj, v_proj), or leave it empty for the family's default.");
    if (e.train.fineTuning == FineTuning::Full) {
        return;
    }
    problems.when(e.lora.saved == LoraSaved::Adapter && !e.student.adapter.empty(), "lora.saved",
                  "is adapter, but no folder holds the weights that it would belong to (student.adapter is merged into "
                  "them); set it to merged.");
}

void checkProbes(const Experiment& e, Problems& problems)
{
    if (e.log.probeLines.empty()) {
        return;
    }
    const auto lines = parseNumbers(e.log.probeLines, "lines");
    if (!lines) {
        problems.when(true, "log.probe_lines",
                      "cannot be read: " + lines.failure().what + " Write for example 3, 17, 40-42.");
        return;
    }
    problems.when(std::find(lines->begin(), lines->end(), 0U) != lines->end(), "log.probe_lines",
                  "names line 0, but the first line of a file is 1.");
}

void checkTraining(const Experiment& e, Problems& problems)
{
    checkProbes(e, problems);
    checkMethod(e, problems);
    checkFidelity(e, problems);
    checkFineTuning(e, problems);
    problems.when(e.data.train.empty(), "data.train", "is empty, but a training job needs a JSONL file.");
    problems.when(e.train.steps == 0 && e.train.epochs <= 0, "train.epochs",
                  "is 0 and so is train.steps; set one of them, the length of the training.");
    problems.when(e.train.steps > 0 && e.train.warmupSteps > e.train.steps, "train.warmup_steps",
                  "is " + std::to_string(e.train.warmupSteps) + ", more than the " + std::to_string(e.train.steps) +
                      " of train.steps.");
    problems.when(e.train.schedule == Schedule::Cosine && e.train.minLr > e.train.lr, "train.min_lr",
                  "is larger than train.lr, so the cosine would rise.");
    problems.when(e.data.validation.empty() && e.validation.generateSamples > 0, "data.validation",
                  "is empty, but validation.generate_samples needs a file with prompts.");
}

// What a prompt is made of.
void checkTemplate(const Experiment& e, Problems& problems)
{
    const DataConfig& data = e.data;
    const std::string chosen(name(data.promptTemplate));
    problems.when(data.promptTemplate == Template::Custom &&
                      data.customTemplate.find("{instruction}") == std::string::npos,
                  "data.custom_template", "must contain {instruction} when data.template is custom.");
    problems.when(data.promptTemplate != Template::Custom && !data.customTemplate.empty(), "data.template",
                  "is " + chosen + ", so data.custom_template would not be used; set it to custom.");
    problems.when(!usesChatTemplate(data) && !data.systemPrompt.empty(), "data.system_prompt",
                  "is set, but data.template " + chosen +
                      " has no place for a system message; set data.template to a chat template (chat, chatml, llama2, "
                      "llama3, zephyr), or leave data.system_prompt empty.");
    problems.when(data.promptTemplate == Template::Gemma && !data.systemPrompt.empty(), "data.system_prompt",
                  "is set, but the gemma template refuses system messages; leave it empty.");
    problems.when(usesChatTemplate(data) && data.truncatePrompt == Side::Right, "data.truncate_prompt",
                  "is right, but the end of a chat prompt (data.template " + chosen +
                      ") is what asks for the answer; set it to left.");
}

// Which weights are there to learn.
void checkWeights(const Experiment& e, Problems& problems)
{
    const bool random = e.student.init == StudentInit::Random;
    problems.when(!e.student.adapter.empty() && random, "student.adapter",
                  "is set, but student.init random begins with fresh weights, which no adapter belongs to; leave it "
                  "empty, or set student.init to weights.");
    problems.when(e.teacher.model.empty() && !e.teacher.adapter.empty(), "teacher.adapter",
                  "is set, but teacher.model is empty; name the model that the adapter was trained on.");
    if (e.job != JobKind::Train) {
        return;
    }
    problems.when(random && e.train.fineTuning == FineTuning::Lora, "train.fine_tuning",
                  "is lora, but student.init is random: low-rank updates of random weights learn nothing; set "
                  "train.fine_tuning to full, or student.init to weights.");
    problems.when(random && e.train.freezeEmbeddings, "train.freeze_embeddings",
                  "is true, but student.init is random, so the embeddings would stay random; set it to false.");
}

} // namespace

std::vector<Problem> validate(const Experiment& e)
{
    Problems problems;
    problems.when(e.version != kExperimentVersion, "version", "must be " + std::to_string(kExperimentVersion) + ".");
    problems.when(e.student.model.empty(), "student.model", "is empty; name a model folder.");
    problems.when(e.data.maxPromptLength >= e.data.maxLength, "data.max_prompt_length",
                  "is " + std::to_string(e.data.maxPromptLength) + ", which leaves no room for a response within the " +
                      std::to_string(e.data.maxLength) + " of data.max_length.");
    checkTemplate(e, problems);
    checkWeights(e, problems);
    switch (e.job) {
    case JobKind::Train: checkTraining(e, problems); break;
    case JobKind::Evaluate:
        problems.when(e.evaluate.data.empty(), "evaluate.data", "is empty, but an evaluation needs a JSONL file.");
        problems.when(!e.evaluate.prompt.empty(), "evaluate.prompt",
                      "is set, but an evaluation compares with reference answers, which a single prompt has none of.");
        break;
    case JobKind::Generate:
        problems.when(e.evaluate.data.empty() == e.evaluate.prompt.empty(), "evaluate.prompt",
                      e.evaluate.data.empty() ? "and evaluate.data are both empty; give one of them."
                                              : "and evaluate.data are both set; give only one of them.");
        break;
    }
    return std::move(problems.list);
}

} // namespace dskd::config
