#include "core/base/random_stream.h"

#include "core/base/hash.h"

#include <bit>
#include <cassert>

namespace dskd
{
namespace
{
// SplitMix64 (Steele, Lea and Flood, 2014): spreads a seed over as many words as needed.
std::uint64_t splitMix(std::uint64_t& state)
{
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}
} // namespace

std::uint64_t streamSeed(std::uint64_t seed, std::string_view name)
{
    Fnv1a hash;
    hash.add(name);
    std::uint64_t state = seed ^ hash.value();
    return splitMix(state);
}

RandomStream::RandomStream(std::uint64_t seed)
{
    for (std::uint64_t& word : m_state) {
        word = splitMix(seed);
    }
}

std::uint64_t RandomStream::next()
{
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t shifted = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= shifted;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
}

double RandomStream::uniform()
{
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t RandomStream::below(std::uint64_t bound)
{
    assert(bound > 0);
    const std::uint64_t threshold = (0 - bound) % bound;
    for (;;) {
        const std::uint64_t value = next();
        if (value >= threshold) {
            return value % bound;
        }
    }
}

} // namespace dskd
