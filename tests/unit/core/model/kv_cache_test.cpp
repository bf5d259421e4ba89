#include "core/model/kv_cache.h"

#include "golden_model.h"

#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;

TEST(KeyValueCache, KeepsWhatItHoldsWhileItGrows)
{
    KeyValueCache cache;
    const at::Tensor keys_BTKD = at::randn({2, 200, 3, 4});
    const at::Tensor values_BTKD = at::randn({2, 200, 3, 4});
    for (const std::int64_t count : {1, 63, 1, 70, 65}) {
        const auto [keys, values] =
            cache.append(0, keys_BTKD.narrow(1, cache.length, count), values_BTKD.narrow(1, cache.length, count));
        cache.length += count;
        EXPECT_TRUE(at::equal(keys, keys_BTKD.narrow(1, 0, cache.length).transpose(1, 2)));
        EXPECT_TRUE(at::equal(values, values_BTKD.narrow(1, 0, cache.length).transpose(1, 2)));
    }
}

TEST(KeyValueCache, RefusesAnotherNumberOfSequences)
{
    KeyValueCache cache;
    (void)cache.append(0, at::zeros({2, 1, 1, 4}), at::zeros({2, 1, 1, 4}));
    cache.length = 1;
    EXPECT_THROW((void)cache.append(0, at::zeros({3, 1, 1, 4}), at::zeros({3, 1, 1, 4})), c10::Error);
}

TEST(KeyValueCache, SelectedSequencesGoOnAsIfTheyHadBeenAlone)
{
    const auto model = goldenModel("qwen2_tied");
    const at::Tensor ids = at::arange(3, 3 + 24, at::kLong).view({3, 8});
    KeyValueCache all;
    (void)model->hiddenStates(ids, at::ones({3, 8}, at::kBool), all);
    all.selectSequences(at::tensor({std::int64_t{2}, std::int64_t{0}}, at::kLong));
    const at::Tensor next = at::tensor({std::int64_t{50}, std::int64_t{60}}, at::kLong).unsqueeze(1);
    const at::Tensor together = model->hiddenStates(next, at::ones({2, 9}, at::kBool), all);
    for (const auto& [row, sequence] : {std::pair{0, 2}, std::pair{1, 0}}) {
        const at::Tensor whole = at::cat({ids[sequence], next[row]});
        const at::Tensor alone = model->hiddenStates(PackedTokens{whole, {9}});
        EXPECT_LT(relativeError(together[row][0], alone[8]), 1e-5); // float32, another order of summation
    }
}

TEST(KeyValueCache, AMaskThatDoesNotFitItIsRefused)
{
    const auto model = goldenModel("llama");
    KeyValueCache cache;
    const at::Tensor ids = at::full({1, 3}, 5, at::kLong);
    EXPECT_THROW((void)model->hiddenStates(ids, at::ones({1, 4}, at::kBool), cache), c10::Error);
    EXPECT_EQ(cache.length, 0);
}

} // namespace
} // namespace dskd::model
