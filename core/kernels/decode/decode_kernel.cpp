#include "core/kernels/decode/decode_kernel.h"

#include <algorithm>

namespace dskd::kernels::decode
{

DecodeKernels decodeKernelsPortable();
#ifdef __x86_64__
DecodeKernels decodeKernelsAvx2();
DecodeKernels decodeKernelsAvx512();
#endif

void packPanels(const Weights& from, float* panels, std::int64_t begin, std::int64_t end)
{
    for (std::int64_t panel = begin; panel < end; ++panel) {
        const std::int64_t output = panel * kPanelOutputs;
        const std::int64_t count = std::min(kPanelOutputs, from.outputs - output);
        const float* weights = from.weights + output * from.outputStride;
        float* to = panels + panel * from.inputs * kPanelOutputs;
        for (std::int64_t i = 0; i < from.inputs; ++i, to += kPanelOutputs) {
            for (std::int64_t o = 0; o < count; ++o) {
                to[o] = weights[o * from.outputStride + i * from.inputStride];
            }
            std::fill(to + count, to + kPanelOutputs, 0.0F);
        }
    }
}

const std::vector<DecodeKernels>& decodeKernels()
{
    static const std::vector<DecodeKernels> versions = [] {
        std::vector<DecodeKernels> found;
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            found.push_back(decodeKernelsAvx512());
        }
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
            found.push_back(decodeKernelsAvx2());
        }
#endif
        found.push_back(decodeKernelsPortable());
        return found;
    }();
    return versions;
}

} // namespace dskd::kernels::decode
