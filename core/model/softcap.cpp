#include "core/model/softcap.h"

namespace dskd::model
{

at::Tensor softcapped(const at::Tensor& x, double cap)
{
    return cap > 0.0 ? x.div(cap).tanh().mul(cap) : x;
}

} // namespace dskd::model
