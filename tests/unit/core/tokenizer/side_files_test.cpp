// Tokenizers that several files of a folder describe, against what transformers makes of such folders
// (tests/reference/side_files_golden.py).

#include "core/base/regular_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/tokenizer/golden_cases.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

void write(const fs::path& file, const json& content)
{
    std::ofstream(file, std::ios::binary) << content.dump();
}

// The golden folder `base` with a changed tokenizer.json and other files beside it.
void buildFolder(const fs::path& folder, const std::string& base, const json& patch, const json& files)
{
    for (const auto& entry : fs::directory_iterator(goldenFolder() / base)) {
        const std::string name = entry.path().filename().string();
        if (name != "cases.json" && name != "tokenizer_config.json") {
            fs::copy(entry.path(), folder);
        }
    }
    if (!patch.is_null()) {
        json description = json::parse(readTextFile(folder / "tokenizer.json").value());
        description.merge_patch(patch);
        write(folder / "tokenizer.json", description);
    }
    for (const auto& [name, content] : files.items()) {
        write(folder / name, content);
    }
}

TEST(SideFiles, GiveTheTokenizerOfTransformers)
{
    const json cases = json::parse(readTextFile(goldenFolder() / "side_files.json").value());
    ASSERT_GE(cases.size(), 18U);
    for (const json& one : cases) {
        SCOPED_TRACE(one["name"].get<std::string>());
        const test::TemporaryFolder temporary;
        buildFolder(temporary.path(), one["base"], one.value("patch", json()), one["files"]);
        const auto loaded = loadTokenizer(temporary.path());
        ASSERT_TRUE(loaded) << loaded.failure().text();
        const Tokenizer& tokenizer = **loaded;
        for (const json& text : one["texts"]) {
            const auto input = text["text"].get<std::string>();
            const Encoding encoding = tokenizer.encode(input);
            EXPECT_EQ(encoding.ids, text["ids"].get<std::vector<TokenId>>()) << input;
            EXPECT_EQ(tokenizer.decode(encoding.ids, true), text["decoded_skip"].get<std::string>()) << input;
        }
        const SpecialTokens& special = tokenizer.special();
        for (const auto& [name, id] : one["special"].items()) {
            const auto expected = id.is_null() ? std::nullopt : std::optional(id.get<TokenId>());
            EXPECT_EQ(name == "bos" ? special.bos : name == "eos" ? special.eos : special.pad, expected) << name;
        }
    }
}

class SideFilesRefused : public testing::Test
{
protected:
    // What loading says of a folder like the golden one `base` with `files`.
    static std::string failure(const std::string& base, const json& files)
    {
        const test::TemporaryFolder temporary;
        buildFolder(temporary.path(), base, {}, files);
        const auto loaded = loadTokenizer(temporary.path());
        return loaded ? "no failure" : loaded.failure().text();
    }
};

TEST_F(SideFilesRefused, AnEndTokenWithoutAnId)
{
    for (const char* base : {"gpt2", "gpt2_vocab_merges", "spm_bpe"}) {
        EXPECT_THAT(failure(base, {{"tokenizer_config.json", {{"eos_token", "<|im_end|>"}}}}),
                    HasSubstr("tokenizer_config.json, eos_token: no file gives the token \"<|im_end|>\" an id"));
    }
    EXPECT_THAT(failure("gpt2", {{"special_tokens_map.json", {{"eos_token", {{"content", "<|im_end|>"}}}}}}),
                HasSubstr("special_tokens_map.json, eos_token: no file gives"));
}

// transformers numbers them in the order of the file.
TEST_F(SideFilesRefused, ATokenOfAnUncommonNameWithoutAnId)
{
    EXPECT_THAT(failure("gpt2", {{"tokenizer_config.json", {{"image_token", "<img>"}}}}),
                HasSubstr("tokenizer_config.json, image_token: no file gives the token \"<img>\" an id"));
}

TEST_F(SideFilesRefused, AnIdThatIsNotTheNextFreeOne)
{
    EXPECT_THAT(failure("gpt2", {{"added_tokens.json", {{"<x>", 421}}}}),
                AllOf(HasSubstr("added_tokens.json: the token \"<x>\" has the id 421"), HasSubstr("gives it 420")));
    const json inside = {{"added_tokens_decoder", {{"7", {{"content", "<x>"}}}}}};
    EXPECT_THAT(failure("gpt2", {{"tokenizer_config.json", inside}}), HasSubstr("has the id 7"));
    EXPECT_THAT(failure("spm_bpe", {{"added_tokens.json", {{"<x>", 521}}}}), HasSubstr("gives it 520"));
    EXPECT_EQ(failure("spm_bpe", {{"tokenizer_config.json", inside}}), "no failure") << "a placeholder is renamed";
}

TEST_F(SideFilesRefused, WhatIsNoTokenOrNoId)
{
    EXPECT_THAT(failure("gpt2", {{"added_tokens.json", {{"<x>", "420"}}}}), HasSubstr("\"<x>\" has no id"));
    EXPECT_THAT(failure("gpt2", {{"added_tokens.json", {{"<x>", 420}, {"<y>", 420}}}}),
                HasSubstr("two tokens the id 420"));
    EXPECT_THAT(failure("gpt2", {{"added_tokens.json", {{"<x>", -1}}}}), HasSubstr("\"<x>\" has no id"));
    EXPECT_THAT(failure("gpt2", {{"added_tokens.json", json::array({"<x>"})}}), HasSubstr("no object of tokens"));
    const json text = {{"added_tokens_decoder", {{"420x", {{"content", "<x>"}}}}}};
    EXPECT_THAT(failure("gpt2", {{"tokenizer_config.json", text}}), HasSubstr("\"420x\" has no id"));
    EXPECT_THAT(failure("gpt2", {{"tokenizer_config.json", {{"split_special_tokens", true}}}}),
                HasSubstr("split_special_tokens"));
}

} // namespace
} // namespace dskd::tokenizer
