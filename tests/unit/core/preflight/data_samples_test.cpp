// The samples among which a person chooses those that are recorded.

#include "core/preflight/data_samples.h"

#include "tests/support/temporary_folder.h"

#include <atomic>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::preflight
{
namespace
{

using nlohmann::json;
using testing::HasSubstr;
using testing::SizeIs;

class ProbeCandidates : public testing::Test
{
protected:
    ProbeCandidates()
    {
        std::ofstream(m_folder / "validation.jsonl")
            << json{{"instruction", "Count."}, {"input", "to three"}, {"output", "one two three"}} << '\n'
            << "{broken\n"
            << json{{"instruction", "Who?"}, {"output", {"Ann", "Bob"}}} << '\n';
        std::ofstream(m_folder / "train.jsonl") << json{{"instruction", "Train."}, {"output", "x"}} << '\n';
        m_data.train = m_folder / "train.jsonl";
        m_data.validation = m_folder / "validation.jsonl";
    }

    test::TemporaryFolder m_folder;
    config::DataConfig m_data;
};

TEST_F(ProbeCandidates, HaveTheirLinesAndNoWordsOfATemplate)
{
    const DataSamples found = probeCandidates(m_data).value();
    EXPECT_EQ(found.file.string(), m_data.validation);
    ASSERT_THAT(found.samples, SizeIs(2));
    EXPECT_THAT(found.samples[0].question, testing::StartsWith("Count."));
    EXPECT_THAT(found.samples[0].question, HasSubstr("to three"));
    EXPECT_EQ(found.samples[0].answer, "one two three");
    EXPECT_EQ(found.samples[0].line, 1);
    EXPECT_EQ(found.samples[1].line, 3) << "a broken line counts as a line";
    EXPECT_EQ(found.samples[1].answer, "Ann");
    ASSERT_THAT(found.leftOut, testing::Not(testing::IsEmpty()));
    EXPECT_THAT(found.leftOut.front(), HasSubstr("line 2"));
}

TEST_F(ProbeCandidates, AreTheLastMessagesOfConversations)
{
    m_data.promptTemplate = config::Template::ChatMl;
    const DataSamples found = probeCandidates(m_data).value();
    ASSERT_THAT(found.samples, SizeIs(2));
    EXPECT_EQ(found.samples[1].question, "Who?");
}

TEST_F(ProbeCandidates, AreThoseThatARunReads)
{
    m_data.validationLimit = 1;
    EXPECT_THAT(probeCandidates(m_data).value().samples, SizeIs(1));
    m_data.validation.clear();
    EXPECT_EQ(probeCandidates(m_data).value().samples.at(0).answer, "x") << "there is no other data";
    m_data.train = m_folder / "missing.jsonl";
    EXPECT_THAT(probeCandidates(m_data).failure().what, HasSubstr("missing.jsonl"));
    m_data.train.clear();
    EXPECT_EQ(probeCandidates(m_data).failure().kind, FailureKind::Usage);
}

TEST_F(ProbeCandidates, AreNotReadToTheEndOnceCancelled)
{
    std::atomic<bool> cancelled{false};
    EXPECT_THAT(probeCandidates(m_data, &cancelled).value().samples, SizeIs(2));
    cancelled = true;
    const auto found = probeCandidates(m_data, &cancelled);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.failure().what, "The reading of the data file " + m_data.validation + " was cancelled.");
}

} // namespace
} // namespace dskd::preflight
