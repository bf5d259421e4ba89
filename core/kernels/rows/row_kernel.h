#pragma once

// One row of logits a side, on the CPU in float32: cross-entropies, a distance, the most probable tokens and the
// gradients of all of it, in two to four passes over rows that stay in the cache of a core. No allocation, no threads,
// no LibTorch.
//
// V, W: columns of the student's and the target's row. The first C = min(V, W) columns are compared with each other,
// but by a distance of sorted probabilities, which compares all.

#include "core/base/distance.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace dskd::kernels::rows
{

// A distance as it is to be computed: logits are multiplied by the scales before the softmax.
struct RowDistance : DistanceParameters {
    Distance distance = Distance::Kl;
    float studentScale = 1.0F; // 1 / temperature
    float targetScale = 1.0F;  // 1 / (temperature * teacher's temperature)
    float valueScale = 1.0F;   // of the value and its gradient: temperature^2 where asked for
};

// The logits are overwritten: by the gradient where one is wanted, else by intermediate values.
struct SideOfRow {
    float* logits = nullptr; // (V) or (W), finite, but a target may have -inf where it excludes a token
    std::int64_t columns = 0;
    std::int64_t label = -1;         // -1: has none, and is never right
    bool crossEntropy = false;       // without a label its value means nothing
    bool gradient = false;           // wanted
    float crossEntropyFactor = 1.0F; // of the cross-entropy in the gradient
};

struct RowTask {
    SideOfRow student;
    SideOfRow target;                    // without logits: there is none
    bool distance = false;               // D(target || student)
    float distanceFactor = 1.0F;         // of the distance in the student's gradient
    bool onlyWhereTargetCorrect = false; // else the distance is 0
};

struct SideValues {
    double crossEntropy = 0.0;
    std::int64_t predicted = 0;  // the first of the most probable tokens
    float maxProbability = 0.0F; // of that token; only with the cross-entropy
};

struct RowValues {
    SideValues student;
    SideValues target;
    double distance = 0.0; // times valueScale, before distanceFactor
};

// Memory that the rows of a thread share.
class RowScratch
{
public:
    // Room for rows of so many columns; what is there may be lost.
    void fit(std::int64_t columns);
    [[nodiscard]] float* kept();
    [[nodiscard]] float* studentUnit();
    [[nodiscard]] float* targetUnit();
    [[nodiscard]] std::vector<std::uint32_t>& keys();

private:
    std::ptrdiff_t m_columns = 0;
    std::vector<float> m_floats;
    std::vector<std::uint32_t> m_keys;
};

// Whether the kernel has this distance; one that it lacks goes through the plain code.
[[nodiscard]] bool isInRowKernel(Distance distance);

// Whether the kernel has this distance where the target excludes tokens (-inf). Those that are infinite there are left
// to the plain code, which leaves the excluded tokens out as the published code does.
[[nodiscard]] bool takesExcludedTokens(const RowDistance& distance);

using RowKernel = RowValues (*)(const RowTask& task, const RowDistance& distance, RowScratch& scratch);

// The instructions that a kernel is compiled for.
struct RowKernelVersion {
    std::string_view name; // "avx512", "avx2", "portable"
    RowKernel run = nullptr;
};
// Those that this machine can run, the fastest first; "portable" is always there.
[[nodiscard]] const std::vector<RowKernelVersion>& rowKernels();
// The fastest, or the one that the environment variable DSKD_ROW_KERNEL names; nullptr for "off". Throws Error for a
// name that this machine does not have.
[[nodiscard]] RowKernel rowKernel();

} // namespace dskd::kernels::rows
