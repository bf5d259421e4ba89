// What every family does on its way to disk and back.

#include "core/model/folder/families/family.h"
#include "core/model/folder/tensor_specs.h"
#include "tests/support/model_families.h"
#include "tests/unit/core/model/small_model.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace dskd;
using namespace dskd::model;
using dskd::model::testing::hidden;
using dskd::model::testing::refusalAfter;
using dskd::model::testing::smallModel;
using dskd::model::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace
{
void dropPrefix(TensorMap& tensors, const std::string& prefix)
{
    TensorMap bare;
    for (auto& [name, tensor] : tensors) {
        bare.emplace(name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name, tensor);
    }
    tensors = std::move(bare);
}

class EveryFamily : public ::testing::TestWithParam<std::tuple<std::string, bool>>
{
protected:
    [[nodiscard]] std::string type() const { return std::get<0>(GetParam()); }
    [[nodiscard]] bool tied() const { return std::get<1>(GetParam()); }
    [[nodiscard]] const Family& family() const { return *findFamily(type()); }
    // What stands before the number of a layer.
    [[nodiscard]] std::string layers() const { return std::string(family().prefix) + family().blocks; }
    // The first matrix of a layer whose sides differ, without the layer.
    [[nodiscard]] TensorSpec oblong() const
    {
        const std::string layer = layers() + "0.";
        const auto model = smallModel(type(), tied());
        for (TensorSpec& spec : tensorSpecs(model->config())) {
            if (spec.name.starts_with(layer) && spec.shape.size() == 2 && spec.shape[0] != spec.shape[1]) {
                spec.name.erase(0, layer.size());
                return spec;
            }
        }
        throw Error("every matrix of " + type() + " is square");
    }
};
} // namespace

TEST_P(EveryFamily, ComesBackFromDiskWithTheSameWeightsAndStates)
{
    const TemporaryFolder folder;
    const auto model = smallModel(type(), tied());
    ASSERT_TRUE(saveCausalLm(*model, folder.path() / "new" / "model"));
    const auto again = loadCausalLm(folder.path() / "new" / "model");
    ASSERT_TRUE(again) << again.failure().text();
    ASSERT_EQ((*again)->parameters().size(), model->parameters().size());
    for (std::size_t i = 0; i < model->parameters().size(); ++i) {
        const NamedTensor& saved = model->parameters()[i];
        const NamedTensor& loaded = (*again)->parameters()[i];
        EXPECT_EQ(loaded.name, saved.name);
        EXPECT_EQ(loaded.decay, saved.decay);
        EXPECT_TRUE(at::equal(loaded.tensor, saved.tensor)) << saved.name;
    }
    EXPECT_TRUE(at::equal(hidden(**again), hidden(*model)));
    EXPECT_TRUE(at::equal((*again)->head(), model->head()));
}

TEST_P(EveryFamily, HasItsParametersInTheOrderAndCountOfItsSpecs)
{
    const auto model = smallModel(type(), tied());
    const auto specs = tensorSpecs(model->config());
    ASSERT_EQ(model->parameters().size(), specs.size());
    std::int64_t count = 0;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        EXPECT_EQ(model->parameters()[i].name, specs[i].name);
        EXPECT_EQ(model->parameters()[i].decay, model->parameters()[i].tensor.dim() == 2) << specs[i].name;
        count += model->parameters()[i].tensor.numel();
    }
    EXPECT_EQ(count, parameterCount(model->config()));
    EXPECT_EQ(specs.back().name == model->config().family->head, !tied());
}

TEST_P(EveryFamily, DependsOnTheSeedAndOnNothingElse)
{
    const auto model = smallModel(type(), tied(), 7);
    at::randn({3}); // the default generator plays no part
    const auto same = smallModel(type(), tied(), 7);
    const auto other = smallModel(type(), tied(), 8);
    EXPECT_TRUE(at::equal(model->inputEmbedding(), same->inputEmbedding()));
    EXPECT_TRUE(at::equal(model->parameters().back().tensor, same->parameters().back().tensor));
    EXPECT_FALSE(at::equal(model->inputEmbedding(), other->inputEmbedding()));
}

TEST_P(EveryFamily, IsReadUnderTheNamesOfTheBareModel)
{
    EXPECT_EQ(refusalAfter(type(), tied(), [&](TensorMap& tensors) { dropPrefix(tensors, family().prefix); }), "");
}

TEST_P(EveryFamily, SaysWhichTensorIsMissing)
{
    const std::string name = layers() + "1." + oblong().name;
    const std::string why = refusalAfter(type(), tied(), [&](TensorMap& tensors) { tensors.erase(name); });
    EXPECT_THAT(why, HasSubstr("\"" + name + "\""));
    EXPECT_THAT(why, HasSubstr("is missing"));
}

TEST_P(EveryFamily, SaysWhichTensorHasAnotherShapeThanTheConfigurationGivesIt)
{
    const TensorSpec matrix = oblong();
    const std::string name = layers() + "0." + matrix.name;
    const std::string why =
        refusalAfter(type(), tied(), [&](TensorMap& tensors) { tensors[name] = tensors[name].t().contiguous(); });
    EXPECT_THAT(why, HasSubstr("config.json disagrees with the weights"));
    EXPECT_THAT(why, HasSubstr("\"" + name + "\""));
    const std::vector<std::int64_t> turned{matrix.shape[1], matrix.shape[0]};
    EXPECT_THAT(why, HasSubstr(shapeText(matrix.shape) + " and has " + shapeText(turned)));
}

// safetensors keeps one name of tensors that share their memory, and it may be the head's.
TEST_P(EveryFamily, FindsATiedEmbeddingUnderTheNameOfTheHead)
{
    const auto model = smallModel(type(), tied());
    const std::string embedding = tensorSpecs(model->config()).front().name;
    const std::string head = model->config().family->head;
    const std::string why = refusalAfter(type(), tied(), [&](TensorMap& tensors) {
        tensors[head] = tensors.at(embedding);
        tensors.erase(embedding);
    });
    if (tied()) {
        EXPECT_EQ(why, "");
    } else {
        EXPECT_THAT(why, HasSubstr("\"" + embedding + "\" of shape [11, 8] is missing"));
    }
}

TEST_P(EveryFamily, RefusesWeightsOfMoreLayersThanConfigured)
{
    const TensorSpec matrix = oblong();
    const std::string third = layers() + "2." + matrix.name;
    EXPECT_THAT(refusalAfter(type(), tied(), [&](TensorMap& tensors) { tensors[third] = at::ones(matrix.shape); }),
                HasSubstr("\"" + third + "\""));
}

TEST_P(EveryFamily, WarnsOfTensorsItDoesNotUse)
{
    std::vector<std::string> warnings;
    EXPECT_EQ(refusalAfter(
                  type(), tied(),
                  [](TensorMap& tensors) {
                      tensors["value_head.weight"] = at::ones({1, 8});
                  },
                  &warnings),
              "");
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("value_head.weight")));
}

INSTANTIATE_TEST_SUITE_P(LoadSave, EveryFamily,
                         ::testing::Combine(::testing::ValuesIn(dskd::test::familyNames()), ::testing::Bool()),
                         [](const auto& instance) {
                             return std::get<0>(instance.param) + (std::get<1>(instance.param) ? "Tied" : "Untied");
                         });
