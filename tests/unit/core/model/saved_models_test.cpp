// What is written of models and adapters is what tests/golden/saved holds, which transformers and PEFT have loaded and
// computed the expected logits from (tests/reference/check_saved_model.py, check_saved_adapter.py). Values are left out
// there: a model's are those of tests/golden/model, an adapter's come from patternOf.
//
// After a wanted change: with DSKD_WRITE_SAVED=tests/golden/saved the files are written there anew; then both scripts
// must pass.

#include "golden_model.h"

#include "core/base/atomic_file.h"
#include "core/base/mapped_file.h"
#include "core/base/regular_file.h"
#include "core/model/lora_adapter.h"
#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::model
{
namespace
{
using namespace testing;
using nlohmann::ordered_json;

constexpr double kTolerance = 1e-5; // as in parity_test.cpp
constexpr const char* kTarget = "DSKD_WRITE_SAVED";

class SavedFolder : public ::testing::TestWithParam<std::string>
{
protected:
    [[nodiscard]] static std::filesystem::path golden()
    {
        const char* target = std::getenv(kTarget);
        return (target != nullptr ? std::filesystem::path(target)
                                  : std::filesystem::path(test::goldenDir()) / "saved") /
               GetParam();
    }

    static void expectGolden(const std::string& text, const std::string& file)
    {
        if (std::getenv(kTarget) != nullptr) {
            std::filesystem::create_directories(golden());
            writeFileAtomically(golden() / file, text).value();
        }
        const auto expected = readTextFile(golden() / file);
        ASSERT_TRUE(expected) << expected.failure().text();
        EXPECT_EQ(text, *expected) << file;
    }

    [[nodiscard]] std::string written(const std::string& file) const
    {
        return readTextFile(folder.path() / file).value();
    }

    // The header of a safetensors file is the golden one, and its numbers are those of `tensors`. The file is taken
    // apart without the reader under test.
    void expectTensors(const std::string& file, const std::string& goldenHeader,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors) const
    {
        const auto mapping = MappedFile::open(folder.path() / file).value();
        const std::string_view bytes = mapping->text();
        std::uint64_t length = 0;
        ASSERT_GT(bytes.size(), sizeof length);
        std::memcpy(&length, bytes.data(), sizeof length); // little-endian, as the machines that this is built for
        ASSERT_LT(sizeof length + length, bytes.size());
        const std::string header(bytes.substr(sizeof length, length));
        expectGolden(header, goldenHeader);
        const std::string_view data = bytes.substr(sizeof length + length);
        const ordered_json entries = ordered_json::parse(header);
        EXPECT_EQ(entries.size(), tensors.size() + 1) << "the tensors and __metadata__";
        std::size_t total = 0;
        for (const auto& [name, tensor] : tensors) {
            ASSERT_TRUE(entries.contains(name)) << name;
            EXPECT_EQ(entries[name]["dtype"], "F32") << name;
            EXPECT_EQ(entries[name]["shape"], ordered_json(tensor.sizes().vec())) << name;
            const auto range = entries[name]["data_offsets"].get<std::pair<std::size_t, std::size_t>>();
            ASSERT_LE(range.second, data.size()) << name;
            ASSERT_EQ(range.second - range.first, tensor.nbytes()) << name;
            const at::Tensor values = tensor.contiguous();
            EXPECT_EQ(std::memcmp(data.data() + range.first, values.const_data_ptr(), values.nbytes()), 0) << name;
            total += values.nbytes();
        }
        EXPECT_EQ(data.size(), total);
    }

    const test::TemporaryFolder folder;
};

std::vector<std::pair<std::string, at::Tensor>> parametersOf(const CausalLm& model)
{
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const NamedTensor& parameter : model.parameters()) {
        tensors.emplace_back(parameter.name, parameter.tensor);
    }
    return tensors;
}

class SavedModels : public SavedFolder
{
};

TEST_P(SavedModels, AreTheFoldersThatTransformersHasLoaded)
{
    const auto model = goldenModel(GetParam());
    saveCausalLm(*model, folder.path()).value();
    expectGolden(written("config.json"), "config.json");
    expectTensors("model.safetensors", "model.header.json", parametersOf(*model));
}

TEST_P(SavedModels, OfAConfigurationFilledInByCodeAreTheFoldersThatTransformersHasLoaded)
{
    const auto model = goldenModel(GetParam());
    ModelConfig config = model->config();
    config.original.clear();
    const auto fresh = createCausalLm(config, 5).value();
    saveCausalLm(*fresh, folder.path()).value();
    expectGolden(written("config.json"), "config_from_fields.json");
    expectTensors("model.safetensors", "model.header.json", parametersOf(*fresh));
    EXPECT_TRUE(loadCausalLm(folder.path()).ok());
}

// (k * 37 + 13 * number) mod 101, about 0, for element k of the adapter's tensor with this number.
at::Tensor patternOf(at::IntArrayRef shape, std::int64_t number)
{
    return at::arange(c10::multiply_integers(shape), at::kLong)
        .mul(37)
        .add(13 * number)
        .remainder(101)
        .sub(50)
        .to(at::kFloat)
        .div(200)
        .view(shape);
}

class SavedAdapters : public SavedFolder
{
};

TEST_P(SavedAdapters, AreTheFoldersThatPeftHasLoadedWithItsLogits)
{
    const auto model = goldenModel(GetParam());
    const LoraTargets targets = loraTargets(model->config(), "all-linear").value();
    AdapterConfig config;
    config.rank = 4;
    config.targets = targets.names;
    config.baseModel = "../../model/" + GetParam();
    LoraAdapter adapter = createAdapter(config, targets.layers, 3, at::kFloat);
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (AdaptedLayer& layer : adapter.layers) {
        for (const char which : {'A', 'B'}) {
            at::Tensor& tensor = which == 'A' ? layer.a : layer.b;
            tensor = patternOf(tensor.sizes(), static_cast<std::int64_t>(tensors.size()));
            tensors.emplace_back("base_model.model." + layer.name + ".lora_" + which + ".weight", tensor);
        }
    }
    saveAdapter(adapter, model->config().family, folder.path()).value();
    expectGolden(written("adapter_config.json"), "adapter_config.json");
    expectTensors("adapter_model.safetensors", "adapter_model.header.json", tensors);

    const auto expected = readSafetensors(golden() / "adapter_logits.safetensors");
    ASSERT_TRUE(expected) << expected.failure().text();
    const at::Tensor ids = expected->at("ids");
    const PackedTokens tokens{ids, {ids.size(0)}};
    const at::Tensor plain = logitsOf(*model, model->hiddenStates(tokens));
    EXPECT_GT(relativeError(plain, expected->at("logits")), 1e-3) << "the adapter changes them";
    model->setAdapter(adapter);
    EXPECT_LT(relativeError(logitsOf(*model, model->hiddenStates(tokens)), expected->at("logits")), kTolerance);
}

std::string nameOf(const ::testing::TestParamInfo<std::string>& info)
{
    return info.param;
}

INSTANTIATE_TEST_SUITE_P(Families, SavedModels, ::testing::ValuesIn(kGoldenModels), nameOf);
INSTANTIATE_TEST_SUITE_P(Families, SavedAdapters, ::testing::ValuesIn(kGoldenModels), nameOf);

} // namespace
} // namespace dskd::model
