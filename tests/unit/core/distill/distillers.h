#pragma once

// Distillers for the rows of step_rows.h, and their projectors as the oracle takes them.

#include "core/distill/distiller.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <cstdint>

namespace dskd::distill
{

struct DistillerOptions {
    // Both shapes of step_rows.h have these widths.
    ModelPair pair = {support::kSameVocabulary.studentWidth, support::kSameVocabulary.teacherWidth, {}};
    std::int64_t chunkRows = 4;
    std::uint64_t seed = 3;
    config::ProjectorConfig projectors = {};
    config::KeyQueryConfig keyQuery = {};
};

// float64, on the CPU.
inline Distiller distillerOf(const config::MethodConfig& method, const DistillerOptions& with = {})
{
    return {method, with.pair, with.chunkRows, with.seed, at::kCPU, at::kDouble, with.projectors, with.keyQuery};
}

inline oracle::Projectors projectorsOf(const Distiller& distiller)
{
    return {distiller.projectors().begin(), distiller.projectors().end()};
}

} // namespace dskd::distill
