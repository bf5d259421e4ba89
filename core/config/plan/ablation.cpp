#include "core/config/plan/ablation.h"

#include "core/config/methods/field_use.h"
#include "core/config/schema/choices.h"

#include <numeric>

namespace dskd::config
{

std::vector<Axis> spacesAndDistances()
{
    Axis spaces{"method.space", {}};
    for (const Choice<Space>& choice : choicesOf<Space>()) {
        Experiment experiment;
        experiment.method.space = choice.value;
        if (whyUnused(experiment, "method.distance").empty()) {
            spaces.values.emplace_back(choice.name);
        }
    }
    Axis distances{"method.distance", {}};
    for (const DistanceRow& row : kDistances) {
        if (row.inPublishedCode && !row.ofOneMethod) {
            distances.values.emplace_back(row.name);
        }
    }
    return {spaces, distances};
}

std::vector<std::uint64_t> ablationSeeds(std::uint64_t first)
{
    std::vector<std::uint64_t> seeds(kAblationSeeds);
    std::iota(seeds.begin(), seeds.end(), first);
    return seeds;
}

} // namespace dskd::config
