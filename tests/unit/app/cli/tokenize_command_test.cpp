#include "app/cli/tokenize_command.h"

#include "core/base/mapped_file.h"

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
        m_options.model = fs::path(DSKD_TEST_DATA) / "tokenizer" / "gpt2";
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

} // namespace
} // namespace dskd::cli
