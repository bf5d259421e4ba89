#pragma once

// Keys and values of the positions that a model has already seen, for continuing sequences token by token.
//
// Shapes: B sequences, T new positions, S cached positions, K key-value heads, D head width.

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <utility>
#include <vector>

namespace dskd::model
{

// Starts empty and fills itself in CausalLm::hiddenStates(ids, mask, cache). Belongs to one batch of one model; holds
// no gradients. One thread.
struct KeyValueCache {
    // Stores the new positions of `layer` behind `length` cached ones and returns all of them, as views.
    //   keys, values  (B, T, K, D)
    //   returns       (B, K, S + T, D) twice
    std::pair<at::Tensor, at::Tensor> append(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values);

    // Positions that the tensors of `layer` have room for: a head's keys lie so many rows behind those of the head
    // before.
    [[nodiscard]] std::int64_t capacity(std::int64_t layer) const;

    // Keeps the sequences that `rows` (int64, any order) names and forgets the others.
    void selectSequences(const at::Tensor& rows);

    struct Layer {
        at::Tensor keys; // (B, K, capacity, D); capacity grows by doubling
        at::Tensor values;
    };
    std::vector<Layer> layers;
    std::int64_t length = 0; // positions in every layer; the model raises it once all layers have appended
};

} // namespace dskd::model
