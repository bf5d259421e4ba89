#include "core/kernels/rows/row_kernel.h"

#include "core/base/failure.h"

#include <cstdlib>
#include <string>

namespace dskd::kernels::rows
{

RowValues rowKernelPortable(const RowTask& task, const RowDistance& distance, RowScratch& scratch);
#ifdef __x86_64__
RowValues rowKernelAvx2(const RowTask& task, const RowDistance& distance, RowScratch& scratch);
RowValues rowKernelAvx512(const RowTask& task, const RowDistance& distance, RowScratch& scratch);
#endif

void RowScratch::fit(std::int64_t columns)
{
    constexpr std::ptrdiff_t kLanes = 16;
    const std::ptrdiff_t rounded = (columns + kLanes - 1) / kLanes * kLanes;
    if (rounded > m_columns) {
        m_columns = rounded;
        m_floats.resize(static_cast<std::size_t>(3 * rounded));
    }
}

// Not inline: they would be compiled for each processor, and the linker would take any of the versions for all.
float* RowScratch::kept()
{
    return m_floats.data();
}

float* RowScratch::studentUnit()
{
    return m_floats.data() + m_columns;
}

float* RowScratch::targetUnit()
{
    return m_floats.data() + 2 * m_columns;
}

std::vector<std::uint32_t>& RowScratch::keys()
{
    return m_keys;
}

bool isInRowKernel(Distance distance)
{
    switch (distance) { // those of distanceOf() in row_distance.h
    case Distance::Kl:
    case Distance::Rkl:
    case Distance::Js:
    case Distance::Skl:
    case Distance::Srkl:
    case Distance::Akl:
    case Distance::Tvd:
    case Distance::Sym:
    case Distance::Gjs:
    case Distance::Uld: return true;
    }
    return false;
}

bool takesExcludedTokens(const RowDistance& distance)
{
    return !rowOf(distance.distance).infiniteWithoutPartner(distance);
}

const std::vector<RowKernelVersion>& rowKernels()
{
    static const std::vector<RowKernelVersion> versions = [] {
        std::vector<RowKernelVersion> found;
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            found.push_back({"avx512", rowKernelAvx512});
        }
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
            found.push_back({"avx2", rowKernelAvx2});
        }
#endif
        found.push_back({"portable", rowKernelPortable});
        return found;
    }();
    return versions;
}

RowKernel rowKernel()
{
    static const RowKernel chosen = [] {
        const char* named = std::getenv("DSKD_ROW_KERNEL");
        if (named != nullptr) {
            if (std::string_view(named) == "off") {
                return RowKernel{nullptr};
            }
            std::string names;
            for (const RowKernelVersion& version : rowKernels()) {
                if (version.name == named) {
                    return version.run;
                }
                names += std::string(version.name) + ", ";
            }
            throw Error("The environment variable DSKD_ROW_KERNEL is \"" + std::string(named) +
                            "\", which this machine does not have.",
                        "It may be " + names + "or off.");
        }
        return rowKernels().front().run;
    }();
    return chosen;
}

} // namespace dskd::kernels::rows
