#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dskd
{

// One seed, many independent named streams ("init", "dropout", "shuffle", "sampling"), so that adding a consumer of
// one stream never shifts another.

// A 64-bit seed for the stream `name` of `seed`. Stable across versions and machines.
[[nodiscard]] std::uint64_t streamSeed(std::uint64_t seed, std::string_view name);

// xoshiro256** (Blackman and Vigna, 2018). Checkpoints hold no state of it: what is drawn for a step comes from a
// stream of its own, which is a function of the seed and the step.
class RandomStream
{
public:
    explicit RandomStream(std::uint64_t seed);
    RandomStream(std::uint64_t seed, std::string_view name) : RandomStream(streamSeed(seed, name)) {}

    std::uint64_t next();
    // Uniform in [0, 1) with 53 bits.
    double uniform();
    // Uniform in [0, bound) without modulo bias; bound must not be 0.
    std::uint64_t below(std::uint64_t bound);

private:
    std::array<std::uint64_t, 4> m_state;
};

} // namespace dskd
