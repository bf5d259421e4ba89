// The configuration reference, the part that makes a method.

#include "core/config/schema/field_rows.h"

namespace dskd::config::rows
{

void addMethodFields(Table& t)
{
    t.choice("method.objective", FIELD(method.objective), "What the student learns from.");
    t.choice("method.fidelity", FIELD(method.fidelity), "Whose mathematics is computed.");
    t.choice("method.space", FIELD(method.space), "Where the distributions are compared.");
    t.choice("method.alignment", FIELD(method.alignment), "How the tokens of two tokenizers are brought together.");
    t.choice("method.distance", FIELD(method.distance), "Distance in the student space and in different spaces.");
    t.choice("method.teacher_distance", FIELD(method.teacherDistance),
             "Distance in the teacher space; the paper fixes kl.");
    t.number("method.temperature", FIELD(method.temperature), kPositive, "Divides both sides' logits in KD terms.");
    t.number("method.teacher_temperature", FIELD(method.teacherTemperature), kPositive,
             "Divides the target logits once more, in the student space and in different ones.");
    t.boolean("method.temperature_squared", FIELD(method.temperatureSquared),
              "Multiplies KD terms by the square of the temperature; the paper does not.");
    t.number("method.kd_rate", FIELD(method.kdRate), kUnit,
             "Weight of the KD loss; 1 - kd_rate is the weight of the cross-entropy. With policy-gradient both "
             "weigh only what is learned from the answers of the data.");
    t.number("method.skew_lambda", FIELD(method.skewLambda), kUnitWithoutOne,
             "Mixture weight lambda in skl and in srkl.");
    t.number("method.adaptive_alpha", FIELD(method.adaptiveAlpha), kUnit,
             "Probability mass that separates head and tail in akl.");
    t.number("method.beta", FIELD(method.beta), kUnit, "Weight beta in sym and in gjs.");
    t.choice("method.t2s_target", FIELD(method.t2sTarget),
             "Labels of the projected teacher (t2s: teacher to student). With cma, cla and clp the labels are the "
             "answer's either way; there this chooses whose embeddings are added to the teacher's hidden states.");
    t.boolean("method.agreement_mask", FIELD(method.agreementMask),
              "Student-space KD only where the projected teacher predicts its label (DSKD v2).");
    t.number("method.agreement_threshold", FIELD(method.agreementThreshold), kUnit,
             "Share of agreeing rows above which the agreement mask is off.");
    t.boolean(
        "method.correctness_mask", FIELD(method.correctnessMask),
        "With cma, cla and clp: student-space KD only where the projected teacher predicts the right token. Without "
        "effect under the agreement mask.");

    t.choice("key_query.matching", FIELD(keyQuery.matching),
             "What makes the queries of cma and cla look like their keys.");
    t.number("key_query.rate", FIELD(keyQuery.rate), kNotNegative, "Weight of the matching loss.");
    t.integer("key_query.hidden", FIELD(keyQuery.hidden), kAtLeastOne, "Width of discriminator and critics.");
    t.number("key_query.lr", FIELD(keyQuery.lr), kNotNegative, "Learning rate of discriminator and critics.");
    t.number("key_query.weight_decay", FIELD(keyQuery.weightDecay), kNotNegative,
             "Weight decay of discriminator and critics.");
    t.number("key_query.dropout", FIELD(keyQuery.dropout), kUnitWithoutOne, "Dropout in discriminator and critics.");
    t.integer("key_query.rows", FIELD(keyQuery.rows), {.least = 2},
              "Most rows of each side that are matched in a micro-batch, drawn at random.");
    t.number("key_query.sinkhorn_epsilon", FIELD(keyQuery.sinkhornEpsilon), kPositive,
             "Entropy regularisation of sinkhorn, as a share of the mean cost.");
    t.integer("key_query.sinkhorn_iterations", FIELD(keyQuery.sinkhornIterations), kAtLeastOne,
              "Iterations of sinkhorn.");

    t.number("on_policy.ratio", FIELD(onPolicy.ratio), kUnit,
             "Share of the micro-batches that are distilled on answers of the student's own; 0: off. With "
             "on_policy.schedule adaptive, its largest value.");
    t.choice("on_policy.schedule", FIELD(onPolicy.schedule), "How the share of the student's own answers is chosen.");
    t.number("on_policy.start_epoch", FIELD(onPolicy.startEpoch), kNotNegative,
             "Epoch from which the student's own answers are used.");
    t.integer("on_policy.max_new_tokens", FIELD(onPolicy.maxNewTokens), kAtLeastOne,
              "Longest answer that the student gives for distilling.");
    t.number("on_policy.temperature", FIELD(onPolicy.temperature), kNotNegative,
             "Sampling temperature of those answers; 0: greedy.");
    t.number("on_policy.top_p", FIELD(onPolicy.topP), kUnitWithoutZero,
             "Sample them from the smallest set of tokens with this probability; 1: all.");
    t.integer("on_policy.top_k", FIELD(onPolicy.topK), kNotNegative,
              "Sample them from the k most likely tokens; 0: all.");

    t.number("on_policy.threshold", FIELD(onPolicy.threshold), kUnit, "Adaptive: share of own answers at the start.");
    t.number("on_policy.threshold_step", FIELD(onPolicy.thresholdStep), kUnit,
             "Adaptive: what is added to the share when the validation loss has risen.");
    t.number("on_policy.tolerance", FIELD(onPolicy.tolerance), kNotNegative,
             "Adaptive: how much the validation loss must rise, in nats.");
    t.integer("on_policy.buffer_size", FIELD(onPolicy.bufferSize), kAtLeastOne,
              "Adaptive: answers that are kept for replay.");
    t.choice("on_policy.replay", FIELD(onPolicy.replay), "Adaptive: how the use of own answers runs over training.");

    t.number("policy_gradient.teacher_mix", FIELD(policyGradient.teacherMix), kUnitWithoutOne,
             "Share of the teacher in the distribution that answers are sampled from.");
    t.number("policy_gradient.reward_scaling", FIELD(policyGradient.rewardScaling), kPositive,
             "Rewards are divided by it.");
    t.number("policy_gradient.reward_clip", FIELD(policyGradient.rewardClip), kPositive,
             "Largest size of a scaled reward.");
    t.number("policy_gradient.discount", FIELD(policyGradient.discount), kUnit, "Discount of later rewards.");
    t.boolean("policy_gradient.length_normalisation", FIELD(policyGradient.lengthNormalisation),
              "Divides a return by the tokens that remain.");
    t.number("policy_gradient.clip_ratio", FIELD(policyGradient.clipRatio), kPositive,
             "Largest change of the importance weight that still has a gradient (PPO).");
    t.integer("policy_gradient.inner_epochs", FIELD(policyGradient.innerEpochs), kAtLeastOne,
              "Passes over a set of sampled answers.");
    t.integer("policy_gradient.rollouts", FIELD(policyGradient.rollouts), kAtLeastOne,
              "Answers that are sampled at once.");
    t.boolean("policy_gradient.single_step", FIELD(policyGradient.singleStep),
              "Adds the reverse KL of every single position.");
    t.number("policy_gradient.data_rate", FIELD(policyGradient.dataRate), kNotNegative,
             "Weight of cross-entropy and KL on the answers of the data.");

    t.number("projector.lr", FIELD(projector.lr), kNotNegative, "Learning rate of the projectors.");
    t.number("projector.weight_decay", FIELD(projector.weightDecay), kNotNegative, "Weight decay of the projectors.");
    t.choice("projector.init", FIELD(projector.init), "What the projectors begin with.");
    t.boolean("projector.bias", FIELD(projector.bias), "Projectors with a bias; those of DSKD v2 have none.");
    t.choice("projector.s2t", FIELD(projector.s2t),
             "The projector into the teacher's space (s2t: student to teacher).");
    t.integer("projector.top_vocabulary", FIELD(projector.topVocabulary), kNotNegative,
              "Pseudo-inverse of the first K common tokens only; 0: of all.");
    t.number("projector.rcond", FIELD(projector.rcond), kUnitWithoutOne,
             "Singular values below this share of the largest count as 0 in the pseudo-inverse; 0: by the precision.");
}

} // namespace dskd::config::rows
