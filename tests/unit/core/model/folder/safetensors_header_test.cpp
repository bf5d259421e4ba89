// What a damaged or hostile header is answered with. Needs no LibTorch.

#include "core/model/folder/safetensors_header.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/model/safetensors_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace dskd::model;
using dskd::model::testing::safetensorsBytes;
using ::testing::HasSubstr;

namespace
{
constexpr const char* kTensor = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";

auto parse(std::string_view file, const std::string& where)
{
    return parseSafetensorsHeader(file, file.size(), where);
}

// Why a file of this header and this many bytes of data is refused; empty when it is read.
std::string refusal(const std::string& header, std::size_t dataBytes)
{
    const auto parsed = parse(safetensorsBytes(header, std::string(dataBytes, '\1')), "m.safetensors");
    if (parsed) {
        return "";
    }
    EXPECT_THAT(parsed.failure().what, HasSubstr("m.safetensors"));
    return parsed.failure().what;
}

std::string one(const std::string& tensor)
{
    return "{\"w\":" + tensor + "}";
}

TEST(SafetensorsHeader, OfAFileIsReadWithoutTheData)
{
    const dskd::test::TemporaryFolder folder;
    const std::string whole = safetensorsBytes(std::string("{\"w\":") + kTensor + "}", std::string(8, '\1'));
    const auto read = [&folder](const std::string& bytes) {
        EXPECT_TRUE(dskd::writeFileAtomically(folder / "file", bytes));
        return readSafetensorsHeader(folder / "file");
    };
    EXPECT_EQ(read(whole).value().entries.at(0).end, 8u);
    EXPECT_THAT(read(whole.substr(0, whole.size() - 1)).failure().what, HasSubstr("the file is truncated"));
    EXPECT_THAT(read(whole.substr(0, 30)).failure().what, HasSubstr("it is truncated"));
    EXPECT_THAT(read("1234567").failure().what, HasSubstr("it has 7 bytes"));
    EXPECT_THAT(read("version https://git-lfs.github.com/spec/v1\noid sha256:1\n").failure().what,
                HasSubstr("Git LFS pointer"));
}

} // namespace

TEST(SafetensorsHeader, ReadsEntriesInTheOrderOfTheirDataAndMetadata)
{
    const auto parsed = parse(
        safetensorsBytes(R"({"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[4,8]},"__metadata__":{"format":"pt"},)"
                         R"("a":{"shape":[],"data_offsets":[0,4],"dtype":"F32"}}   )",
                         std::string(8, '\0')),
        "m.safetensors");
    ASSERT_TRUE(parsed) << parsed.failure().text();
    ASSERT_EQ(parsed->entries.size(), 2U);
    EXPECT_EQ(parsed->entries[0].name, "a");
    EXPECT_TRUE(parsed->entries[0].shape.empty());
    EXPECT_EQ(parsed->entries[1].name, "b");
    EXPECT_EQ(parsed->entries[1].dtype, "BF16");
    EXPECT_EQ(parsed->entries[1].shape, (std::vector<std::int64_t>{2, 1}));
    EXPECT_EQ(parsed->entries[1].begin, 4U);
    EXPECT_EQ(parsed->metadata.at("format"), "pt");
}

TEST(SafetensorsHeader, AcceptsTensorsWithoutElements)
{
    EXPECT_EQ(refusal(R"({"e":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}})", 0), "");
    EXPECT_EQ(refusal("{}", 0), "");
}

TEST(SafetensorsHeader, RefusesFilesShorterThanTheyClaim)
{
    for (std::size_t size = 0; size < 8; ++size) {
        EXPECT_FALSE(parse(std::string(size, '\0'), "m"));
    }
    const std::string whole = safetensorsBytes(one(kTensor), std::string(8, '\0'));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse(std::string_view(whole).substr(0, size), "m")) << size;
    }
    EXPECT_THAT(refusal(one(kTensor), 7), HasSubstr("truncated: tensor \"w\""));
}

TEST(SafetensorsHeader, RefusesTheLengthsThatOverflow)
{
    for (const unsigned char top : {0x01, 0x7f, 0x80, 0xff}) {
        std::string bytes = safetensorsBytes(one(kTensor), std::string(8, '\0'));
        bytes[7] = static_cast<char>(top);
        EXPECT_THAT(parse(bytes, "m").failure().what, HasSubstr("100 MB"));
    }
}

TEST(SafetensorsHeader, RefusesBytesThatBelongToNoTensor)
{
    EXPECT_THAT(refusal(one(kTensor), 9), HasSubstr("1 bytes after the last tensor"));
    EXPECT_THAT(refusal("{}", 4), HasSubstr("belong to none"));
}

TEST(SafetensorsHeader, RefusesOverlapsAndGaps)
{
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                        R"("b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
                        7),
                HasSubstr("\"b\" overlaps"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                        R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                        4),
                HasSubstr("\"b\" overlaps"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                        R"("b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})",
                        9),
                HasSubstr("gap of 1 bytes before tensor \"b\""));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}})", 5), HasSubstr("gap"));
}

TEST(SafetensorsHeader, RefusesShapesThatDoNotFitTheirBytes)
{
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), 8),
                HasSubstr("needs 12 bytes but its data_offsets span 8"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F16","shape":[2],"data_offsets":[0,8]})"), 8), HasSubstr("\"w\""));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), 8), HasSubstr("ends before"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})"), 8), HasSubstr("\"F33\""));
}

TEST(SafetensorsHeader, RefusesSizesThatOverflow)
{
    // 2^62 * 4 is 0 modulo 2^64
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]})"), 0),
                HasSubstr("too large"));
    EXPECT_THAT(refusal(one(R"({"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]})"), 0),
                HasSubstr("too large"));
    EXPECT_THAT(refusal(one(R"({"dtype":"U8","shape":[0,9223372036854775807,4],"data_offsets":[0,0]})"), 0),
                HasSubstr("too large"));
    EXPECT_THAT(refusal(one(R"({"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0]})"), 0),
                HasSubstr("too large"));
    EXPECT_THAT(refusal(one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,99999999999999999999999]})"), 1),
                HasSubstr("not an integer"));
    std::string dimensions = "1";
    for (int i = 0; i < 40; ++i) {
        dimensions += ",1";
    }
    EXPECT_THAT(refusal(one("{\"dtype\":\"U8\",\"shape\":[" + dimensions + "],\"data_offsets\":[0,1]}"), 1),
                HasSubstr("dimensions"));
}

TEST(SafetensorsHeader, RefusesNumbersThatAreNotSizes)
{
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), 8), HasSubstr("negative"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[2],"data_offsets":[-8,0]})"), 8), HasSubstr("negative"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})"), 8), HasSubstr("not an integer"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":["2"],"data_offsets":[0,8]})"), 8), HasSubstr("a string"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"), 8), HasSubstr("fewer than two"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})"), 8), HasSubstr("more than two"));
}

TEST(SafetensorsHeader, RefusesNamesAndFieldsGivenTwice)
{
    EXPECT_THAT(refusal(std::string("{\"w\":") + kTensor + ",\"w\":" + kTensor + "}", 8),
                HasSubstr("\"w\" is given twice"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})"), 8),
                HasSubstr("\"dtype\" twice"));
    EXPECT_THAT(refusal(R"({"__metadata__":{"a":"1","a":"2"}})", 0), HasSubstr("\"a\" is given twice"));
    EXPECT_THAT(refusal(R"({"__metadata__":{},"__metadata__":{}})", 0), HasSubstr("given twice"));
}

TEST(SafetensorsHeader, RefusesMissingAndUnknownFields)
{
    EXPECT_THAT(refusal(one(R"({"shape":[2],"data_offsets":[0,8]})"), 8), HasSubstr("lacks the field \"dtype\""));
    EXPECT_THAT(refusal(one("{}"), 8), HasSubstr("lacks the field"));
    EXPECT_THAT(refusal(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})"), 8), HasSubstr("\"x\""));
}

TEST(SafetensorsHeader, RefusesJsonOfAnotherForm)
{
    for (const char* header : {"[]", "3", "\"w\"", "null", "true", "{\"w\":[]}", "{\"w\":3}", "{\"w\":null}",
                               "{\"__metadata__\":[]}", "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":{\"a\":{}}}",
                               "", "{", "{}{}", "{} x", "nonsense", "{\"w\xff\":{}}", "\xef\xbb\xbf"}) {
        EXPECT_NE(refusal(header, 0), "") << header;
    }
    EXPECT_NE(refusal(one(R"({"dtype":3,"shape":[2],"data_offsets":[0,8]})"), 8), "");
    EXPECT_NE(refusal(one(R"({"dtype":"F32","shape":{},"data_offsets":[0,8]})"), 8), "");
    EXPECT_NE(refusal(one(R"({"dtype":"F32","shape":[[2]],"data_offsets":[0,8]})"), 8), "");
}

TEST(SafetensorsHeader, DeepNestingIsRefusedWithoutDescending)
{
    EXPECT_NE(refusal(std::string(5'000'000, '['), 0), "");
    std::string objects;
    for (int i = 0; i < 1'000'000; ++i) {
        objects += "{\"a\":";
    }
    EXPECT_NE(refusal(objects, 0), "");
}

TEST(SafetensorsHeader, LongAndStrangeNamesAreShownShortened)
{
    std::string name(119, 'x');
    name += "ä" + std::string(1000, 'y');
    const std::string why = refusal("{\"" + name + "\":3}", 0);
    EXPECT_LT(why.size(), 300U);
    EXPECT_THAT(why, HasSubstr("x…\"")); // cut before the two bytes of the letter, not between them
    EXPECT_THAT(refusal(R"({"a\n\u0000b":3})", 0), HasSubstr("\"a??b\""));
}

TEST(SafetensorsHeader, LaidOutHeadersAreReadBackAndAligned)
{
    const std::vector<SafetensorsEntry> entries = {{"h.0.weight", "F32", {2, 3}, 0, 24},
                                                   {"scalar ß", "U8", {}, 24, 25}};
    for (const auto& metadata : {std::map<std::string, std::string>{}, {{"format", "pt"}}}) {
        const auto header = layOutSafetensorsHeader(entries, metadata);
        ASSERT_TRUE(header);
        EXPECT_EQ(header->size() % 8, 0U);
        const auto parsed = parse(*header + std::string(25, '\0'), "m");
        ASSERT_TRUE(parsed) << parsed.failure().text();
        EXPECT_EQ(parsed->metadata, metadata);
        ASSERT_EQ(parsed->entries.size(), 2U);
        EXPECT_EQ(parsed->entries[1].name, "scalar ß");
    }
    EXPECT_FALSE(layOutSafetensorsHeader({entries[0], entries[0]}, {}));
    EXPECT_FALSE(layOutSafetensorsHeader({{"__metadata__", "U8", {}, 0, 1}}, {}));
    EXPECT_FALSE(layOutSafetensorsHeader({{"\xff", "U8", {}, 0, 1}}, {}));
}
