#pragma once

// The signatures that watchdogs.cpp lists: each finds nothing where nothing of its kind was recorded.

#include "core/jobs/watchdogs.h"

#include <optional>

namespace dskd::jobs
{

// loss_signatures.cpp
[[nodiscard]] std::optional<Finding> lookForNotFinite(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> lookForDivergence(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> lookForLossAgainstRouge(const RunEvidence& evidence);

// projector_signatures.cpp
[[nodiscard]] std::optional<Finding> lookForStagnation(const RunEvidence& evidence);

// alignment_signatures.cpp
[[nodiscard]] std::optional<Finding> lookForAttentionCollapse(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> lookForLowCoverage(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> lookForLengthMismatch(const RunEvidence& evidence);

} // namespace dskd::jobs
