#include "app/cli/commands/tokenize.h"

#include "core/base/mapped_file.h"
#include "tests/support/paths.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

namespace dskd::cli
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Tokenize : public testing::Test
{
protected:
    void SetUp() override
    {
        m_options.model = fs::path(test::goldenDir()) / "tokenizer" / "gpt2";
        m_file = fs::temp_directory_path() / ("dskd_tokenize_" + std::to_string(::getpid()) + ".txt");
    }
    void TearDown() override { fs::remove(m_file); }

    int run()
    {
        Console console{m_out, m_err};
        return runTokenize(m_options, console);
    }

    TokenizeOptions m_options;
    fs::path m_file;
    std::ostringstream m_out;
    std::ostringstream m_err;
};

TEST_F(Tokenize, PrintsIdsPiecesAndOffsetsAsOneJsonLine)
{
    m_options.text = "Hi \xF0\x9F\xA7\xAA";
    m_options.json = true;
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(m_out.str().find('\n'), m_out.str().size() - 1);
    EXPECT_EQ(m_out.str().find("{\"ids\":["), 0U);
    const json result = json::parse(m_out.str());
    ASSERT_EQ(result["ids"].size(), result["pieces"].size());
    ASSERT_EQ(result["ids"].size(), result["offsets"].size());
    EXPECT_EQ(result["pieces"][0], "H");
    EXPECT_EQ(result["offsets"][0], json::array({0, 1}));
    EXPECT_EQ(result["offsets"].back()[1], 7);
}

TEST_F(Tokenize, PrintsATableForPeople)
{
    m_options.text = "Hi";
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("0-1"));
    EXPECT_THAT(m_out.str(), HasSubstr("byte-level BPE"));
}

TEST_F(Tokenize, ReportsInvalidBytesOfAFile)
{
    ASSERT_TRUE(writeFileAtomically(m_file, "ok \xFF\xFE"));
    m_options.file = m_file;
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(m_err.str(), HasSubstr("2 bytes are not valid UTF-8"));
    EXPECT_THAT(m_err.str(), HasSubstr(m_file.string()));
}

TEST_F(Tokenize, ReportsBrokenLinesAndGoesOn)
{
    ASSERT_TRUE(
        writeFileAtomically(m_file, "{\"t\": \"one\"}\n{\"t\": \n[1]\n{\"u\": \"x\"}\n{\"t\": 3}\n\n{\"t\": \"two\"}"));
    m_options.jsonl = m_file;
    m_options.field = "t";
    EXPECT_EQ(run(), 0);
    const std::string out = m_out.str();
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
    EXPECT_THAT(m_err.str(), HasSubstr(m_file.string() + ", line 2: it is no valid JSON."));
    EXPECT_THAT(m_err.str(), HasSubstr("line 3: it is no JSON object."));
    EXPECT_THAT(m_err.str(), HasSubstr("line 4: the field \"t\" is missing."));
    EXPECT_THAT(m_err.str(), HasSubstr("line 5: the field \"t\" is no text."));
    EXPECT_THAT(m_err.str(), HasSubstr("4 of 6 lines"));
}

TEST_F(Tokenize, FailsWhenNothingCanBeUsed)
{
    EXPECT_EQ(run(), toInt(ExitCode::Usage));
    m_options.jsonl = m_file;
    EXPECT_EQ(run(), toInt(ExitCode::NotFound));
    ASSERT_TRUE(writeFileAtomically(m_file, "{}\n"));
    EXPECT_EQ(run(), toInt(ExitCode::BadData));
    m_options.model = m_file;
    EXPECT_EQ(run(), toInt(ExitCode::BadModel));
}

TEST_F(Tokenize, ShowsThePromptThatATemplateMakesOfARecord)
{
    std::ofstream(m_file) << R"({"instruction": "Add", "input": "1, 2", "output": "3"})" << '\n'
                          << R"({"instruction": "Say hi", "output": "hi"})" << '\n';
    m_options.jsonl = m_file;
    m_options.promptTemplate = "zephyr";
    m_options.systemPrompt = "Be brief.";
    m_options.json = true;
    EXPECT_EQ(run(), 0) << m_err.str();
    std::istringstream lines(m_out.str());
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    const json first = json::parse(line);
    const std::string end = "<|endoftext|>\n"; // gpt2's eos
    EXPECT_EQ(first["prompt"], "<|system|>\nBe brief." + end + "<|user|>\nAdd\n\n1, 2" + end + "<|assistant|>\n");
    EXPECT_EQ(first["response"], "3");
    EXPECT_EQ(first["pieces"].back(), "<|endoftext|>");
    EXPECT_EQ(first["ids"].size(), first["pieces"].size());
    EXPECT_LT(first["prompt_tokens"].get<std::size_t>(), first["ids"].size());
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_THAT(json::parse(line)["prompt"].get<std::string>(), HasSubstr("Say hi"));
    EXPECT_FALSE(std::getline(lines, line));

    m_out.str("");
    m_options.json = false;
    m_options.promptTemplate = "plain";
    m_options.systemPrompt.clear(); // which it has no place for
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Add\n\n1, 2\n"));
    EXPECT_THAT(m_out.str(), testing::Not(HasSubstr("Say hi"))) << "of a table the first record";
    EXPECT_THAT(m_out.str(), HasSubstr("tokens of prompt"));
}

TEST_F(Tokenize, SaysWhyATemplateCannotBeUsed)
{
    m_options.promptTemplate = "chat";
    EXPECT_EQ(run(), 2);
    m_options.text = "one text is no record";
    EXPECT_EQ(run(), 2);
    EXPECT_THAT(m_err.str(), HasSubstr("--jsonl"));
    m_options.text.reset();
    std::ofstream(m_file) << R"({"prompt": "p", "completion": "c"})";
    m_options.jsonl = m_file;
    EXPECT_NE(run(), 0);
    EXPECT_THAT(m_err.str(), HasSubstr("names no chat template"));
    m_options.promptTemplate = "vicuna";
    EXPECT_EQ(run(), 2);
    EXPECT_THAT(m_err.str(), HasSubstr("data.template"));
}

TEST_F(Tokenize, RefusesOptionsThatWouldChangeNothing)
{
    std::ofstream(m_file) << R"({"prompt": "p", "completion": "c", "text": "t"})" << '\n';
    TokenizeOptions ofText = m_options;
    ofText.text = "Hi";
    TokenizeOptions ofLines = m_options;
    ofLines.jsonl = m_file;
    TokenizeOptions ofRecords = ofLines;
    ofRecords.promptTemplate = "plain";
    const auto refused = [&](TokenizeOptions options, auto member, auto value, const std::string& option) {
        m_err.str("");
        m_options = options;
        ASSERT_EQ(run(), 0) << "without " << option << ": " << m_err.str();
        m_options.*member = value;
        m_err.str("");
        m_out.str("");
        EXPECT_EQ(run(), toInt(ExitCode::Usage)) << option;
        EXPECT_THAT(m_err.str(), HasSubstr(option));
        EXPECT_EQ(m_out.str(), "");
    };
    const std::string be = "Be brief.";
    refused(ofText, &TokenizeOptions::field, "prompt", "--field");
    refused(ofText, &TokenizeOptions::systemPrompt, be, "--system");
    refused(ofText, &TokenizeOptions::limit, 1, "--limit");
    refused(ofLines, &TokenizeOptions::systemPrompt, be, "--system");
    refused(ofLines, &TokenizeOptions::limit, 1, "--limit");
    refused(ofRecords, &TokenizeOptions::field, "prompt", "--field");
    refused(ofRecords, &TokenizeOptions::special, true, "--special");
    refused(ofRecords, &TokenizeOptions::systemPrompt, be, "--system"); // plain has no place for it
}

} // namespace
} // namespace dskd::cli
