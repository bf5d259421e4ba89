#pragma once

// What the values of method.fidelity change against the papers' mathematics, and which faults of the published code no
// value repeats (distill/METHOD.md 11). One table for `dskd methods`, the dialog and the documentation; the code asks
// fidelity_traits.h.

#include "core/config/schema/experiment.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::config
{

struct FidelityDifference {
    Fidelity fidelity;
    std::string_view concerns; // methods, alignments or fields: "cma, cla, clp"
    std::string_view sentence; // what is computed, and what the paper's mathematics has instead
};

// In the order of the fidelities; none for the papers'.
[[nodiscard]] std::span<const FidelityDifference> fidelityDifferences();

// What of this experiment the published code of its fidelity does not have ("the agreement mask"): there the papers'
// mathematics holds. Empty for Fidelity::Paper.
[[nodiscard]] std::vector<std::string> unknownToPublished(const Experiment& experiment);

struct PublishedFault {
    std::string_view concerns;
    std::string_view sentence; // what the published code does, and what is done here
};

// Crashes, values that are not numbers, and things that silently do nothing.
[[nodiscard]] std::span<const PublishedFault> faultsNotReproduced();

} // namespace dskd::config
