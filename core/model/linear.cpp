#include "core/model/linear.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/linear.h>
#include <utility>

namespace dskd::model
{

Linear::Linear(at::Tensor weight, at::Tensor bias, WeightLayout layout)
    : m_layer(std::make_shared<Layer>(Layer{std::move(weight), std::move(bias), layout, {}, {}}))
{
}

at::Tensor Linear::apply(const at::Tensor& x, bool training) const
{
    const at::Tensor& weight = m_layer->weight;
    const at::Tensor& bias = m_layer->bias;
    // An (I, O) weight is multiplied as it lies: its transpose would round differently.
    at::Tensor result;
    if (m_layer->packed.takes(x)) {
        result = m_layer->packed.apply(x, bias);
    } else if (m_layer->layout == WeightLayout::OutIn) {
        result = at::linear(x, weight, bias);
    } else {
        result = bias.defined() ? at::addmm(bias, x, weight) : x.mm(weight);
    }
    const LowRankUpdate& update = m_layer->update;
    if (!update.a.defined()) {
        return result;
    }
    const bool drops = training && update.dropout > 0.0;
    const at::Tensor input = drops ? at::dropout(x, update.dropout, true) : x;
    return result.add(at::linear(at::linear(input, update.a), update.b), update.scale);
}

void Linear::setUpdate(LowRankUpdate update) const
{
    const bool outFirst = m_layer->layout == WeightLayout::OutIn;
    const std::int64_t outputs = m_layer->weight.size(outFirst ? 0 : 1);
    const std::int64_t inputs = m_layer->weight.size(outFirst ? 1 : 0);
    TORCH_CHECK(update.a.dim() == 2 && update.b.dim() == 2 && update.a.size(1) == inputs &&
                    update.b.size(0) == outputs && update.a.size(0) == update.b.size(1),
                "a low-rank update of ", update.a.sizes(), " and ", update.b.sizes(), " does not fit a layer of ",
                inputs, " inputs and ", outputs, " outputs");
    m_layer->update = std::move(update);
}

void Linear::clearUpdate() const
{
    m_layer->update = {};
}

void Linear::pack() const
{
    m_layer->packed = PackedWeight(m_layer->weight, m_layer->layout);
}

void Linear::dropPacked() const
{
    m_layer->packed = {};
}

} // namespace dskd::model
