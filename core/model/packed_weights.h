#pragma once

// A second copy of weights, in the order in which products of few rows read them (core/kernels/decode). A product of
// LibTorch packs its matrix anew each time, which for a handful of rows costs as much as the product.
//
// Shapes: N rows, I inputs, O outputs.

#include "core/model/causal_lm.h"
#include "core/model/folder/tensor_specs.h"

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::model
{

// Products of more rows are better left to LibTorch.
constexpr std::int64_t kMostPackedRows = 64;

// One matrix. A copy of its values at that time: later changes of the weight are not in it.
class PackedWeight
{
public:
    PackedWeight() = default; // no matrix: takes nothing
    // weight (O, I), or (I, O) for InOut; float32 on the CPU, with strides of any kind.
    PackedWeight(const at::Tensor& weight, WeightLayout layout);

    // Whether apply() may stand in for the product of these rows: few of them, and no gradient is recorded.
    [[nodiscard]] bool takes(const at::Tensor& x) const;

    //   x (N, I), bias (O) or undefined; returns (N, O). REQUIRES: takes(x). A row's result does not depend on the
    // other rows.
    [[nodiscard]] at::Tensor apply(const at::Tensor& x, const at::Tensor& bias) const;

private:
    at::Tensor m_panels; // (panels, I, outputs of a panel); undefined: none
    std::int64_t m_outputs = 0;
};

// The packed copies of one model for one call of generate(), freed with this object. REQUIRES: the weights do not
// change while it lives. One thread.
class PackedModel
{
public:
    // Packs nothing where a model has an adapter, is not float32 or not on the CPU, and where the copies would take
    // more than an eighth of the machine's memory: its products are then those of training.
    //   columns  rows of the head that logits are wanted of
    PackedModel(CausalLm& model, std::int64_t columns);
    ~PackedModel();
    PackedModel(const PackedModel&) = delete;
    PackedModel& operator=(const PackedModel&) = delete;

    [[nodiscard]] const PackedWeight& head() const { return m_head; }

private:
    CausalLm& m_model;
    PackedWeight m_head;
};

} // namespace dskd::model
