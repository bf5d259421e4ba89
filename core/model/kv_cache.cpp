#include "core/model/kv_cache.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <algorithm>

namespace dskd::model
{
namespace
{
constexpr std::int64_t kSmallestCapacity = 64;

// Makes room for `needed` positions, keeping the first `length`.
void reserve(at::Tensor& store, const at::Tensor& like, std::int64_t length, std::int64_t needed)
{
    if (store.defined() && store.size(2) >= needed) {
        return;
    }
    const std::int64_t capacity =
        std::max({needed, kSmallestCapacity, store.defined() ? 2 * store.size(2) : std::int64_t{0}});
    at::Tensor larger = at::empty({like.size(0), like.size(2), capacity, like.size(3)}, like.options());
    if (length > 0) {
        larger.narrow(2, 0, length).copy_(store.narrow(2, 0, length));
    }
    store = std::move(larger);
}
} // namespace

std::pair<at::Tensor, at::Tensor> KeyValueCache::append(std::int64_t layer, const at::Tensor& keys,
                                                        const at::Tensor& values)
{
    const at::NoGradGuard noGrad;
    const auto index = static_cast<std::size_t>(layer);
    if (layers.size() <= index) {
        layers.resize(index + 1);
    }
    Layer& store = layers[index];
    TORCH_CHECK(!store.keys.defined() || store.keys.size(0) == keys.size(0), "KeyValueCache: it holds ",
                store.keys.defined() ? store.keys.size(0) : 0, " sequences, ", keys.size(0), " were appended");
    const std::int64_t newLength = length + keys.size(1);
    reserve(store.keys, keys, length, newLength);
    reserve(store.values, values, length, newLength);
    store.keys.narrow(2, length, keys.size(1)).copy_(keys.transpose(1, 2));
    store.values.narrow(2, length, values.size(1)).copy_(values.transpose(1, 2));
    return {store.keys.narrow(2, 0, newLength), store.values.narrow(2, 0, newLength)};
}

std::int64_t KeyValueCache::capacity(std::int64_t layer) const
{
    return layers.at(static_cast<std::size_t>(layer)).keys.size(2);
}

void KeyValueCache::selectSequences(const at::Tensor& rows)
{
    for (Layer& layer : layers) {
        layer.keys = layer.keys.index_select(0, rows);
        layer.values = layer.values.index_select(0, rows);
    }
}

} // namespace dskd::model
