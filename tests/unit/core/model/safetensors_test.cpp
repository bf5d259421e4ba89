#include "core/model/safetensors.h"

#include "core/base/regular_file.h"
#include "core/model/folder/safetensors_header.h"
#include "tests/unit/core/model/safetensors_bytes.h"

#include <ATen/ATen.h>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace dskd;
using namespace dskd::model;
using dskd::model::testing::safetensorsBytes;
using dskd::model::testing::TemporaryFolder;
using ::testing::HasSubstr;

namespace
{
std::string floats(const std::vector<float>& values)
{
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

// A file with one float tensor of two elements, aligned.
std::string shard(const std::string& name, float first)
{
    std::string header = "{\"" + name;
    header += "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    header.append((8 - header.size() % 8) % 8, ' ');
    return safetensorsBytes(header, floats({first, first + 1}));
}

std::string weightsFailure(const TemporaryFolder& folder)
{
    const auto weights = readModelWeights(folder.path());
    return weights ? "" : weights.failure().text();
}
} // namespace

TEST(Safetensors, WritesAndReadsEveryElementType)
{
    const TemporaryFolder folder;
    const at::Tensor values = at::arange(-3, 9, at::kDouble).reshape({3, 4});
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const at::ScalarType type : {at::kBool, at::kByte, at::kChar, at::kShort, at::kInt, at::kLong, at::kHalf,
                                      at::kBFloat16, at::kFloat, at::kDouble}) {
        const at::Tensor source = type == at::kByte ? values.abs() : values;
        tensors.emplace_back(std::string("t.") + c10::toString(type), source.to(type));
    }
    tensors.emplace_back("scalar", at::scalar_tensor(2.5f, at::kFloat));
    tensors.emplace_back("empty", at::empty({0, 5}, at::kFloat));
    const auto written = writeSafetensors(folder.path() / "m.safetensors", tensors, {{"format", "pt"}});
    ASSERT_TRUE(written) << written.failure().text();
    const auto read = readSafetensors(folder.path() / "m.safetensors");
    ASSERT_TRUE(read) << read.failure().text();
    ASSERT_EQ(read->size(), tensors.size());
    for (const auto& [name, tensor] : tensors) {
        const at::Tensor& again = read->at(name);
        EXPECT_EQ(again.scalar_type(), tensor.scalar_type()) << name;
        EXPECT_EQ(again.sizes(), tensor.sizes()) << name;
        EXPECT_TRUE(at::equal(again, tensor)) << name;
        // the writer lays wide types out first, so nothing is misaligned
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(again.const_data_ptr()) % tensor.element_size(), 0U) << name;
    }
}

TEST(Safetensors, ReadTensorsShareTheFileAndOutliveEverything)
{
    const TemporaryFolder folder;
    const auto file = folder.write("m.safetensors", shard("w", 3.0f));
    at::Tensor tensor;
    {
        auto read = readSafetensors(file);
        ASSERT_TRUE(read);
        tensor = read->at("w");
    }
    std::filesystem::remove(file);
    EXPECT_EQ(tensor[1].item<float>(), 4.0f);
    EXPECT_FALSE(tensor.storage().resizable()); // borrowed memory, not a copy
}

TEST(Safetensors, WritingIntoAReadTensorLeavesTheFileAlone)
{
    const TemporaryFolder folder;
    const auto file = folder.write("m.safetensors", shard("w", 3.0f));
    readSafetensors(file)->at("w").fill_(100.0f);
    EXPECT_EQ(readSafetensors(file)->at("w")[0].item<float>(), 3.0f);
}

TEST(Safetensors, MisalignedTensorsAreCopied)
{
    const TemporaryFolder folder;
    // one byte before the floats
    const std::string header = R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("w":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
    const auto read = readSafetensors(
        folder.write("m.safetensors", safetensorsBytes(header, std::string(1, 'x') + floats({1.5f, -2.0f}))));
    ASSERT_TRUE(read) << read.failure().text();
    EXPECT_EQ(read->at("w")[1].item<float>(), -2.0f);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read->at("w").const_data_ptr()) % 4, 0U);
}

TEST(Safetensors, BooleansAreNormalised)
{
    const TemporaryFolder folder;
    const auto read = readSafetensors(
        folder.write("m.safetensors",
                     safetensorsBytes(R"({"b":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})", {"\0\1\7", 3})));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->at("b").sum().item<std::int64_t>(), 2);
}

TEST(Safetensors, RefusesElementTypesItDoesNotComputeWith)
{
    const TemporaryFolder folder;
    const auto read = readSafetensors(folder.write(
        "m.safetensors", safetensorsBytes(R"({"q":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", "x")));
    EXPECT_THAT(read.failure().what, HasSubstr("\"q\" has the element type F8_E4M3"));
}

TEST(Safetensors, StridedTensorsAreStoredAsTheyRead)
{
    const TemporaryFolder folder;
    const at::Tensor transposed = at::arange(6, at::kFloat).reshape({2, 3}).t();
    ASSERT_TRUE(writeSafetensors(folder.path() / "m.safetensors", {{"w", transposed}}));
    EXPECT_TRUE(at::equal(readSafetensors(folder.path() / "m.safetensors")->at("w"), transposed));
}

TEST(Safetensors, WritingConvertsFloatingPointTensorsOnly)
{
    const TemporaryFolder folder;
    const at::Tensor weights = at::tensor({1.00390625, -3.0}, at::kFloat);
    ASSERT_TRUE(writeSafetensors(folder.path() / "m.safetensors",
                                 {{"w", weights}, {"ids", at::tensor({1, 2}, at::kLong)}}, {}, at::kBFloat16));
    const auto read = readSafetensors(folder.path() / "m.safetensors");
    EXPECT_TRUE(at::equal(read->at("w"), weights.to(at::kBFloat16)));
    EXPECT_EQ(read->at("ids").scalar_type(), at::kLong);
}

TEST(Safetensors, TheSameTensorsGiveTheSameBytes)
{
    const TemporaryFolder folder;
    const std::vector<std::pair<std::string, at::Tensor>> tensors = {{"z", at::ones({2})}, {"a", at::zeros({3})}};
    ASSERT_TRUE(writeSafetensors(folder.path() / "1", tensors, {{"format", "pt"}}));
    ASSERT_TRUE(writeSafetensors(folder.path() / "2", tensors, {{"format", "pt"}}));
    const std::string bytes = readTextFile(folder.path() / "1").value();
    EXPECT_EQ(bytes, readTextFile(folder.path() / "2").value());
    const auto header = parseSafetensorsHeader(bytes, bytes.size(), "1");
    EXPECT_EQ(header->entries.front().name, "z"); // the order given, not that of the names
    EXPECT_EQ(header->dataStart % 8, 0U);
    EXPECT_EQ(header->metadata.at("format"), "pt");
}

TEST(Safetensors, AFailedWriteLeavesTheOldFileAndNothingElse)
{
    const TemporaryFolder folder;
    const auto file = folder.write("m.safetensors", shard("w", 3.0f));
    EXPECT_FALSE(writeSafetensors(file, {{"w", at::ones({2})}, {"w", at::ones({2})}}));
    EXPECT_THAT(writeSafetensors(file, {{"lost", at::Tensor()}}).failure().what, HasSubstr("\"lost\" is undefined"));
    EXPECT_THAT(writeSafetensors(file, {{"c", at::ones({2}, at::kComplexFloat)}}).failure().what, HasSubstr("\"c\""));
    EXPECT_EQ(readSafetensors(file)->at("w")[0].item<float>(), 3.0f);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
    EXPECT_THAT(writeSafetensors(folder.path() / "none" / "m", {}).failure().what, HasSubstr("cannot be created"));
}

TEST(ModelWeights, AreReadFromShards)
{
    const TemporaryFolder folder;
    folder.write("model-00001-of-00002.safetensors", shard("a", 1.0f));
    folder.write("model-00002-of-00002.safetensors", shard("b", 5.0f));
    folder.write("model.safetensors.index.json", R"({"metadata":{"total_size":16},"weight_map":{)"
                                                 R"("a":"model-00001-of-00002.safetensors",)"
                                                 R"("b":"model-00002-of-00002.safetensors"}})");
    const auto weights = readModelWeights(folder.path());
    ASSERT_TRUE(weights) << weights.failure().text();
    EXPECT_EQ(weights->at("a")[0].item<float>(), 1.0f);
    EXPECT_EQ(weights->at("b")[1].item<float>(), 6.0f);
}

TEST(ModelWeights, AMissingShardIsNamed)
{
    const TemporaryFolder folder;
    folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"model-00001-of-00002.safetensors"}})");
    EXPECT_THAT(weightsFailure(folder), HasSubstr("model-00001-of-00002.safetensors, which is not in the folder"));
}

TEST(ModelWeights, ATensorMissingInItsShardIsNamed)
{
    const TemporaryFolder folder;
    folder.write("s.safetensors", shard("a", 1.0f));
    folder.write("model.safetensors.index.json", R"({"weight_map":{"b":"s.safetensors"}})");
    EXPECT_THAT(weightsFailure(folder), HasSubstr("does not hold tensor \"b\""));
}

TEST(ModelWeights, ShardsOutsideTheFolderAreRefused)
{
    const TemporaryFolder folder;
    for (const char* name : {R"("../other/m.safetensors")", R"("/etc/m.safetensors")", R"("..")", R"("")", R"("a.bin")",
                             R"("sub/m.safetensors")", R"("m\u0000.safetensors")", "3", "null"}) {
        folder.write("model.safetensors.index.json", std::string(R"({"weight_map":{"a":)") + name + "}}");
        EXPECT_THAT(weightsFailure(folder), HasSubstr("not the plain name")) << name;
    }
}

TEST(ModelWeights, ADamagedIndexIsRefused)
{
    const TemporaryFolder folder;
    for (const char* index : {"", "[]", "{", "{}", R"({"weight_map":[]})", R"({"weight_map":3})"}) {
        folder.write("model.safetensors.index.json", index);
        EXPECT_THAT(weightsFailure(folder), HasSubstr("is not a safetensors index")) << index;
    }
}

TEST(ModelWeights, PicklesAreRefusedWithTheCommandThatConvertsThem)
{
    for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
        const TemporaryFolder folder;
        folder.write(pickle, "\x80\x02}q");
        const std::string why = weightsFailure(folder);
        EXPECT_THAT(why, HasSubstr("pickled weights"));
        EXPECT_THAT(why, HasSubstr("python -c 'from transformers import AutoModelForCausalLM;"));
        EXPECT_THAT(why, HasSubstr("save_pretrained(\"" + folder.path().string() + "\", safe_serialization=True)"));
    }
}

TEST(ModelWeights, APickleBesideSafetensorsDoesNotMatter)
{
    const TemporaryFolder folder;
    folder.write("pytorch_model.bin", "x");
    folder.write("model.safetensors", shard("w", 3.0f));
    EXPECT_TRUE(readModelWeights(folder.path()));
}

TEST(ModelWeights, AFolderWithoutWeightsIsRefused)
{
    const TemporaryFolder folder;
    EXPECT_THAT(weightsFailure(folder), HasSubstr("holds no weights"));
    EXPECT_THAT(readModelWeights(folder.path() / "none").failure().what, HasSubstr("is not a folder"));
}
