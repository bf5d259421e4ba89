// Writes folders for tests/reference/check_saved_model.py, which loads them in transformers.

#include "golden_model.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;

TEST(SavedModels, ForTransformersAreWrittenWithTheirLogits)
{
    const char* target = std::getenv("DSKD_SAVED_MODELS");
    if (target == nullptr) {
        GTEST_SKIP() << "DSKD_SAVED_MODELS names no folder; see tests/reference/check_saved_model.py";
    }
    const at::Tensor ids = at::arange(3, 23, at::kLong);
    for (const std::string& name : kGoldenModels) {
        ModelConfig config = goldenModel(name)->config();
        config.original.clear(); // config.json of the fresh model is written from the fields
        for (const bool fresh : {false, true}) {
            const auto model = fresh ? std::move(createCausalLm(config, 5)).value() : goldenModel(name);
            const std::filesystem::path folder = std::filesystem::path(target) / (name + (fresh ? "_fresh" : ""));
            saveCausalLm(*model, folder).value();
            const at::Tensor hidden = model->hiddenStates(PackedTokens{ids, {ids.size(0)}});
            writeSafetensors(folder / "check.safetensors", {{"ids", ids}, {"logits", logitsOf(*model, hidden)}})
                .value();
            EXPECT_TRUE(loadCausalLm(folder).ok());
        }
    }
}

} // namespace
} // namespace dskd::model
