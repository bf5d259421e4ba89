#include "core/base/file_kind.h"

#include <gtest/gtest.h>
#include <string>

namespace dskd
{

using namespace std::string_view_literals;

TEST(FileKind, IsThatOfTheFirstBytes)
{
    const auto nameOf = [](std::string_view bytes) {
        const auto kind = recogniseFile(bytes);
        return kind ? std::string(kind->name) : std::string();
    };
    EXPECT_EQ(nameOf("PK\x03\x04\x14\x00"sv), "a zip archive");
    EXPECT_EQ(nameOf("\x1f\x8b\x08"sv), "compressed with gzip");
    EXPECT_EQ(nameOf("\xfd\x37zXZ\0"sv), "compressed with xz");
    EXPECT_EQ(nameOf("PAR1\x15\x04"sv), "a Parquet table");
    EXPECT_EQ(nameOf("version https://git-lfs.github.com/spec/v1\n"sv), "a Git LFS pointer, not the file itself");
    EXPECT_EQ(nameOf("\xff\xfe{\0"sv), "text in UTF-16, not UTF-8");
    EXPECT_EQ(nameOf("\xff\xfe\0\0{\0\0\0"sv), "text in UTF-32, not UTF-8");
    EXPECT_EQ(nameOf("\0{\0\""sv), "text in UTF-16, not UTF-8");
    for (const std::string_view own : {""sv, "{"sv, "{\"a\": 1}"sv, "\xef\xbb\xbf{"sv, "PK"sv, "version 3"sv}) {
        EXPECT_EQ(nameOf(own), "") << own;
    }
}

TEST(FileKind, IsASentenceAboutTheFile)
{
    const auto pointer = wrongFileKind("model/tokenizer.json", "version https://git-lfs.github.com/spec/v1\noid ...");
    ASSERT_TRUE(pointer.has_value());
    EXPECT_EQ(pointer->what, "model/tokenizer.json is a Git LFS pointer, not the file itself.");
    EXPECT_EQ(pointer->hint, "Fetch it: git lfs pull, in the repository that it came from.");
    EXPECT_FALSE(wrongFileKind("model/tokenizer.json", "{}").has_value());
    EXPECT_NE(wrongFileKind("d", "PAR1", FileRole::Records)->hint.find("JSONL"), std::string::npos);
    EXPECT_EQ(wrongFileKind("m", "PAR1")->hint.find("JSONL"), std::string::npos) << "a model cannot be made of it";
}

} // namespace dskd
