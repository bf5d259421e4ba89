// The tokenizer of a model: where it is found, and which of its tokens the model has rows for.

#include "core/base/regular_file.h"
#include "core/preflight/rules.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::preflight
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

TEST(ModelTokenizer, EndsAtTheRowsOfTheEmbedding)
{
    const fs::path golden = test::goldenDir();
    const auto whole = tokenizer::loadTokenizer(golden / "tokenizer" / "added").value();
    const auto last = static_cast<tokenizer::TokenId>(whole->size() - 1);
    const test::TemporaryFolder folder;
    fs::copy(golden / "tokenizer" / "added" / "tokenizer.json", folder.path());
    json model = json::parse(readTextFile(golden / "model" / "gpt2" / "config.json").value());
    model["vocab_size"] = last;
    model["eos_token_id"] = 0;
    std::ofstream(folder.path() / "config.json") << model;
    config::ModelRef reference;
    reference.model = folder.path().string();
    const auto loaded = loadTokenizer(reference, {});
    ASSERT_TRUE(loaded) << loaded.failure().text();
    EXPECT_EQ((*loaded)->size(), last);
    EXPECT_EQ((*loaded)->encode("the other").ids, whole->encode("the other").ids);
    EXPECT_THROW((void)(*loaded)->encode(whole->piece(last)), Error);
    config::DataConfig data;
    data.maxLength = 32;
    EXPECT_TRUE(checkModel("student", model::readModelConfig(folder.path()).value(), **loaded, data))
        << "no text need use the last token";
}

TEST(ModelTokenizer, OfAnAdapterThatIsRefusedIsRefusedWithItsReason)
{
    const test::TemporaryFolder folder;
    const json config = {{"peft_type", "LORA"},          {"r", 4},           {"lora_alpha", 8},
                         {"target_modules", {"q_proj"}}, {"use_dora", true}, {"base_model_name_or_path", "base"}};
    std::ofstream(folder.path() / "adapter_config.json") << config;
    config::ModelRef reference;
    reference.model = folder.path().string();
    for (const std::string& what :
         {findTokenizerFolder(reference).failure().what, loadTokenizer(reference, {}).failure().what}) {
        EXPECT_THAT(what, HasSubstr("not supported"));
    }
}

} // namespace
} // namespace dskd::preflight
