#pragma once

// The choices that make a method (choice.h). Distances (core/base/distance.h) and alignments (alignment.h) have
// tables of their own, with more columns.

#include "core/config/schema/choice.h"
#include "core/config/schema/method_config.h"
#include "core/config/schema/on_policy_config.h"

#include <array>
#include <cstddef>

namespace dskd::config
{

template <>
inline constexpr Choice<Objective> kChoices<Objective>[] = {
    {Objective::Sft, "sft", "Plain fine-tuning on the answers."},
    {Objective::Kd, "kd", "Distillation from a teacher, mixed with fine-tuning by method.kd_rate."},
    {Objective::PolicyGradient, "policy-gradient",
     "The reverse KL of whole answers, lowered by a policy gradient on answers of the student's own (MiniLLM)."},
};
template <>
inline constexpr Choice<Fidelity> kChoices<Fidelity>[] = {
    {Fidelity::Paper, "paper", "The papers' mathematics."},
    {Fidelity::ReferenceV1, "reference-v1",
     "What the published code of DSKD and DSKD-CMA-GA computes; dskd methods lists where it differs."},
    {Fidelity::ReferenceV2, "reference-v2",
     "What the published code of DSKD v2 computes; dskd methods lists where it differs."},
};
template <>
inline constexpr Choice<Space> kChoices<Space>[] = {
    {Space::Different, "diff", "Each model through its own head."},
    {Space::Student, "student", "Both through the student's head; the teacher's states are projected."},
    {Space::Teacher, "teacher", "Both through the teacher's head; the student's states are projected."},
    {Space::Dual, "dual", "Both of the projected spaces."},
};
template <>
inline constexpr Choice<T2sTarget> kChoices<T2sTarget>[] = {
    {T2sTarget::Gold, "gold", "The labels of the projected teacher are the answer's tokens."},
    {T2sTarget::Teacher, "teacher",
     "The labels of the projected teacher are the tokens that the teacher itself finds most probable (DSKD v2)."},
};
template <>
inline constexpr Choice<ProjectorInit> kChoices<ProjectorInit>[] = {
    {ProjectorInit::Random, "random", "As a linear layer begins."},
    {ProjectorInit::Pinv, "pinv",
     "The pseudo-inverse that carries one head into the other with the least error (DSKD v2)."},
};
template <>
inline constexpr Choice<S2tProjector> kChoices<S2tProjector>[] = {
    {S2tProjector::Trained, "trained", "Learned with the student."},
    {S2tProjector::Tracked, "tracked",
     "The pseudo-inverse of the student's current head, computed anew at every step (DSKD v2)."},
    {S2tProjector::Frozen, "frozen", "The pseudo-inverse at the start, kept."},
};
template <>
inline constexpr Choice<KeyQueryMatching> kChoices<KeyQueryMatching>[] = {
    {KeyQueryMatching::Off, "off", "Queries are learned through the attention alone."},
    {KeyQueryMatching::Gan, "gan", "A discriminator classifies queries and keys, and the queries learn to mislead it."},
    {KeyQueryMatching::GanPublished, "gan-published", "As the published code has it: no gradient arrives; a control."},
    {KeyQueryMatching::Ct, "ct", "Conditional transport between queries and keys."},
    {KeyQueryMatching::Sinkhorn, "sinkhorn", "Entropy-regularised optimal transport between queries and keys."},
};
template <>
inline constexpr Choice<OnPolicySchedule> kChoices<OnPolicySchedule>[] = {
    {OnPolicySchedule::Fixed, "fixed", "The share of on_policy.ratio all along."},
    {OnPolicySchedule::Adaptive, "adaptive",
     "A share that grows when the validation loss rises, and a replay buffer (DistiLLM)."},
};
template <>
inline constexpr Choice<ReplayRatio> kChoices<ReplayRatio>[] = {
    {ReplayRatio::Decreasing, "decreasing"},
    {ReplayRatio::Constant, "constant"},
    {ReplayRatio::Increasing, "increasing"},
};

template <typename Row, std::size_t N>
constexpr auto choicesFrom(const Row (&rows)[N])
{
    std::array<Choice<decltype(Row::value)>, N> choices{};
    for (std::size_t i = 0; i < N; ++i) {
        choices[i] = {rows[i].value, rows[i].name, rows[i].sentence};
    }
    return choices;
}
template <>
inline constexpr auto kChoices<Distance> = choicesFrom(kDistances);
template <>
inline constexpr auto kChoices<Alignment> = choicesFrom(kAlignments);

} // namespace dskd::config
