#include "core/jobs/seed_runs.h"

#include <algorithm>
#include <map>

namespace dskd::jobs
{

std::vector<std::size_t> oneRunOfEachSeed(const std::vector<SeedRun>& runs)
{
    std::map<std::uint64_t, std::size_t> counted;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto [place, isNew] = counted.try_emplace(runs[i].seed, i);
        if (!isNew && runs[i].done && !runs[place->second].done) {
            place->second = i;
        }
    }
    std::vector<std::size_t> places;
    places.reserve(counted.size());
    for (const auto& [seed, place] : counted) {
        places.push_back(place);
    }
    std::sort(places.begin(), places.end());
    return places;
}

std::vector<std::size_t> countedRuns(const std::vector<SeedRun>& runs)
{
    std::vector<std::size_t> places = oneRunOfEachSeed(runs);
    const auto isDone = [&](std::size_t place) { return runs[place].done; };
    if (std::any_of(places.begin(), places.end(), isDone)) {
        std::erase_if(places, [&](std::size_t place) { return !isDone(place); });
    }
    return places;
}

} // namespace dskd::jobs
