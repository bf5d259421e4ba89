#include "app/cli/command_line.h"
#include "core/base/atomic_file.h"
#include "core/base/exit_codes.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

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
    int run(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> words{"tokenize", "--model", m_model};
        words.insert(words.end(), more.begin(), more.end());
        m_out.str("");
        m_err.str("");
        Console console{m_out, m_err};
        return runCommandLine(std::move(words), console);
    }

    test::TemporaryFolder m_folder;
    std::string m_model = fs::path(test::goldenDir()) / "tokenizer" / "gpt2";
    std::string m_file = m_folder / "file.txt";
    std::ostringstream m_out;
    std::ostringstream m_err;
};

TEST_F(Tokenize, PrintsIdsPiecesAndOffsetsAsOneJsonLine)
{
    EXPECT_EQ(run({"--text", "Hi \xF0\x9F\xA7\xAA", "--json"}), 0);
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
    EXPECT_EQ(run({"--text", "Hi"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("0-1"));
    EXPECT_THAT(m_out.str(), HasSubstr("byte-level BPE"));
}

TEST_F(Tokenize, TakesTheTokenizerOfAnAdaptersBaseOrSaysWhyItIsRefused)
{
    EXPECT_EQ(run({"--text", "Hi there", "--json"}), 0);
    const std::string expected = m_out.str();
    const fs::path base = m_folder / "base";
    const fs::path adapter = m_folder / "adapter";
    fs::create_directory(base);
    fs::create_directory(adapter);
    fs::copy(fs::path(m_model) / "tokenizer.json", base);
    std::ofstream(base / "config.json") << "{}";
    json config = {{"peft_type", "LORA"},
                   {"r", 4},
                   {"lora_alpha", 8},
                   {"target_modules", {"q_proj"}},
                   {"base_model_name_or_path", base.string()}};
    std::ofstream(adapter / "adapter_config.json") << config;
    m_model = adapter;
    EXPECT_EQ(run({"--text", "Hi there", "--json"}), 0) << m_err.str();
    EXPECT_EQ(m_out.str(), expected);
    config["use_dora"] = true;
    std::ofstream(adapter / "adapter_config.json") << config;
    EXPECT_EQ(run({"--text", "Hi there"}), toInt(ExitCode::BadModel));
    EXPECT_THAT(m_err.str(), HasSubstr("not supported"));
}

TEST_F(Tokenize, ReportsInvalidBytesOfAFile)
{
    ASSERT_TRUE(writeFileAtomically(m_file, "ok \xFF\xFE"));
    EXPECT_EQ(run({"--file", m_file}), 0);
    EXPECT_THAT(m_err.str(), HasSubstr("2 bytes are not valid UTF-8"));
    EXPECT_THAT(m_err.str(), HasSubstr(m_file));
}

TEST_F(Tokenize, ReportsBrokenLinesAndGoesOn)
{
    ASSERT_TRUE(
        writeFileAtomically(m_file, "{\"t\": \"one\"}\n{\"t\": \n[1]\n{\"u\": \"x\"}\n{\"t\": 3}\n\n{\"t\": \"two\"}"));
    EXPECT_EQ(run({"--jsonl", m_file, "--field", "t"}), 0);
    const std::string out = m_out.str();
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
    EXPECT_THAT(m_err.str(), HasSubstr(m_file + ", line 2: it is no valid JSON."));
    EXPECT_THAT(m_err.str(), HasSubstr("line 3: it is no JSON object."));
    EXPECT_THAT(m_err.str(), HasSubstr("line 4: the field \"t\" is missing."));
    EXPECT_THAT(m_err.str(), HasSubstr("line 5: the field \"t\" is no text."));
    EXPECT_THAT(m_err.str(), HasSubstr("4 of 6 lines"));
}

TEST_F(Tokenize, FailsWhenNothingCanBeUsed)
{
    EXPECT_EQ(run(), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"--jsonl", m_file}), toInt(ExitCode::NotFound));
    EXPECT_THAT(m_err.str(), HasSubstr(m_file));
    ASSERT_TRUE(writeFileAtomically(m_file, "{}\n"));
    EXPECT_EQ(run({"--jsonl", m_file}), toInt(ExitCode::BadData));
    m_model = m_file;
    EXPECT_EQ(run({"--jsonl", m_file}), toInt(ExitCode::BadModel));
}

TEST_F(Tokenize, NamesAnotherKindOfFileOnce)
{
    using namespace std::string_view_literals;
    const std::pair<std::string_view, std::string> kinds[] = {
        {""sv, " is empty. Name a file"},
        {"\xff\xfe{\0\n\0{\0\n\0"sv, " is text in UTF-16, not UTF-8. Convert"},
        {"\x1f\x8b\x08\n\n"sv, " is compressed with gzip. Unpack"},
        {"version https://git-lfs.github.com/spec/v1\noid\nsize 1\n"sv, " is a Git LFS pointer, not the file itself."},
        {"PAR1\n\n"sv, " is a Parquet table. Write it as JSONL"},
    };
    for (const auto& [bytes, what] : kinds) {
        ASSERT_TRUE(writeFileAtomically(m_file, bytes));
        EXPECT_EQ(run({"--jsonl", m_file}), toInt(ExitCode::BadData)) << what;
        EXPECT_THAT(m_err.str(), testing::AllOf(HasSubstr(m_file + what), testing::Not(HasSubstr(", line "))));
        EXPECT_EQ(m_out.str(), "");
    }
}

TEST_F(Tokenize, ShowsThePromptThatATemplateMakesOfARecord)
{
    std::ofstream(m_file) << R"({"instruction": "Add", "input": "1, 2", "output": "3"})" << '\n'
                          << R"({"instruction": "Say hi", "output": "hi"})" << '\n';
    EXPECT_EQ(run({"--jsonl", m_file, "--template", "zephyr", "--system", "Be brief.", "--json"}), 0) << m_err.str();
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

    EXPECT_EQ(run({"--jsonl", m_file, "--template", "plain"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Add\n\n1, 2\n"));
    EXPECT_THAT(m_out.str(), testing::Not(HasSubstr("Say hi"))) << "of a table the first record";
    EXPECT_THAT(m_out.str(), HasSubstr("tokens of prompt"));
}

TEST_F(Tokenize, SaysWhyATemplateCannotBeUsed)
{
    EXPECT_EQ(run({"--template", "chat"}), 2);
    EXPECT_EQ(run({"--template", "chat", "--text", "one text is no record"}), 2);
    EXPECT_THAT(m_err.str(), HasSubstr("--jsonl"));
    std::ofstream(m_file) << R"({"prompt": "p", "completion": "c"})";
    EXPECT_EQ(run({"--jsonl", m_file, "--template", "chat"}), toInt(ExitCode::BadModel));
    EXPECT_THAT(m_err.str(), HasSubstr("names no chat template"));
    EXPECT_EQ(run({"--jsonl", m_file, "--template", "vicuna"}), 2);
    EXPECT_THAT(m_err.str(), HasSubstr("data.template"));
}

TEST_F(Tokenize, RefusesOptionsThatWouldChangeNothing)
{
    std::ofstream(m_file) << R"({"prompt": "p", "completion": "c", "text": "t"})" << '\n';
    const std::vector<std::string> ofText{"--text", "Hi"};
    const std::vector<std::string> ofLines{"--jsonl", m_file};
    const std::vector<std::string> ofRecords{"--jsonl", m_file, "--template", "plain"};
    const auto refused = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
        ASSERT_EQ(run(words), 0) << "without " << more.front() << ": " << m_err.str();
        words.insert(words.end(), more.begin(), more.end());
        EXPECT_EQ(run(words), toInt(ExitCode::Usage)) << more.front();
        EXPECT_THAT(m_err.str(), HasSubstr(more.front()));
        EXPECT_EQ(m_out.str(), "");
    };
    refused(ofText, {"--field", "prompt"});
    refused(ofText, {"--system", "Be brief."});
    refused(ofText, {"--limit", "1"});
    refused(ofLines, {"--system", "Be brief."});
    refused(ofLines, {"--limit", "1"});
    refused(ofRecords, {"--field", "prompt"});
    refused(ofRecords, {"--special"});
    refused(ofRecords, {"--system", "Be brief."}); // plain has no place for it
}

} // namespace
} // namespace dskd::cli
