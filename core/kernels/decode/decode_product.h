#pragma once

// Products of a few rows with packed weights. Every sum runs over the inputs in their order, so that no result depends
// on how many rows are computed together.

#include "core/kernels/decode/decode_kernel.h"
#include "core/kernels/decode/decode_registers.h"

namespace dskd::kernels::decode
{
namespace
{
template <int Rows, int Panels>
DSKD_INLINE void multiplyBlock(const Product& product, std::int64_t row, std::int64_t panel)
{
    Register sums[Rows][Panels * kParts] = {};
    const float* inputs = product.rows + row * product.inputs;
    const float* weights = product.panels + panel * product.inputs * kPanelOutputs;
    for (std::int64_t i = 0; i < product.inputs; ++i) {
        for (int p = 0; p < Panels * kParts; ++p) {
            const Register weight =
                whole(weights + (p / kParts * product.inputs + i) * kPanelOutputs + p % kParts * kWidth);
            for (int r = 0; r < Rows; ++r) {
                sums[r][p] += weight * inputs[r * product.inputs + i];
            }
        }
    }
    for (int p = 0; p < Panels * kParts; ++p) {
        const std::int64_t output = panel * kPanelOutputs + p * kWidth;
        const std::int64_t left = product.outputs - output;
        const Register bias = product.bias == nullptr ? Register{} : partOf(product.bias + output, left, 0.0F);
        for (int r = 0; r < Rows; ++r) {
            write(product.result + (row + r) * product.outputs + output, left, sums[r][p] + bias);
        }
    }
}

template <int Rows, int Panels>
void multiplyRows(const Product& product, std::int64_t row, std::int64_t begin, std::int64_t end)
{
    for (; begin + Panels <= end; begin += Panels) {
        multiplyBlock<Rows, Panels>(product, row, begin);
    }
    for (; begin < end; ++begin) {
        multiplyBlock<Rows, 1>(product, row, begin);
    }
}

void multiply(const Product& product, std::int64_t begin, std::int64_t end)
{
    for (std::int64_t panel = begin; panel < end; panel += kPanelsTogether) {
        const std::int64_t last = panel + kPanelsTogether < end ? panel + kPanelsTogether : end;
        std::int64_t row = 0;
        for (; row + kMostRows <= product.numRows; row += kMostRows) {
            multiplyRows<kMostRows, kPanelsOfMost>(product, row, panel, last);
        }
        if constexpr (kMostRows > 4) {
            for (; row + 4 <= product.numRows; row += 4) {
                multiplyRows<4, kPanelsOfFour>(product, row, panel, last);
            }
        }
        if constexpr (kMostRows > 2) {
            for (; row + 2 <= product.numRows; row += 2) {
                multiplyRows<2, kPanelsOfTwo>(product, row, panel, last);
            }
        }
        for (; row < product.numRows; ++row) {
            multiplyRows<1, kPanelsOfOne>(product, row, panel, last);
        }
    }
}

} // namespace
} // namespace dskd::kernels::decode
