#include "core/config/methods/method_table.h"

namespace dskd::config
{
namespace
{

constexpr ChoiceMeaning kMeanings[] = {
    {"method.objective", "sft", "Plain fine-tuning on the answers."},
    {"method.objective", "kd", "Distillation from a teacher, mixed with fine-tuning by method.kd_rate."},
    {"method.objective", "policy-gradient",
     "The reverse KL of whole answers, lowered by a policy gradient on answers of the student's own (MiniLLM)."},
    {"method.fidelity", "paper", "The papers' mathematics."},
    {"method.fidelity", "reference-v1",
     "What the published code of DSKD and DSKD-CMA-GA computes; dskd methods lists where it differs."},
    {"method.fidelity", "reference-v2",
     "What the published code of DSKD v2 computes; dskd methods lists where it differs."},
    {"method.space", "diff", "Each model through its own head."},
    {"method.space", "student", "Both through the student's head; the teacher's states are projected."},
    {"method.space", "teacher", "Both through the teacher's head; the student's states are projected."},
    {"method.space", "dual", "Both of the projected spaces."},
    {"method.alignment", "none", "Row by row: one tokenizer."},
    {"method.alignment", "cma", "Attention between the tokens of both tokenizations, learned from their embeddings."},
    {"method.alignment", "eta", "Tokens that stand for the same bytes of text."},
    {"method.alignment", "eta-published",
     "As the reference code compares spellings; loses its place at the first token that both spell differently."},
    {"method.alignment", "cla", "Attention within chunks of equal text."},
    {"method.alignment", "clp", "Uniform weights within chunks of equal text."},
    {"method.alignment", "position", "First token with first token: only for sorted probabilities (uld)."},
    {"method.alignment", "mined", "Tokens whose spellings differ by the fewest edits."},
    {"method.distance", "kl", "KL(p || q), forward; p is the teacher's distribution, q the student's."},
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
    {"data.answers", "gold", "The answers of the data."},
    {"data.answers", "teacher", "The teacher's own answers to the prompts of the data, generated before training."},
    {"key_query.matching", "off", "Queries are learned through the attention alone."},
    {"key_query.matching", "gan", "A discriminator tells queries from keys, and the queries learn to mislead it."},
    {"key_query.matching", "gan-published", "As the published code has it: no gradient arrives; a control."},
    {"key_query.matching", "ct", "Conditional transport between queries and keys."},
    {"key_query.matching", "sinkhorn", "Entropy-regularised optimal transport between queries and keys."},
    {"on_policy.schedule", "fixed", "The share of on_policy.ratio all along."},
    {"on_policy.schedule", "adaptive", "A share that grows when the validation loss rises, and a replay buffer."},
    {"projector.init", "random", "As a linear layer begins."},
    {"projector.init", "pinv", "The pseudo-inverse that carries one head into the other with the least error."},
    {"projector.s2t", "trained", "Learned with the student."},
    {"projector.s2t", "tracked", "The pseudo-inverse of the student's current head, computed anew at every step."},
    {"projector.s2t", "frozen", "The pseudo-inverse at the start, kept."},
};

} // namespace

std::span<const ChoiceMeaning> choiceMeanings()
{
    return kMeanings;
}

} // namespace dskd::config
