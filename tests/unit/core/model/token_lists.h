#pragma once

// Token ids as lists, and as the tensors that models take.

#include "core/model/causal_lm.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dskd::model::testing
{

using TokenLists = std::vector<std::vector<std::int64_t>>;

inline std::vector<std::int64_t> integers(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.to(at::kCPU, at::kLong).contiguous();
    return {flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

// Sequences laid end to end, taken apart.
inline TokenLists tokenLists(const at::Tensor& ids, const at::Tensor& lengths)
{
    TokenLists lists;
    for (const at::Tensor& part : ids.split_with_sizes(integers(lengths))) {
        lists.push_back(integers(part));
    }
    return lists;
}

inline PackedTokens packed(const TokenLists& lists)
{
    PackedTokens tokens;
    std::vector<std::int64_t> ids;
    for (const auto& list : lists) {
        ids.insert(ids.end(), list.begin(), list.end());
        tokens.lengths.push_back(static_cast<std::int64_t>(list.size()));
    }
    tokens.ids = at::tensor(ids, at::kLong);
    return tokens;
}

enum class Padding { Left, Right };

inline PaddedTokens padded(const TokenLists& lists, Padding side)
{
    std::size_t width = 0;
    for (const auto& list : lists) {
        width = std::max(width, list.size());
    }
    const auto rows = static_cast<std::int64_t>(lists.size());
    PaddedTokens tokens{at::zeros({rows, static_cast<std::int64_t>(width)}, at::kLong), {}};
    tokens.mask = at::zeros(tokens.ids.sizes(), at::kBool);
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto& list = lists[static_cast<std::size_t>(row)];
        const auto length = static_cast<std::int64_t>(list.size());
        const std::int64_t start = side == Padding::Left ? static_cast<std::int64_t>(width) - length : 0;
        tokens.ids[row].narrow(0, start, length).copy_(at::tensor(list, at::kLong));
        tokens.mask[row].narrow(0, start, length).fill_(true);
    }
    return tokens;
}

} // namespace dskd::model::testing
