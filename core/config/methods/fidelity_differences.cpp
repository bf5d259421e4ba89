#include "core/config/methods/fidelity_differences.h"

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/field_use.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"

#include <algorithm>
#include <utility>

namespace dskd::config
{
namespace
{

constexpr Fidelity kV1 = Fidelity::ReferenceV1;
constexpr Fidelity kV2 = Fidelity::ReferenceV2;

constexpr FidelityDifference kDifferences[] = {
    {kV1, "cma, cla, clp",
     "N(x) = x / std(x) takes the deviation of the whole padded batch, prompts and padding up to data.max_length "
     "included, where every token counts as token 0; else that of the response rows. Slower: the teacher runs on "
     "padding too."},
    {kV1, "cla, clp",
     "Chunks are walked through prompt, answer and padding together, and lose their place where a prompt was cut on "
     "one side or a character is spelled with several tokens; else every answer is walked for itself."},
    {kV1, "cla",
     "A token whose chunk has no response token on the other side attends to prompts and padding, which are masked by "
     "1e5 only; else it has no partner and a projected state of 0."},
    {kV1, "method.teacher_temperature",
     "Only cma, cla and clp use it; else all methods with a student or different spaces do."},
    {kV1, "mined", "Compared by kl whatever method.distance is."},
    {kV1, "uld", "A sum over the paired tokens: tokens without a partner count 0; else a pair stands for them."},
    {kV1, "key_query.rate", "The matching loss, a mean already, is divided by the step's tokens once more."},
    {kV1, "projector.weight_decay", "Biases of projectors decay; else only their weights do."},
    {kV1, "train.weight_decay", "Norms decay in all models but GPT-2; else no norm does."},
    {kV1, "train.warmup_steps", "Ignored by train.schedule cosine."},

    {kV2, "method.teacher_distance", "The teacher space is compared by method.distance; the paper fixes kl there."},
    {kV2, "method.teacher_temperature", "Ignored."},
    {kV2, "dskd-v2 (agreement mask)",
     "The student-space term is the mean over the agreeing tokens of each micro-batch, and all micro-batches weigh the "
     "same; the share of agreeing tokens is of the step's mean number of tokens. Else every token of the step weighs "
     "the same."},
    {kV2, "eta-published",
     "All terms are means over the labelled tokens of each micro-batch, and all micro-batches weigh the same; the "
     "teacher space too sees only pairs whose teacher token has a place in the student's vocabulary. Else all pairs of "
     "the step weigh the same."},
    {kV2, "eta-published",
     "What the teacher predicts is looked up in the student's vocabulary by its exact spelling, so that tokens with "
     "another space mark become the unknown token, which of GPT-2 is the end of text; else space marks are translated "
     "and the rest is left out."},
    {kV2, "eta-published", "align_ratio is the mean over samples, and 1 for a sample in which nothing aligns."},
    {kV2, "projector.init, projector.s2t",
     "The pseudo-inverse leaves out the end-of-text tokens unless both are spelled alike."},
    {kV2, "cma",
     "N(x) as in reference-v1, and the projected teacher carries the embedding of what the teacher predicts instead of "
     "the "
     "answer's token."},
    {kV2, "uld, mined", "As in reference-v1."},
    {kV2, "projector.weight_decay, train.weight_decay, train.warmup_steps", "As in reference-v1."},
};

constexpr PublishedFault kFaults[] = {
    {"akl", "Not a number where teacher and student agree (0/0); here the distance is 0 there."},
    {"akl of DSKD-CMA-GA", "Its KL parts divide by the temperature twice; here once."},
    {"kl", "Not a number where the teacher excludes a token by minus infinity; here such a token counts 0."},
    {"all losses", "Logits that are not finite become 0 in place; here training stops and names the term."},
    {"label smoothing", "Adds the summed loss at every token; not offered."},
    {"cma", "Fails with a GPT-2 teacher; here every architecture can be on either side."},
    {"cma of DSKD v2",
     "Fails at the first step (names of projectors that do not exist); here it runs as it was meant."},
    {"dskd-v2, eta", "Answers of the student's own fail in the published code; here they follow the paper."},
    {"DSKD v2", "Projectors for the teacher space and the queries never reach the optimizer; here they learn unless "
                "projector.s2t is set otherwise."},
    {"dskd-v2", "Heads of different height with one tokenizer fail; here their common rows count."},
    {"qwen, vanilla", "Cuts logits to 151851 columns or to the smaller vocabulary, whether or not the ids mean the "
                      "same; here the tokens that both have are compared, or the pair is refused."},
    {"dskd-cma-ga", "No gradient reaches the queries; choose key_query.matching gan-published for that."},
    {"mined", "Overwrites the student's logits in float32, so that KD is 0; here it does not."},
    {"uld", "Rotates logits and labels in place, so that later terms see them rotated; here nothing is."},
    {"t2s_acc of reference-v2",
     "Divides by the micro-batch's tokens and counts unaligned tokens; here it counts as always."},
    {"the last micro-batches", "An incomplete group is dropped; here an epoch ends with a smaller step."},
};

} // namespace

std::span<const FidelityDifference> fidelityDifferences()
{
    return kDifferences;
}

std::vector<std::string> unknownToPublished(const Experiment& experiment)
{
    const MethodConfig& method = experiment.method;
    const auto uses = [&](std::string_view field) { return whyUnused(experiment, field).empty(); };
    if (method.fidelity == Fidelity::Paper || !uses("method.fidelity")) {
        return {};
    }
    const bool first = method.fidelity == Fidelity::ReferenceV1;
    std::vector<std::string> unknown;
    const auto add = [&unknown](bool is, std::string what) {
        if (is && std::find(unknown.begin(), unknown.end(), what) == unknown.end()) {
            unknown.push_back(std::move(what));
        }
    };
    const auto addDistance = [&](Distance distance) {
        add(!rowOf(distance).inPublishedCode, "the distance " + std::string(name(distance)));
    };
    if (comparesInStudentSpace(method) || comparesInDifferentSpaces(method)) {
        addDistance(method.distance);
    }
    if (comparesInTeacherSpace(method)) {
        addDistance(teacherSpaceDistance(method));
    }
    add(first && uses("method.agreement_mask") && method.agreementMask, "the agreement mask");
    const bool inverts = (uses("projector.init") && experiment.projector.init == ProjectorInit::Pinv) ||
                         (uses("projector.s2t") && experiment.projector.s2t == S2tProjector::Tracked);
    add(first && inverts, "projectors from the pseudo-inverse");
    const bool ownAnswers = uses("on_policy.ratio") && experiment.onPolicy.ratio > 0;
    add(first && ownAnswers, "answers of the student's own");
    add(!first && ownAnswers && experiment.onPolicy.schedule == OnPolicySchedule::Adaptive,
        "an adaptive share of the student's own answers");
    add(uses("key_query.matching") && experiment.keyQuery.matching == KeyQueryMatching::Sinkhorn, "Sinkhorn matching");
    add(experiment.data.answers == AnswerSource::Teacher, "answers of the teacher's");
    return unknown;
}

std::span<const PublishedFault> faultsNotReproduced()
{
    return kFaults;
}

} // namespace dskd::config
