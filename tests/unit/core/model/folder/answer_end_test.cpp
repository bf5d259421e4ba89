#include "core/model/folder/answer_end.h"

#include "core/base/regular_file.h"
#include "core/model/folder/json_edit.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::model
{
namespace
{

using testing::HasSubstr;

class AnswerEnds : public testing::Test
{
protected:
    void write(const char* name, const std::string& text) { std::ofstream(m_folder.path() / name) << text; }
    std::string text(const char* name) { return readTextFile(m_folder.path() / name).value(); }
    nlohmann::json json(const char* name) { return nlohmann::json::parse(text(name)); }

    test::TemporaryFolder m_folder;
};

TEST_F(AnswerEnds, StandBeforeWhatEndedATextBefore)
{
    write("config.json", R"({"model_type": "gpt2", "eos_token_id": 2})");
    write("generation_config.json", R"({"eos_token_id": 2, "top_p": 0.9, "_from_model_config": true})");
    write("tokenizer_config.json", R"({"eos_token": "</s>", "model_max_length": 1000000000000000019884624838656})");
    const std::string before = text("tokenizer_config.json");
    ASSERT_TRUE(nameAnswerEnd(m_folder.path(), 7));
    EXPECT_EQ(json("config.json")["eos_token_id"], nlohmann::json({7, 2}));
    EXPECT_EQ(json("generation_config.json")["eos_token_id"], nlohmann::json({7, 2}));
    EXPECT_EQ(json("generation_config.json")["top_p"], 0.9);
    EXPECT_EQ(json("generation_config.json")["_from_model_config"], false) << "or it is derived anew";
    EXPECT_EQ(text("tokenizer_config.json"), before);
    const std::string once = text("config.json");
    ASSERT_TRUE(nameAnswerEnd(m_folder.path(), 7));
    EXPECT_EQ(text("config.json"), once) << "named once only";
}

TEST_F(AnswerEnds, MakeAGenerationConfigWhereThereIsNone)
{
    write("config.json", R"({"eos_token_id": [2, 3], "bos_token_id": 1})");
    ASSERT_TRUE(nameAnswerEnd(m_folder.path(), 3));
    EXPECT_EQ(json("generation_config.json"), nlohmann::json({{"bos_token_id", 1}, {"eos_token_id", {2, 3}}}));
}

TEST_F(AnswerEnds, LeaveTheFolderOfAnAdapterAlone)
{
    ASSERT_TRUE(nameAnswerEnd(m_folder.path(), 3));
    EXPECT_TRUE(std::filesystem::is_empty(m_folder.path()));
}

TEST_F(AnswerEnds, NameTheFileThatIsDamaged)
{
    write("config.json", "[1]");
    const auto named = nameAnswerEnd(m_folder.path(), 3);
    ASSERT_FALSE(named);
    EXPECT_THAT(named.failure().text(), HasSubstr("config.json is not a JSON object"));
}

TEST(JsonEdit, ChangesOneFieldOfTheOutermostObject)
{
    EXPECT_EQ(withField("{}", "a", "1"), R"({"a": 1})");
    EXPECT_EQ(withField(R"({"b": {"a": 0}})", "a", "1"), R"({"b": {"a": 0}, "a": 1})");
    EXPECT_EQ(withField("{\n  \"a\": [1, {\"a\": 2}],\n  \"c\": \"a\"\n}\n", "a", "3"),
              "{\n  \"a\": 3,\n  \"c\": \"a\"\n}\n");
    EXPECT_EQ(withField(R"({"b": "\"a\": 5, {", "a": 0})", "a", "1"), R"({"b": "\"a\": 5, {", "a": 1})");
}

} // namespace
} // namespace dskd::model
