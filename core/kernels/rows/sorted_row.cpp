#include "core/kernels/rows/sorted_row.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

namespace dskd::kernels::rows
{
namespace
{

constexpr unsigned kBits = 11; // a pass sorts by so many bits of the 32
constexpr std::size_t kBuckets = std::size_t{1} << kBits;
constexpr unsigned kPasses = 3;

std::uint32_t bitsOf(float value)
{
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

float valueOf(std::uint32_t bits)
{
    float value = 0.0F;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// A list of keys, and where each came from.
struct Keys {
    std::uint32_t* keys = nullptr;
    std::uint32_t* from = nullptr; // nullptr: nobody asks
};

// The bits of numbers that are not negative have their order. Sorts from large to small into `sorted`, equal ones in
// their order; `other` is as large.
void sortDescending(const Weights& weights, Keys sorted, Keys other)
{
    const auto count = static_cast<std::size_t>(weights.count);
    std::array<std::array<std::uint32_t, kBuckets>, kPasses> starts{};
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t key = ~bitsOf(weights.values[i]);
        for (unsigned pass = 0; pass < kPasses; ++pass) {
            ++starts[pass][(key >> (pass * kBits)) & (kBuckets - 1)];
        }
    }
    for (auto& pass : starts) {
        std::uint32_t before = 0;
        for (std::uint32_t& start : pass) {
            before += std::exchange(start, before);
        }
    }
    // three passes: weights to sorted, to other, to sorted
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t key = ~bitsOf(weights.values[i]);
        const std::uint32_t at = starts[0][key & (kBuckets - 1)]++;
        sorted.keys[at] = key;
        if (sorted.from != nullptr) {
            sorted.from[at] = static_cast<std::uint32_t>(i);
        }
    }
    Keys read = sorted;
    Keys written = other;
    for (unsigned pass = 1; pass < kPasses; ++pass) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t key = read.keys[i];
            const std::uint32_t at = starts[pass][(key >> (pass * kBits)) & (kBuckets - 1)]++;
            written.keys[at] = key;
            if (written.from != nullptr) {
                written.from[at] = read.from[i];
            }
        }
        std::swap(read, written);
    }
}

} // namespace

SortedDistance sortedDistance(const Weights& q, const Weights& p, float* slopes, std::vector<std::uint32_t>& scratch)
{
    const auto numQ = static_cast<std::size_t>(q.count);
    const auto numP = static_cast<std::size_t>(p.count);
    scratch.resize(4 * numQ + 2 * numP);
    std::uint32_t* at = scratch.data();
    const Keys sortedQ{at, at + numQ};
    const Keys sortedP{at + 4 * numQ, nullptr};
    sortDescending(q, sortedQ, {at + 2 * numQ, at + 3 * numQ});
    sortDescending(p, sortedP, {at + 4 * numQ + numP, nullptr});
    const auto q1 = static_cast<float>(1.0 / q.sum);
    const auto p1 = static_cast<float>(1.0 / p.sum);
    SortedDistance result;
    for (std::size_t i = 0; i < numQ; ++i) {
        const float mine = valueOf(~sortedQ.keys[i]) * q1;
        const float gap = mine - (i < numP ? valueOf(~sortedP.keys[i]) * p1 : 0.0F);
        const float slope = gap > 0.0F ? 1.0F : gap < 0.0F ? -1.0F : 0.0F;
        result.value += static_cast<double>(std::fabs(gap));
        result.slope += static_cast<double>(mine * slope);
        slopes[sortedQ.from[i]] = slope;
    }
    for (std::size_t i = numQ; i < numP; ++i) {
        result.value += static_cast<double>(valueOf(~sortedP.keys[i]) * p1);
    }
    return result;
}

} // namespace dskd::kernels::rows
