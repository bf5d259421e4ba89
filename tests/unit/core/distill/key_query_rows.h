#pragma once

// What the tests of key-query matching share: methods with queries, matchings without anything random, rows for both.

#include "core/distill/distiller.h"
#include "tests/support/step_rows.h"

namespace dskd::distill
{

inline constexpr double kExact = 1e-10;

inline config::MethodConfig softMethod(config::Alignment alignment = config::Alignment::Cma)
{
    config::MethodConfig method;
    method.alignment = alignment;
    method.kdRate = 0.3;
    return method;
}

// Nothing at random, so that an oracle can follow.
inline config::KeyQueryConfig plain(config::KeyQueryMatching matching)
{
    config::KeyQueryConfig config;
    config.matching = matching;
    config.rate = 0.7;
    config.hidden = 5;
    config.dropout = 0.0;
    config.sinkhornEpsilon = 0.5;
    config.sinkhornIterations = 400;
    return config;
}

// float64, on the CPU.
inline Distiller makeDistiller(const config::KeyQueryConfig& keyQuery,
                               const config::MethodConfig& method = softMethod())
{
    return {method, {6, 10}, 4, 3, at::kCPU, at::kDouble, {}, keyQuery};
}

// Two vocabularies, with pairs and chunks.
inline batch::StepRows makeRows()
{
    batch::StepRows rows = support::randomRows(support::kOtherVocabulary);
    support::addAlignment(rows);
    return rows;
}

} // namespace dskd::distill
