#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dskd::jobs
{

// A run among those that differ in nothing but the seed.
struct SeedRun {
    std::uint64_t seed = 0;
    bool done = false;
};

// The places of the runs that count in a mean over seeds, in their order: of several runs with one seed the first that
// is done, else the first. They repeat each other and are no further evidence.
[[nodiscard]] std::vector<std::size_t> oneRunOfEachSeed(const std::vector<SeedRun>& runs);

// Of these places the ones whose values are averaged: of the runs that are done, of all when none is.
[[nodiscard]] std::vector<std::size_t> countedRuns(const std::vector<SeedRun>& runs);

} // namespace dskd::jobs
