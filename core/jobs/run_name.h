#pragma once

#include <cstdint>
#include <string>

namespace dskd::jobs
{

// The name without the seed that people, grids and createRun put at its end: "dual" for "dual, seed 10", "dual-s10". A
// number alone belongs to the name: "gpt-10".
[[nodiscard]] std::string nameWithoutSeed(const std::string& name, std::uint64_t seed);

// Whether the name ends in the seed.
[[nodiscard]] bool endsInSeed(const std::string& name, std::uint64_t seed);

} // namespace dskd::jobs
