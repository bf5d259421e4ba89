// A free prompt, asked through the programs: what the window and `dskd ask` do.

#include "core/base/checkpoint_folders.h"
#include "core/jobs/ask.h"
#include "core/store/run_reader.h"
#include "tests/support/paths.h"
#include "tests/worker/worker_process.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

namespace dskd::test
{
namespace
{

using jobs::AnswerState;
using testing::HasSubstr;

const std::vector<std::string> kQuestions = {"Name three colours of the rainbow.", "Who wrote Faust?"};

class WorkerAsk : public testing::Test
{
protected:
    // A trained run "dual" in a workspace, which validates on instructions without an input.
    static void SetUpTestSuite()
    {
        folder = std::make_unique<WorkerFolder>();
        std::ofstream data(folder->root() / "asked.jsonl");
        for (const std::string& question : kQuestions) {
            data << nlohmann::json{{"instruction", question}, {"output", "Red, green and blue."}}.dump() << '\n';
        }
        data.close();
        auto config = folder->experiment(4);
        config["data"]["validation"] = (folder->root() / "asked.jsonl").string();
        config["validation"] = {{"every", 2}, {"generate_samples", 2}, {"max_new_tokens", 6}};
        config["train"]["lr"] = 0.01; // so that the student answers otherwise than before
        const RunLayout run = folder->makeRun("runs/dual", config);
        ASSERT_EQ(WorkerProcess(run).wait(), 0);
    }
    static void TearDownTestSuite() { folder.reset(); }

    static jobs::AskRequest request()
    {
        jobs::AskRequest request;
        request.runs = {"dual"};
        request.sampling.maxNewTokens = 6;
        return request;
    }
    // The news of each column when all is over.
    static std::vector<jobs::AnswerNews> ask(const jobs::AskRequest& request, const jobs::AskedPrompt& prompt)
    {
        std::vector<jobs::AnswerNews> news;
        const Result<void> asked = jobs::ask({folder->root()}, request, prompt,
                                             {[&](const auto& columns) { news.resize(columns.size()); },
                                              [&](const jobs::AnswerNews& one) { news.at(one.model) = one; }},
                                             {test::program("dskd-worker"), nullptr});
        EXPECT_TRUE(asked) << asked.failure().text();
        return news;
    }
    static RunLayout dual() { return {folder->root() / "runs" / "dual"}; }

    static std::unique_ptr<WorkerFolder> folder;
};
std::unique_ptr<WorkerFolder> WorkerAsk::folder;

TEST_F(WorkerAsk, AnswersGreedilyAsTheEvaluationOfTheRun)
{
    auto config = folder->experiment(1);
    config["job"] = "evaluate";
    config["student"]["model"] = dual().checkpoint(4).string();
    config["validation"]["max_new_tokens"] = 6;
    config["evaluate"] = {{"data", (folder->root() / "asked.jsonl").string()}};
    const RunLayout evaluation = folder->makeRun("evaluation", config);
    ASSERT_EQ(WorkerProcess(evaluation).wait(), 0);
    const auto evaluated = store::RunReader::open(evaluation).value().answers();
    ASSERT_EQ(evaluated.size(), kQuestions.size());
    for (std::size_t i = 0; i < kQuestions.size(); ++i) {
        const auto news = ask(request(), {kQuestions[i]});
        ASSERT_EQ(news.at(0).state, AnswerState::Answered) << news.at(0).failure.text();
        EXPECT_EQ(news[0].answer.prompt, evaluated[i].prompt) << "in the template of the run";
        EXPECT_EQ(news[0].answer.text, evaluated[i].answer);
        EXPECT_GT(news[0].answer.seconds, 0.0);
        EXPECT_GT(news[0].answer.loadSeconds, 0.0);
        const auto asItIs = ask(request(), {evaluated[i].prompt, true});
        EXPECT_EQ(asItIs.at(0).answer.text, evaluated[i].answer);
    }
}

TEST_F(WorkerAsk, TeacherAndUntrainedStudentAnswerAsTheyDidBeforeTheFirstStep)
{
    auto all = request();
    all.teacher = all.untrained = true;
    const auto recorded = store::RunReader::open(dual()).value().baselineAnswers(); // by sample, the student's first
    ASSERT_EQ(recorded.size(), 4U);
    const auto news = ask(all, {kQuestions[0]});
    ASSERT_EQ(news.size(), 3U);
    EXPECT_EQ(news[0].answer.text, recorded[1].answer.answer);
    EXPECT_EQ(news[1].answer.text, recorded[0].answer.answer);
    EXPECT_NE(news[2].answer.text, news[1].answer.text) << "it has learned";
}

TEST_F(WorkerAsk, GivesTheSameAnswersForTheSamePromptAndSeed)
{
    auto sampled = request();
    sampled.untrained = true;
    sampled.sampling.temperature = 2.0;
    sampled.sampling.topP = 0.95;
    const auto first = ask(sampled, {"Why is the sky blue?", false, 3});
    const auto again = ask(sampled, {"Why is the sky blue?", false, 3});
    const auto other = ask(sampled, {"Why is the sky blue?", false, 4});
    ASSERT_EQ(first.size(), 2U);
    for (std::size_t i = 0; i < first.size(); ++i) {
        ASSERT_EQ(first[i].state, AnswerState::Answered) << first[i].failure.text();
        EXPECT_EQ(first[i].answer.text, again[i].answer.text);
    }
    EXPECT_NE(first[0].answer.text + first[1].answer.text, other[0].answer.text + other[1].answer.text);
}

TEST_F(WorkerAsk, TellsTheBeginningOfAnAnswerBeforeItsEnd)
{
    auto both = request();
    both.untrained = true;
    std::vector<std::string> begun(2); // the last that came of each before its answer
    std::vector<std::string> whole(2);
    const Result<void> asked = jobs::ask({folder->root()}, both, {kQuestions[0]},
                                         {[](const auto&) {},
                                          [&](const jobs::AnswerNews& news) {
                                              if (news.state == AnswerState::Answering) {
                                                  begun.at(news.model) = news.answer.text;
                                              } else if (news.state == AnswerState::Answered) {
                                                  whole.at(news.model) = news.answer.text;
                                              }
                                          }},
                                         {test::program("dskd-worker"), nullptr});
    ASSERT_TRUE(asked) << asked.failure().text();
    EXPECT_NE(begun[0] + begun[1], "");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_TRUE(whole[i].starts_with(begun[i])) << whole[i] << " | " << begun[i];
    }
}

TEST_F(WorkerAsk, SaysThatTheModelsFolderIsGoneAndLetsTheNextAnswer)
{
    auto config = folder->experiment(1);
    config.erase("teacher");
    config["method"] = {{"objective", "sft"}};
    config["log"] = {{"probe_every", 0}, {"probe_teacher", (folder->root() / "gone").string()}};
    ASSERT_EQ(WorkerProcess(folder->makeRun("runs/sft", config)).wait(), 0);
    auto both = request();
    both.runs = {"sft"};
    both.teacher = true;
    const auto news = ask(both, {"Why?"});
    ASSERT_EQ(news.size(), 2U);
    EXPECT_EQ(news[0].state, AnswerState::Failed);
    EXPECT_THAT(news[0].failure.what, HasSubstr("gone"));
    EXPECT_EQ(news[1].state, AnswerState::Answered);
}

TEST_F(WorkerAsk, RefusesAPromptThatIsTooLongUnlessItIsToBeCut)
{
    std::string words;
    for (int i = 0; i < 200; ++i) {
        words += "blue ";
    }
    for (const bool asItIs : {true, false}) {
        const auto refused = ask(request(), {words, asItIs});
        EXPECT_EQ(refused.at(0).state, AnswerState::Failed);
        EXPECT_EQ(refused.at(0).failure.kind, FailureKind::Usage);
        EXPECT_THAT(refused.at(0).failure.what, HasSubstr("The prompt has "));
        EXPECT_THAT(refused.at(0).failure.hint, HasSubstr("dskd ask --cut"));
        const auto cut = ask(request(), {words, asItIs, 10, true});
        ASSERT_EQ(cut.at(0).state, AnswerState::Answered) << cut.at(0).failure.text();
        EXPECT_TRUE(cut.at(0).answer.promptCut) << "data.max_prompt_length is 48";
    }
    EXPECT_FALSE(ask(request(), {"Why?", true, 10, true}).at(0).answer.promptCut);
}

TEST_F(WorkerAsk, LowersTheLengthOfAnAnswerRatherThanCuttingThePrompt)
{
    const auto shortAnswer = ask(request(), {"Why?", true});
    EXPECT_EQ(shortAnswer.at(0).answer.maxNewTokens, 6);
    EXPECT_THAT(shortAnswer.at(0).answer.warnings, testing::IsEmpty());
    auto longest = request();
    longest.sampling.maxNewTokens = 100'000;
    const auto news = ask(longest, {"Why?", true});
    ASSERT_EQ(news.at(0).state, AnswerState::Answered) << news.at(0).failure.text();
    const jobs::ModelAnswer& answer = news[0].answer;
    EXPECT_FALSE(answer.promptCut);
    EXPECT_GT(answer.maxNewTokens, 6);
    EXPECT_LT(answer.maxNewTokens, 100'000);
    ASSERT_EQ(answer.warnings.size(), 1U);
    EXPECT_THAT(answer.warnings[0],
                HasSubstr("at most " + std::to_string(answer.maxNewTokens) + " tokens instead of 100000"));
}

TEST_F(WorkerAsk, LeavesNothingBehind)
{
    std::size_t before = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::recursive_directory_iterator(folder->root())) {
        ++before;
    }
    (void)ask(request(), {"Why?"});
    std::size_t after = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::recursive_directory_iterator(folder->root())) {
        ++after;
    }
    EXPECT_EQ(after, before);
    EXPECT_FALSE(CheckpointUse::isUsed(dual().checkpoint(4)));
}

TEST_F(WorkerAsk, ARunFolderBesideAskIsAUsageError)
{
    EXPECT_EQ(WorkerProcess(std::vector<std::string>{"--ask", "/a/folder"}).wait(), 2);
}

} // namespace
} // namespace dskd::test
