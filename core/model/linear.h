#pragma once

// The one kind of linear layer that every family is made of. Whatever is put beside a weight, a low-rank update for
// one, is put here and no family needs to know.
//
// Shapes: N rows, I inputs, O outputs, r rank.

#include "core/model/folder/tensor_specs.h"
#include "core/model/packed_weights.h"

#include <ATen/core/Tensor.h>
#include <memory>

namespace dskd::model
{

// LoRA (Hu et al., 2021, Eqn. 3): the layer's output grows by scale * B (A dropout(x)).
struct LowRankUpdate {
    at::Tensor a; // (r, I)
    at::Tensor b; // (O, r)
    double scale = 1.0;
    double dropout = 0.0; // in training only
};

// A handle: copies are the same layer, so that a family may keep its layers as it likes and an update set through one
// of them is seen by all.
class Linear
{
public:
    Linear() = default; // a layer that this architecture does not have
    // weight (O, I), or (I, O) for InOut; bias (O) or undefined.
    Linear(at::Tensor weight, at::Tensor bias, WeightLayout layout);

    [[nodiscard]] bool present() const { return m_layer != nullptr; }

    //   x (N, I), returns (N, O). `training` switches the update's dropout on, drawn from torch's default generator of
    // the device.
    [[nodiscard]] at::Tensor apply(const at::Tensor& x, bool training) const;

    // Replaces the update there was. Throws c10::Error naming the shapes when it does not fit the weight.
    void setUpdate(LowRankUpdate update) const;
    void clearUpdate() const;

    // From here to dropPacked(), few rows without gradients are multiplied by a copy of the weight of this moment.
    void pack() const;
    void dropPacked() const;

private:
    struct Layer {
        at::Tensor weight;
        at::Tensor bias;
        WeightLayout layout = WeightLayout::OutIn;
        LowRankUpdate update; // tensors undefined: none
        PackedWeight packed;
    };
    std::shared_ptr<Layer> m_layer;
};

} // namespace dskd::model
