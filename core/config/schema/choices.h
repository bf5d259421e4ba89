#pragma once

// The names that configurations and databases use for the choices of an experiment. Stored: never rename one.

#include "core/config/schema/experiment.h"

#include <span>
#include <string_view>

namespace dskd::config
{

template <typename Enum>
struct Choice {
    Enum value;
    std::string_view name;
};

// All values of an enumeration with their names: choicesOf<Space>().
template <typename Enum>
[[nodiscard]] std::span<const Choice<Enum>> choicesOf();
// clang-format off
template <> std::span<const Choice<JobKind>> choicesOf();
template <> std::span<const Choice<Objective>> choicesOf();
template <> std::span<const Choice<Space>> choicesOf();
template <> std::span<const Choice<Alignment>> choicesOf();
template <> std::span<const Choice<Distance>> choicesOf();
template <> std::span<const Choice<DataFormat>> choicesOf();
template <> std::span<const Choice<Template>> choicesOf();
template <> std::span<const Choice<Side>> choicesOf();
template <> std::span<const Choice<LossOn>> choicesOf();
template <> std::span<const Choice<Schedule>> choicesOf();
template <> std::span<const Choice<Precision>> choicesOf();
template <> std::span<const Choice<Device>> choicesOf();
template <> std::span<const Choice<StudentInit>> choicesOf();
template <> std::span<const Choice<T2sTarget>> choicesOf();
template <> std::span<const Choice<ProjectorInit>> choicesOf();
template <> std::span<const Choice<S2tProjector>> choicesOf();
template <> std::span<const Choice<Fidelity>> choicesOf();
template <> std::span<const Choice<KeyQueryMatching>> choicesOf();
template <> std::span<const Choice<AnswerSource>> choicesOf();
template <> std::span<const Choice<OnPolicySchedule>> choicesOf();
template <> std::span<const Choice<ReplayRatio>> choicesOf();
template <> std::span<const Choice<FineTuning>> choicesOf();
template <> std::span<const Choice<LoraSaved>> choicesOf();
// clang-format on

[[nodiscard]] std::string_view name(JobKind value);
[[nodiscard]] std::string_view name(Objective value);
[[nodiscard]] std::string_view name(Space value);
[[nodiscard]] std::string_view name(Alignment value);
[[nodiscard]] std::string_view name(DataFormat value);
[[nodiscard]] std::string_view name(Template value);
[[nodiscard]] std::string_view name(Side value);
[[nodiscard]] std::string_view name(LossOn value);
[[nodiscard]] std::string_view name(Schedule value);
[[nodiscard]] std::string_view name(Precision value);
[[nodiscard]] std::string_view name(Device value);
[[nodiscard]] std::string_view name(StudentInit value);
[[nodiscard]] std::string_view name(T2sTarget value);
[[nodiscard]] std::string_view name(ProjectorInit value);
[[nodiscard]] std::string_view name(S2tProjector value);
[[nodiscard]] std::string_view name(Fidelity value);
[[nodiscard]] std::string_view name(KeyQueryMatching value);
[[nodiscard]] std::string_view name(AnswerSource value);
[[nodiscard]] std::string_view name(OnPolicySchedule value);
[[nodiscard]] std::string_view name(ReplayRatio value);
[[nodiscard]] std::string_view name(FineTuning value);
[[nodiscard]] std::string_view name(LoraSaved value);
using dskd::name; // of a Distance

} // namespace dskd::config
