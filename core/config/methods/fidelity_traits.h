#pragma once

// What method.fidelity changes in losses and schedule (core/distill/METHOD.md 11.1; fidelityDifferences() in words).

#include "core/base/distance.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment.h"

namespace dskd::config
{

// Deviations are those of the padded batch with prompts and padding, where the paper's are those of the response rows.
[[nodiscard]] inline bool seesPaddedBatch(const MethodConfig& method)
{
    return attends(method) && method.fidelity != Fidelity::Paper;
}
// Chunks go on through prompts and padding, and rows without a partner attend to them.
[[nodiscard]] inline bool chunksPaddedBatch(const MethodConfig& method)
{
    return attendsWithinChunks(method) && method.fidelity == Fidelity::ReferenceV1;
}
[[nodiscard]] inline bool attendsToPadding(const MethodConfig& method)
{
    return chunksPaddedBatch(method) && hasQueries(method);
}
[[nodiscard]] inline bool usesTeacherTemperature(const MethodConfig& method)
{
    return method.fidelity == Fidelity::Paper || (method.fidelity == Fidelity::ReferenceV1 && attends(method));
}
[[nodiscard]] inline Distance teacherSpaceDistance(const MethodConfig& method)
{
    return method.fidelity == Fidelity::ReferenceV2 ? method.distance : method.teacherDistance;
}
// The published MinED has KL only.
[[nodiscard]] inline Distance differentSpacesDistance(const MethodConfig& method)
{
    return matchesSpellings(method) && method.fidelity != Fidelity::Paper ? Distance::Kl : method.distance;
}
// The published cosine has no warm-up.
[[nodiscard]] inline bool ignoresWarmup(const Experiment& experiment)
{
    return experiment.train.schedule == Schedule::Cosine && experiment.method.fidelity != Fidelity::Paper;
}
// Terms over some of the rows are means over those rows of each micro-batch, whatever its share of the tokens.
[[nodiscard]] inline bool meansOfMicroBatches(const MethodConfig& method)
{
    return method.fidelity == Fidelity::ReferenceV2;
}

} // namespace dskd::config
