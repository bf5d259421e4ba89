// SeqKD: the teacher's answers, written as they come and trained on.

#include "core/train/answers/teacher_answers.h"

#include "core/base/regular_file.h"
#include "core/base/result.h"
#include "core/config/schema/experiment_json.h"
#include "core/train/data/job_data.h"
#include "core/train/loop/trainer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace dskd::train
{
namespace
{

// Remembers what is said, and stops when the teacher has said some of it.
class Listener : public test::RecordingObserver
{
public:
    void onEvent(std::int64_t, const std::string&, const std::string& message) override
    {
        events.push_back(message);
        if (stop != nullptr && message.find("has answered") != std::string::npos) {
            *stop = true;
        }
    }
    std::vector<std::string> events;
    std::atomic<bool>* stop = nullptr;
};

class TeacherAnswersTest : public testing::TestWithParam<const char*>
{
protected:
    TeacherAnswersTest()
    {
        EXPECT_TRUE(config::setField(experiment, "method", "seqkd"));
        experiment.data.limit = 10;
        experiment.data.maxLength = 96;
        experiment.data.maxPromptLength = 64;
        experiment.validation.maxNewTokens = 10;
        experiment.train.batchSize = 2; // answered 4 at a time
        experiment.train.steps = 3;
    }
    [[nodiscard]] std::string text(const test::TemporaryFolder& folder) const
    {
        return readTextFile(teacherAnswersFile({folder.path()})).value();
    }

    config::Experiment experiment = demoExperiment(GetParam());
    const std::atomic<bool> m_never{false};
};

INSTANTIATE_TEST_SUITE_P(Tokenizers, TeacherAnswersTest, testing::Values("student-gpt2", "student-llama"),
                         [](const auto& instance) {
                             return std::string(instance.param) == "student-gpt2" ? "shared" : "different";
                         });

TEST_P(TeacherAnswersTest, AreWrittenForEveryPromptAndTrainedOn)
{
    const test::TemporaryFolder folder;
    Listener seen;
    RunControl control;
    ASSERT_EQ(runTraining(experiment, {folder.path()}, seen, control), Outcome::Finished);
    std::istringstream lines(text(folder));
    std::int64_t count = 0;
    std::vector<nlohmann::json> answers;
    for (std::string line; std::getline(lines, line); ++count) {
        answers.push_back(nlohmann::json::parse(line));
        EXPECT_EQ(answers.back().at("sample"), count);
        EXPECT_FALSE(answers.back().at("prompt").get<std::string>().empty());
    }
    ASSERT_EQ(count, 10);
    // what was trained on is what the teacher said
    Tokenizers tokenizers = loadTokenizers(experiment);
    test::RecordingObserver quiet;
    const auto examples = loadExamples(experiment.data.train, experiment.data.limit, experiment.data, tokenizers, quiet,
                                       config::Alignment::None, teacherAnswersFile({folder.path()}));
    std::size_t next = 0;
    for (const nlohmann::json& answer : answers) {
        if (answer.at("response").get<std::string>().empty()) {
            continue;
        }
        const Example& example = examples.at(next++);
        EXPECT_EQ(example.record.responses.front(), answer.at("response"));
        EXPECT_EQ(example.student.endsWithEos,
                  answer.at("ended").get<bool>() &&
                      static_cast<std::int64_t>(example.student.ids.size()) < experiment.data.maxLength);
    }
    EXPECT_EQ(next, examples.size());
    EXPECT_EQ(seen.series("nll_loss").size(), 3U);
    EXPECT_EQ(seen.series("kd_loss").size(), 0U) << "no teacher while it trains";
    EXPECT_THAT(seen.events, testing::Contains(testing::HasSubstr("were empty and are left out")));
}

TEST_P(TeacherAnswersTest, GoOnWhereTheyWereLeft)
{
    const test::TemporaryFolder whole;
    Listener quiet;
    ASSERT_TRUE(answerByTeacher(experiment, {whole.path()}, quiet, m_never));

    const test::TemporaryFolder folder;
    std::atomic<bool> stop{false};
    Listener stopping;
    stopping.stop = &stop;
    EXPECT_FALSE(answerByTeacher(experiment, {folder.path()}, stopping, stop));
    const std::string part = text(folder);
    EXPECT_FALSE(part.empty());
    EXPECT_LT(part.size(), text(whole).size());
    { // killed in the middle of a line
        std::ofstream out(teacherAnswersFile({folder.path()}), std::ios::app);
        out << text(whole).substr(part.size(), 20);
    }
    Listener goingOn;
    ASSERT_TRUE(answerByTeacher(experiment, {folder.path()}, goingOn, m_never));
    EXPECT_EQ(text(folder), text(whole));
    EXPECT_THAT(goingOn.phases, testing::AllOf(testing::Contains(testing::HasSubstr("answers 8 of 10")),
                                               testing::Contains(testing::HasSubstr("answers 10 of 10")),
                                               testing::Not(testing::Contains(testing::HasSubstr(" of 6")))))
        << "four were there, and four are a batch";
    // and again: nothing is left to do
    experiment.teacher.model = experiment.student.model; // has no weights to load
    if (experiment.student.model.ends_with("gpt2")) {
        EXPECT_TRUE(answerByTeacher(experiment, {folder.path()}, quiet, m_never));
        EXPECT_EQ(text(folder), text(whole));
    }
}

TEST_P(TeacherAnswersTest, OfOtherDataAreRefused)
{
    const test::TemporaryFolder folder;
    Listener quiet;
    ASSERT_TRUE(answerByTeacher(experiment, {folder.path()}, quiet, m_never));
    const auto refusal = [&] {
        try {
            (void)answerByTeacher(experiment, {folder.path()}, quiet, m_never);
        } catch (const Error& error) {
            EXPECT_EQ(error.failure().kind, FailureKind::BadData);
            return error.failure().what;
        }
        return std::string("none");
    };
    experiment.data.limit = 9;
    EXPECT_THAT(refusal(), testing::HasSubstr("line 10"));
    experiment.data.limit = 10;
    experiment.data.train = test::sourceDir() + "/resources/demo/data/test.jsonl";
    EXPECT_THAT(refusal(), testing::HasSubstr("line 1: this answers another prompt"));
    std::ofstream(teacherAnswersFile({folder.path()})) << "nonsense\n";
    EXPECT_THAT(refusal(), testing::HasSubstr("line 1: this is not an answer of a teacher's"));
}

TEST_P(TeacherAnswersTest, AreADataSetOfTheirOwn)
{
    const test::TemporaryFolder folder;
    Listener quiet;
    ASSERT_TRUE(answerByTeacher(experiment, {folder.path()}, quiet, m_never));
    config::Experiment byHand = experiment;
    byHand.data.answers = config::AnswerSource::Gold;
    byHand.data.train = teacherAnswersFile({folder.path()}).string();
    byHand.teacher = {};
    const Tokenizers tokenizers = loadTokenizers(byHand);
    const auto own = loadExamples(experiment.data.train, experiment.data.limit, experiment.data, tokenizers, quiet,
                                  config::Alignment::None, teacherAnswersFile({folder.path()}));
    const auto again = loadExamples(byHand.data.train, 0, byHand.data, tokenizers, quiet);
    ASSERT_EQ(again.size(), own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
        EXPECT_EQ(again[i].student.ids, own[i].student.ids);
        EXPECT_EQ(again[i].student.endsWithEos, own[i].student.endsWithEos);
    }
}

} // namespace
} // namespace dskd::train
