// The kernels of decode_kernel.h for one kind of processor; each file that includes this names the function that hands
// them out. Everything else is local to that file (vector.h has the reason).

#include "core/kernels/decode/decode_attention.h"
#include "core/kernels/decode/decode_kernel.h"
#include "core/kernels/decode/decode_product.h"
#include "core/kernels/decode/decode_registers.h"

namespace dskd::kernels::decode
{
namespace
{
std::int64_t largest(const float* values, std::int64_t count)
{
    constexpr float kInfinity = __builtin_inff();
    Register best = Register{} - kInfinity;
    for (std::int64_t i = 0; i < count; i += kWidth) {
        const Register value = partOf(values + i, count - i, -kInfinity);
        const Register finite = value < kInfinity ? value : best; // NaN is not below anything
        best = finite > best ? finite : best;
    }
    float top = -kInfinity;
    for (int i = 0; i < kWidth; ++i) {
        top = best[i] > top ? best[i] : top;
    }
    for (std::int64_t i = 0; i < count && top > -kInfinity; ++i) {
        if (values[i] == top) {
            return i;
        }
    }
    return 0;
}

} // namespace

DecodeKernels DSKD_DECODE_KERNELS();
DecodeKernels DSKD_DECODE_KERNELS()
{
    return {DSKD_DECODE_NAME, multiply, attend, largest};
}

} // namespace dskd::kernels::decode
