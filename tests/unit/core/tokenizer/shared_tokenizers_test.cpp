// The eight real tokenizers, where DSKD_SHARED names a folder that holds them (tokenizers/<name>); their ids are in
// tests/golden/tokenizer/shared_cases.json.

#include "tests/unit/core/tokenizer/golden_cases.h"

#include "core/base/regular_file.h"
#include "tests/support/hex.h"
#include "tests/support/shared_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{
namespace
{

class SharedTokenizer : public testing::TestWithParam<const char*>
{
protected:
    void SetUp() override
    {
        const auto shared = test::sharedFolder();
        if (!shared) {
            GTEST_SKIP() << test::kNoSharedFolder;
        }
        m_tokenizer = mustLoad(*shared / "tokenizers" / GetParam());
    }
    std::unique_ptr<Tokenizer> m_tokenizer;
};

TEST_P(SharedTokenizer, IdsEqualTheReference)
{
    const auto golden = nlohmann::json::parse(readTextFile(goldenFolder() / "shared_cases.json").value());
    const auto& ids = golden["ids"][GetParam()];
    ASSERT_GT(ids.size(), 150U);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::string text = test::bytesFromHex(golden["texts"][i].get<std::string>());
        EXPECT_EQ(m_tokenizer->encode(text).ids, ids[i].get<std::vector<TokenId>>()) << quoted(text);
    }
}

TEST_P(SharedTokenizer, OneMegabyteOfOneCharacterIsCovered)
{
    for (const char* character : {"a", " ", "\n", "1", "\u00e9", "\U0001f600"}) {
        std::string text;
        while (text.size() < 1'000'000) {
            text += character;
        }
        const Encoding encoding = m_tokenizer->encode(text);
        ASSERT_FALSE(encoding.offsets.empty());
        EXPECT_EQ(encoding.offsets.front().begin, 0U);
        EXPECT_EQ(encoding.offsets.back().end, text.size());
        EXPECT_EQ(m_tokenizer->decode(encoding.ids), text);
    }
}

INSTANTIATE_TEST_SUITE_P(Folders, SharedTokenizer,
                         testing::Values("Qwen1.5-1.8B", "gpt2-base", "gpt2-xl", "llama2-7b-hf", "llama3",
                                         "mistral-7b-v0.1", "qwen3", "tinyllama-1.1b-3T"),
                         [](const auto& parameter) {
                             std::string name = parameter.param;
                             std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                             return name;
                         });

} // namespace
} // namespace dskd::tokenizer
