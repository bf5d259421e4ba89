#include "core/kernels/head_logits.h"

#include "core/kernels/head_loss.h"
#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>

namespace dskd::kernels
{

at::Tensor capLogits(const at::Tensor& logits, double softcap)
{
    const at::ScalarType type = tensor::wideFloat(logits);
    const at::Tensor tanh = (logits.to(type) / softcap).tanh_();
    logits.copy_(tanh * softcap);
    return tanh;
}

at::Tensor alignedHead(const at::Tensor& head, std::int64_t columns)
{
    if (columns == kFavouredColumns) {
        // a small head gains nothing on a CPU that its copy would not cost
        const std::int64_t onCpu = head.size(0) >= kLargeHead ? 16 : 1;
        columns = head.is_cpu() ? onCpu : 64;
    }
    const std::int64_t beyond = head.size(0) % columns;
    return beyond == 0 ? head.contiguous() : at::constant_pad_nd(head, {0, 0, 0, columns - beyond});
}

} // namespace dskd::kernels
