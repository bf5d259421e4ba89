#include "core/dataset/question.h"

#include "core/dataset/conversation.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::dataset
{
namespace
{

using testing::HasSubstr;

class QuestionTest : public testing::Test
{
protected:
    std::filesystem::path write(const std::string& lines) const
    {
        std::ofstream(m_folder / "data.jsonl", std::ios::binary) << lines;
        return m_folder / "data.jsonl";
    }
    [[nodiscard]] Asking askingOf(const std::string& lines) const
    {
        return dataset::askingOf(write(lines), m_data).value();
    }
    // What the question becomes, and what a line of that file becomes which asks it.
    void expectSamePrompt(const std::string& line) const
    {
        const Record asked = questionRecord("Why?", askingOf(line), m_data, *m_tokenizer).value();
        RecordFile file = readRecords(write(line), m_data).value();
        renderPrompts(file, *m_tokenizer);
        EXPECT_EQ(asked.prompt, file.records.front().prompt) << line;
        EXPECT_EQ(asked.responses, std::vector<std::string>{""});
    }

    test::TemporaryFolder m_folder;
    config::DataConfig m_data;
    std::unique_ptr<tokenizer::Tokenizer> m_tokenizer =
        loadPromptTokenizer(test::goldenDir() + "/tokenizer/gpt2", m_data).value();
};

TEST_F(QuestionTest, BecomesThePromptThatALineOfTheDataBecomes)
{
    for (const config::Template form : {config::Template::Alpaca, config::Template::Plain, config::Template::Custom}) {
        m_data.promptTemplate = form;
        m_data.customTemplate = "Q: {instruction}{input}\nA:";
        expectSamePrompt(R"({"instruction": "Why?", "output": "So."})");
        expectSamePrompt(R"({"instruction": "Why?", "response": ["So."], "category": "c"})");
        expectSamePrompt(R"({"question": "Why?", "answer": "So."})");
        expectSamePrompt(R"({"prompt": "Why?", "completion": "So."})");
        expectSamePrompt(
            R"({"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]})");
    }
}

TEST_F(QuestionTest, IsAskedAsTheFirstUsableLineAsks)
{
    EXPECT_EQ(askingOf("\xef\xbb\xbf{\"prompt\": \"a\", \"completion\": \"b\"}"), Asking::ReadyPrompt);
    EXPECT_EQ(askingOf("\n{broken\n{\"prompt\": \"a\", \"completion\": \"b\"}"), Asking::ReadyPrompt);
    EXPECT_EQ(askingOf("{\"question\": \"a\", \"answer\": \"b\"}"), Asking::Instruction);
    EXPECT_FALSE(dataset::askingOf(m_folder / "gone.jsonl", m_data));
}

TEST_F(QuestionTest, RefusesANulCharacter)
{
    const auto refused = questionRecord(std::string("a\0b", 3), Asking::Instruction, m_data, *m_tokenizer);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("NUL"));
}

} // namespace
} // namespace dskd::dataset
