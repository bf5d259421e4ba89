#pragma once

// The signatures that watchdogs.cpp lists: each finds nothing where nothing of its kind was recorded.

#include "core/jobs/watchdogs.h"

#include <optional>

namespace dskd::jobs
{

// loss_signatures.cpp
[[nodiscard]] std::optional<Finding> findNotFinite(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> findDivergence(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> findLossAgainstRouge(const RunEvidence& evidence);

// projector_signatures.cpp
[[nodiscard]] std::optional<Finding> findStagnation(const RunEvidence& evidence);

// alignment_signatures.cpp
[[nodiscard]] std::optional<Finding> findAttentionCollapse(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> findLowCoverage(const RunEvidence& evidence);
[[nodiscard]] std::optional<Finding> findLengthMismatch(const RunEvidence& evidence);

} // namespace dskd::jobs
