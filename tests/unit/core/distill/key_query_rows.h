#pragma once

// What the tests of key-query matching share: methods with queries, matchings without anything random, rows for both.

#include "tests/unit/core/distill/distillers.h"

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

inline Distiller makeDistiller(const config::KeyQueryConfig& keyQuery,
                               const config::MethodConfig& method = softMethod())
{
    return distillerOf(method, {.keyQuery = keyQuery});
}

// Two vocabularies, with pairs and chunks.
inline batch::StepRows makeRows()
{
    return support::alignedRows(support::kOtherVocabulary);
}

} // namespace dskd::distill
