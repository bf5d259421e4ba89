#pragma once

// The rows of the table of metrics by subject, and what they have in common. metric_table.cpp joins them.

#include "core/metrics/metric_table.h"

namespace dskd::metrics
{

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Range kNotNegative{0.0, kInfinity};
inline constexpr Range kShare{0.0, 1.0};

inline constexpr std::string_view kAtValidations = "It is measured every validation.every steps.";
inline constexpr std::string_view kAtProbes = "It is measured every log.probe_every steps on the samples of "
                                              "log.probe_samples or log.probe_lines, with a teacher.";
inline constexpr std::string_view kAtEveryProbe =
    "It is measured every log.probe_every steps on the samples of log.probe_samples or log.probe_lines.";
inline constexpr std::string_view kBesideATeacher =
    "It is measured every log.probe_every steps on the samples of log.probe_samples or log.probe_lines, beside the "
    "method's teacher or that of log.probe_teacher.";
inline constexpr std::string_view kOnRequest =
    "It needs log.gradient_norm_every above 0; it comes so often and at the last step, from the step's first "
    "micro-batch.";
inline constexpr std::string_view kAtTheStart = "It is measured once, before the first step, with projector.init pinv.";

// Each in the order of the groups.
[[nodiscard]] std::span<const Metric> lossMetrics();     // loss, validation, distillation, alignment
[[nodiscard]] std::span<const Metric> spaceMetrics();    // representation spaces, queries and keys
[[nodiscard]] std::span<const Metric> trainingMetrics(); // own answers, policy gradient, optimisation, machine

} // namespace dskd::metrics
