#include "core/train/job/preflight.h"

#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_training.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace dskd::train
{
namespace
{

// A vocabulary of one-letter pieces.
class LetterTokenizer : public tokenizer::Tokenizer
{
public:
    explicit LetterTokenizer(std::string letters, std::optional<tokenizer::TokenId> end = std::nullopt)
        : m_letters(std::move(letters))
    {
        m_special.eos = end;
    }
    tokenizer::Encoding encode(std::string_view, bool) const override { return {}; }
    std::string decode(std::span<const tokenizer::TokenId>, bool) const override { return {}; }
    std::string_view piece(tokenizer::TokenId id) const override
    {
        return std::string_view(m_letters).substr(static_cast<std::size_t>(id), 1);
    }
    std::string bytes(tokenizer::TokenId id) const override { return std::string(piece(id)); }
    std::optional<tokenizer::TokenId> idOf(std::string_view) const override { return std::nullopt; }
    bool isSpecial(tokenizer::TokenId) const override { return false; }
    std::int64_t size() const override { return static_cast<std::int64_t>(m_letters.size()); }
    const tokenizer::SpecialTokens& special() const override { return m_special; }
    std::string_view kind() const override { return "letters"; }

private:
    std::string m_letters;
    tokenizer::SpecialTokens m_special;
};

// Cannot read "early" nor "late"; fails at "late" only after it has failed at "early".
class FailingTokenizer final : public LetterTokenizer
{
public:
    using LetterTokenizer::LetterTokenizer;
    tokenizer::Encoding encode(std::string_view text, bool) const override
    {
        using std::chrono_literals::operator""ms;
        if (text.find("early") != std::string_view::npos) {
            m_failed = true;
            throw Error("early");
        }
        if (text.find("late") != std::string_view::npos) {
            for (int waits = 0; waits < 200 && !m_failed; ++waits) {
                std::this_thread::sleep_for(10ms);
            }
            std::this_thread::sleep_for(50ms); // until the other failure has been noted
            throw Error("late");
        }
        return {};
    }

private:
    mutable std::atomic<bool> m_failed{false};
};

Tokenizers pairOf(const std::string& student, const std::string& teacher)
{
    Tokenizers tokenizers;
    tokenizers.studentFolder = "models/student";
    tokenizers.teacherFolder = "models/teacher";
    tokenizers.student = std::make_shared<LetterTokenizer>(student);
    tokenizers.teacher = std::make_shared<LetterTokenizer>(teacher);
    return tokenizers;
}

} // namespace

TEST(LoadExamples, TellTheFirstOfSeveralFailuresWhicheverThreadMetIt)
{
    const test::TemporaryFolder folder;
    const std::string file = (folder.path() / "train.jsonl").string();
    {
        std::ofstream lines(file);
        for (int record = 0; record < 256; ++record) { // enough for several threads
            const char* response = record == 3 ? "early" : (record == 40 ? "late" : "b");
            lines << R"({"prompt": "a", "response": ")" << response << "\"}\n";
        }
    }
    config::DataConfig data;
    data.promptTemplate = config::Template::Plain;
    Tokenizers tokenizers;
    tokenizers.student = std::make_shared<FailingTokenizer>("ab");
    test::RecordingObserver observer;
    try {
        (void)loadExamples(file, 0, data, tokenizers, observer);
        FAIL() << "both could be read";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what, testing::EndsWith("line 4: early"));
    }
}

TEST(Preflight, RefusesDifferentVocabulariesWithoutAlignmentNamingBoth)
{
    const auto checked = checkVocabularies({}, pairOf("abc", "abcd"));
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.failure().what, testing::AllOf(testing::HasSubstr("3 tokens (models/student)"),
                                                       testing::HasSubstr("4 tokens (models/teacher)")));
    EXPECT_THAT(checked.failure().hint, testing::HasSubstr("dskd-cma"));
}

TEST(Preflight, AcceptsDifferentVocabulariesWithCma)
{
    config::Experiment experiment;
    experiment.method.alignment = config::Alignment::Cma;
    EXPECT_TRUE(checkVocabularies(experiment, pairOf("abc", "abcd")));
}

TEST(Preflight, RefusesAnEndOfAnswersWithoutARow)
{
    model::ModelConfig config;
    config.vocabularyRows = 2;
    config.maxPositions = 1024;
    const auto checked = checkModel("teacher", config, LetterTokenizer("abc", 2), {});
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.failure().what, testing::AllOf(testing::HasSubstr("teacher"), testing::HasSubstr("2 rows"),
                                                       testing::HasSubstr("token 2,")));
    EXPECT_TRUE(checkModel("teacher", config, LetterTokenizer("abc", 1), {})) << "no text need use the last token";
    config.vocabularyRows = 4; // padded heads are fine
    EXPECT_TRUE(checkModel("teacher", config, LetterTokenizer("abc", 2), {}));
}

TEST(Preflight, RefusesSamplesLongerThanTheModelsPositions)
{
    model::ModelConfig config;
    config.vocabularyRows = 8;
    config.maxPositions = 128;
    const auto checked = checkModel("student", config, LetterTokenizer("abc"), {});
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.failure().text(),
                testing::AllOf(testing::HasSubstr("data.max_length is 512"), testing::HasSubstr("128 positions")));
}

TEST(Preflight, RefusesDataWithoutASample)
{
    const auto checked = checkNotEmpty({}, "data.train", "train.jsonl");
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.failure().what, testing::HasSubstr("train.jsonl"));
}

} // namespace dskd::train
