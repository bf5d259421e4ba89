#include "core/dataset/record.h"

#include "core/dataset/prompt_template.h"
#include "tests/support/shared_folder.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace dskd::dataset
{
namespace
{
using testing::HasSubstr;

// Writes a file into a folder of its own and reads it back as records.
class Records : public testing::Test
{
protected:
    std::filesystem::path write(std::string_view content, const std::string& name = "data.jsonl")
    {
        std::ofstream(m_folder / name, std::ios::binary) << content;
        return m_folder / name;
    }
    Result<RecordFile> read(std::string_view content) { return readRecords(write(content), config); }
    // The only record of a one-line file.
    Record one(std::string_view line) { return read(line).value().records.at(0); }
    // Why the second line of a file, whose first line is good, was skipped.
    std::string whyBroken(std::string_view line)
    {
        const std::string good = R"({"instruction": "i", "output": "o"})";
        const RecordFile file = read(good + "\n" + std::string(line) + "\n" + good).value();
        EXPECT_EQ(file.records.size(), 2u);
        EXPECT_EQ(file.broken.size(), 1u);
        EXPECT_EQ(file.records.back().line, 3);
        return file.broken.empty() ? "" : file.broken[0].why;
    }

    config::DataConfig config;
    test::TemporaryFolder m_temporary;
    std::filesystem::path m_folder = m_temporary.path();
};

TEST_F(Records, ReadsDollyWithTheTemplateAndNotTheReadyPrompt)
{
    const RecordFile file =
        read(R"({"instruction": "Add.", "input": "1 2", "output": ["3", "three"], "prompt": "x", "topic": "maths"})")
            .value();
    EXPECT_EQ(file.format, config::DataFormat::Dolly);
    const Record& record = file.records.at(0);
    EXPECT_EQ(record.prompt, "Below is an instruction that describes a task, paired with an input that provides "
                             "further context. Write a response that appropriately completes the request.\n\n"
                             "### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n");
    EXPECT_EQ(record.responses, (std::vector<std::string>{"3", "three"}));
    EXPECT_EQ(record.topic, "maths");
    EXPECT_EQ(record.line, 1);
}

TEST_F(Records, ReadsAlpacaWithoutInput)
{
    const RecordFile file = read(R"({"instruction": "Say hi.", "input": "", "output": "hi"})").value();
    EXPECT_EQ(file.format, config::DataFormat::Alpaca);
    EXPECT_EQ(file.records.at(0).prompt, "Below is an instruction that describes a task. Write a response that "
                                         "appropriately completes the request.\n\n### Instruction:\nSay hi.\n\n"
                                         "### Response:\n");
}

TEST_F(Records, ReadsTheOriginalFieldNamesOfDolly)
{
    const Record record = one(R"({"instruction": "i", "context": "c", "response": "r", "category": "open_qa"})");
    EXPECT_THAT(record.prompt, HasSubstr("### Input:\nc\n"));
    EXPECT_EQ(record.responses.at(0), "r");
    EXPECT_EQ(record.topic, "open_qa");
}

TEST_F(Records, UsesReadyPromptsAsTheyAre)
{
    EXPECT_EQ(one(R"({"prompt": "Once", "completion": " upon"})").prompt, "Once");
    EXPECT_EQ(one(R"({"prompt": "Once", "response": " upon"})").responses.at(0), " upon");
    EXPECT_EQ(one(R"({"prompt": "", "completion": "plain text"})").prompt, "");
    EXPECT_EQ(read(R"({"prompt": "Once", "completion": " upon"})").value().format,
              config::DataFormat::PromptCompletion);
}

TEST_F(Records, PutsQuestionsIntoTheTemplate)
{
    const Record record = one(R"({"question": "2+2?", "answer": "#### 4"})");
    EXPECT_THAT(record.prompt, HasSubstr("### Instruction:\n2+2?\n\n### Response:\n"));
    EXPECT_EQ(record.responses.at(0), "#### 4");
}

TEST_F(Records, TurnsAChatIntoATranscriptThatEndsWhereTheLastAnswerBegins)
{
    const RecordFile file =
        read(
            R"({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, )"
            R"({"role": "assistant", "content": "Hello"}, )"
            R"({"role": "user", "content": [{"type": "text", "text": "How "}, {"type": "text", "text": "are you?"}]}, )"
            R"({"role": "assistant", "content": "Fine."}, {"role": "user", "content": "Bye"}]})")
            .value();
    EXPECT_EQ(file.format, config::DataFormat::Chat);
    EXPECT_EQ(file.records.at(0).prompt, "System:\nBe brief.\n\nUser:\nHi\n\nAssistant:\nHello\n\nUser:\nHow are you?"
                                         "\n\nAssistant:\n");
    EXPECT_EQ(file.records.at(0).responses, std::vector<std::string>{"Fine."});
}

TEST_F(Records, AppliesACustomTemplateOnceToEveryForm)
{
    config.promptTemplate = config::Template::Custom;
    config.customTemplate = "Q: {instruction} [{input}]\nA:";
    EXPECT_EQ(one(R"({"instruction": "say {input}", "input": "{instruction}", "output": "o"})").prompt,
              "Q: say {input} [{instruction}]\nA:");
    EXPECT_EQ(one(R"({"prompt": "p", "completion": "c"})").prompt, "Q: p []\nA:");
    config.customTemplate = "no place";
    EXPECT_THAT(read(R"({"prompt": "p", "completion": "c"})").failure().what, HasSubstr("{instruction}"));
}

TEST_F(Records, AppliesThePlainTemplate)
{
    config.promptTemplate = config::Template::Plain;
    EXPECT_EQ(one(R"({"instruction": "i", "output": "o"})").prompt, "i\n");
    EXPECT_EQ(one(R"({"instruction": "i", "input": "x", "output": "o"})").prompt, "i\n\nx\n");
}

TEST_F(Records, ReportsBrokenLinesAndKeepsTheRest)
{
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": "o")"), HasSubstr("ends before"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i" "output": "o"})"), HasSubstr("not valid JSON at byte"));
    EXPECT_THAT(whyBroken(R"(["instruction", "output"])"), HasSubstr("not an object"));
    EXPECT_THAT(whyBroken(R"({"output": "o"})"), HasSubstr("\"instruction\" is missing"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i"})"), HasSubstr("answer is missing"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": 7})"), HasSubstr("\"output\" is a number, not a text"));
    EXPECT_THAT(whyBroken(R"({"instruction": ["i"], "output": "o"})"), HasSubstr("\"instruction\" is a list"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "input": {}, "output": "o"})"), HasSubstr("\"input\" is an object"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": ["o", null]})"), HasSubstr("\"output[1]\" is null"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": " \n"})"), HasSubstr("holds no answer"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": []})"), HasSubstr("holds no answer"));
    EXPECT_THAT(whyBroken(R"({"instruction": "a\u0000b", "output": "o"})"), HasSubstr("NUL"));
    EXPECT_THAT(whyBroken(std::string_view("{\"instruction\": \"a\0b\", \"output\": \"o\"}", 37)),
                HasSubstr("not valid JSON"));
    EXPECT_THAT(whyBroken("{\"instruction\": \"\xff\", \"output\": \"o\"}"), HasSubstr("not valid UTF-8 at byte 18"));
    EXPECT_THAT(whyBroken(R"({"instruction": "\ud800", "output": "o"})"), HasSubstr("not valid JSON"));
    EXPECT_THAT(whyBroken(R"({"instruction": 1e999, "output": "o"})"), HasSubstr("out of range"));
    EXPECT_THAT(whyBroken(std::string(100000, '[')), HasSubstr("ends before"));
    EXPECT_THAT(whyBroken(std::string(100000, '[') + std::string(100000, ']')), HasSubstr("not an object"));
}

TEST_F(Records, ReportsBrokenChats)
{
    config.format = config::DataFormat::Chat;
    const auto why = [&](std::string_view line) {
        const Result<RecordFile> file = read(line);
        return file ? std::string() : file.failure().what;
    };
    EXPECT_THAT(why(R"({"prompt": "p"})"), HasSubstr("\"messages\" is missing"));
    EXPECT_THAT(why(R"({"messages": "m"})"), HasSubstr("\"messages\" is a text, not a list"));
    EXPECT_THAT(why(R"({"messages": []})"), HasSubstr("role \"assistant\""));
    EXPECT_THAT(why(R"({"messages": [1]})"), HasSubstr("\"messages[0].role\" is missing"));
    EXPECT_THAT(why(R"({"messages": [{"role": 1}]})"), HasSubstr("\"messages[0].role\" is a number"));
    EXPECT_THAT(why(R"({"messages": [{"role": "user"}]})"), HasSubstr("\"messages[0].content\" is missing"));
    EXPECT_THAT(why(R"({"messages": [{"role": "assistant", "content": [{"type": "image"}]}]})"), HasSubstr("not text"));
    EXPECT_THAT(why(R"({"messages": [{"role": "assistant", "content": " "}]})"), HasSubstr("is empty"));
}

TEST_F(Records, DropsEmptyReferencesOfAList)
{
    EXPECT_EQ(one(R"({"instruction": "i", "output": ["", "a", " "]})").responses, std::vector<std::string>{"a"});
}

TEST_F(Records, ReportsEachBrokenLineAndTheirCount)
{
    const std::string name = (m_folder / "data.jsonl").string();
    const RecordFile file = read("{\n{\"prompt\": \"p\", \"completion\": \"c\"}\n\n{\"prompt\": \"p\"}\n").value();
    EXPECT_THAT(file.brokenLines(), testing::ElementsAre(name + ", line 1: " + file.broken[0].why,
                                                         name + ", line 4: " + file.broken[1].why));
    EXPECT_THAT(file.brokenLines(1), testing::ElementsAre(name + ", line 1: " + file.broken[0].why));
    EXPECT_THAT(file.leftOut(), testing::ElementsAre("1 of 3 lines used; 2 skipped, the first (line 1) because: " +
                                                     file.broken[0].why));
    const RecordFile whole = read(R"({"prompt": "p", "completion": "c"})").value();
    EXPECT_THAT(whole.brokenLines(), testing::IsEmpty());
    EXPECT_THAT(whole.leftOut(), testing::IsEmpty());
}

// As Python's json.dumps writes them. Elsewhere in a line they stay text, and an answer cannot be one.
TEST_F(Records, ReadNumbersThatAreNotFinite)
{
    EXPECT_EQ(one(R"({"instruction": "NaN \" NaN", "output": "Infinity", "score": NaN})").responses.at(0), "Infinity");
    EXPECT_THAT(one(R"({"instruction": "NaN \" NaN", "output": "o", "a": [-Infinity, {"b": Infinity}]})").prompt,
                HasSubstr("NaN \" NaN"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": NaN})"), HasSubstr("\"output\" is a number"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "score": NaN "output": "o"})"), HasSubstr("not valid JSON at byte"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "score": +NaN, "output": "o"})"), HasSubstr("not valid JSON"));
}

TEST_F(Records, TakeTheContextWhereTheInputIsEmpty)
{
    for (const char* input : {"\"\"", "null", "\" \""}) {
        const std::string line =
            R"({"instruction": "i", "input": )" + std::string(input) + R"(, "context": "the heron", "output": "o"})";
        EXPECT_THAT(one(line).prompt, HasSubstr("### Input:\nthe heron\n")) << input;
        EXPECT_THAT(read(line).value().leftOut(), testing::IsEmpty()) << input;
    }
    const RecordFile both =
        read(R"({"instruction": "i", "input": "x", "context": "the heron", "output": "o"})").value();
    EXPECT_THAT(both.records.at(0).prompt, HasSubstr("### Input:\nx\n"));
    EXPECT_THAT(both.leftOut(),
                testing::ElementsAre("The field \"context\" of 1 record is not used: \"input\" stands in its place."));
    EXPECT_THAT(read(R"({"instruction": "i", "input": "x", "context": "x", "output": "o"})").value().leftOut(),
                testing::IsEmpty());
}

TEST_F(Records, PutHistoryAndSystemIntoTheConversation)
{
    const std::string alpaca = R"({"instruction": "And a tree?", "input": "", "output": "Oak.", )"
                               R"("history": [["Name a colour.", "Red."]], "system": "Be brief."})";
    config.promptTemplate = config::Template::ChatMl;
    config.systemPrompt = "Another.";
    const RecordFile file = read(alpaca).value();
    std::vector<std::string> turns;
    for (const tokenizer::ChatTurn& turn : file.records.at(0).turns) {
        turns.push_back(turn.role + ": " + turn.content);
    }
    EXPECT_THAT(turns, testing::ElementsAre("system: Be brief.", "user: Name a colour.", "assistant: Red.",
                                            "user: And a tree?"));
    EXPECT_THAT(file.leftOut(), testing::IsEmpty());
    EXPECT_EQ(one(R"({"prompt": "p", "completion": "c", "system": "s"})").turns.size(), 2u);
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": "o", "history": [["a"]]})"),
                HasSubstr("\"history[0]\" is not a pair"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": "o", "history": "h"})"), HasSubstr("a text, not a list"));
    EXPECT_THAT(whyBroken(R"({"instruction": "i", "output": "o", "history": [["a", 1]]})"),
                HasSubstr("\"history[0][1]\" is a number"));
}

TEST_F(Records, SayWhichFieldsNoPromptUses)
{
    const std::string line = R"({"instruction": "i", "output": "o", "history": [["q", "a"]], "system": "s"})";
    const std::string none = R"({"instruction": "i", "output": "o", "history": [], "system": ""})";
    EXPECT_THAT(read(line + "\n" + none + "\n" + line).value().leftOut(),
                testing::ElementsAre("The field \"history\" of 2 records is not used: only a chat template has a place "
                                     "for it (data.template).",
                                     "The field \"system\" of 2 records is not used: only a chat template has a place "
                                     "for it (data.template)."));
}

TEST_F(Records, NameFilesOfOtherKinds)
{
    using namespace std::string_view_literals;
    const auto why = [&](std::string_view content) { return read(content).failure().what; };
    EXPECT_THAT(why("\xff\xfe{\0\"\0"sv), HasSubstr("text in UTF-16, not UTF-8"));
    EXPECT_THAT(why("\xfe\xff\0{\0\""sv), HasSubstr("text in UTF-16, not UTF-8"));
    EXPECT_THAT(why("{\0\"\0"sv), HasSubstr("text in UTF-16, not UTF-8"));
    EXPECT_THAT(why("PK\x03\x04\x14"sv), HasSubstr("a zip archive"));
    EXPECT_THAT(why("PAR1\x15\x04"sv), HasSubstr("a Parquet table"));
    EXPECT_THAT(why("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"sv),
                HasSubstr("a Git LFS pointer"));
    EXPECT_THAT(why("<!DOCTYPE html>\n<html>"sv), HasSubstr("an HTML page"));
}

TEST_F(Records, ToleratesBlankLinesCarriageReturnsAndAByteOrderMark)
{
    const RecordFile file = read("\xef\xbb\xbf{\"prompt\": \"a\", \"completion\": \"b\"}\r\n\r\n \n{\"prompt\": \"c\", "
                                 "\"completion\": \"d\"}")
                                .value();
    EXPECT_EQ(file.records.size(), 2u);
    EXPECT_TRUE(file.broken.empty());
    EXPECT_EQ(file.records[1].line, 4);
}

TEST_F(Records, StopsAtTheLimit)
{
    const std::string line = "{\"prompt\": \"a\", \"completion\": \"b\"}\n";
    EXPECT_EQ(readRecords(write(line + line + line), config, 2).value().records.size(), 2u);
}

TEST_F(Records, SayWhyAFileCannotBeUsed)
{
    EXPECT_THAT(readRecords(m_folder, config).failure().what, HasSubstr("is a folder"));
    EXPECT_THAT(readRecords(m_folder / "none", config).failure().what, HasSubstr("does not exist"));
    EXPECT_THAT(readRecords("/dev/zero", config).failure().what, HasSubstr("is a device"));
    ASSERT_EQ(::mkfifo((m_folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(readRecords(m_folder / "pipe", config).failure().text(), HasSubstr("is a named pipe"));
    EXPECT_THAT(read("").failure().what, HasSubstr("is empty"));
    EXPECT_THAT(read("\n \n").failure().what, HasSubstr("is empty"));
    EXPECT_THAT(read("\x1f\x8b\x08 binary").failure().text(), HasSubstr("gunzip"));
    EXPECT_THAT(read("{}\n{}").failure().what, HasSubstr("no usable line; line 1: "));
    EXPECT_THAT(read("[{\"prompt\": \"a\", \"completion\": \"b\"}]").failure().hint, HasSubstr("one JSON list"));
}

TEST_F(Records, NameTheFileThatCannotBeReadOn)
{
    const auto unread = readRecords("/proc/self/mem", config); // its first page is never there
    ASSERT_FALSE(unread);
    EXPECT_EQ(unread.failure().what, "The data file /proc/self/mem cannot be read: Input/output error.");
}

TEST_F(Records, FailWhenAFileMayNotBeRead)
{
    const auto path = write("{}");
    std::filesystem::permissions(path, std::filesystem::perms::none);
    std::filesystem::permissions(m_folder, std::filesystem::perms::all); // the folder may be entered
    const uid_t root = 0; // may read every file, so the test is nobody for a moment
    const uid_t nobody = 65534;
    const bool wasRoot = geteuid() == root;
    if (wasRoot) {
        ASSERT_EQ(seteuid(nobody), 0);
    }
    const auto refused = readRecords(path, config);
    if (wasRoot) {
        ASSERT_EQ(seteuid(root), 0);
    }
    EXPECT_THAT(refused.failure().what, HasSubstr("cannot be opened"));
}

// The data sets of the papers carry a ready prompt; the template must give the same text.
TEST(SharedData, HasReadyPromptsThatEqualTheTemplate)
{
    const auto shared = test::sharedFolder();
    if (!shared) {
        GTEST_SKIP() << test::kNoSharedFolder;
    }
    const std::filesystem::path data = *shared / "data";
    int checked = 0;
    for (const char* name :
         {"dolly/train1k.jsonl", "dolly/test.jsonl", "self-inst/test.jsonl", "sinst/test_11plus.jsonl"}) {
        const RecordFile file = readRecords(data / name, {}).value();
        EXPECT_TRUE(file.broken.empty()) << testing::PrintToString(file.brokenLines());
        EXPECT_EQ(file.format, config::DataFormat::Dolly);
        std::ifstream lines(data / name);
        std::string line;
        for (const Record& record : file.records) {
            ASSERT_TRUE(std::getline(lines, line));
            EXPECT_EQ(record.prompt, nlohmann::json::parse(line).at("prompt").get<std::string>());
            ++checked;
        }
    }
    EXPECT_EQ(checked, 3436);
    EXPECT_EQ(readRecords(data / "gsm8k/test.jsonl", {}).value().records.size(), 1319u);
    EXPECT_THAT(readRecords(data / "humaneval/HumanEval.jsonl.gz", {}).failure().what, HasSubstr("gzip"));
}

} // namespace
} // namespace dskd::dataset
