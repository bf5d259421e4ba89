#include "core/jobs/ask.h"

#include "core/base/atomic_file.h"
#include "core/base/process.h"
#include "core/base/regular_file.h"
#include "core/store/run_writer.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"

#include <csignal>
#include <filesystem>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Heard {
    std::vector<AskedColumn> columns;
    std::vector<AnswerNews> news;    // the last of each column
    std::vector<AnswerState> states; // of all, as they came
};

class Ask : public test::JobTest
{
protected:
    void checkpoint(const std::string& id, std::int64_t step) const
    {
        const CheckpointLayout made{layout(id).checkpoint(step)};
        std::filesystem::create_directories(made.root);
        writeFileAtomically(made.done(), "").value();
    }
    std::string trained(const config::Experiment& experiment, const std::vector<std::int64_t>& steps)
    {
        std::string id = createRun(workspace, experiment).value();
        for (const std::int64_t step : steps) {
            checkpoint(id, step);
        }
        return id;
    }
    void validated(const std::string& id, std::int64_t step, double loss) const
    {
        auto writer = store::RunWriter::open(layout(id)).value();
        writer->addMetrics(step, step, {{"validation.loss", loss}});
        (void)writer->flush().value();
    }
    std::string checkpointPath(const std::string& id, std::int64_t step) const
    {
        return layout(id).checkpoint(step).string();
    }
    Result<void> asking(const AskRequest& request, const AskedPrompt& prompt,
                        const std::atomic<bool>* cancelled = nullptr)
    {
        heard = {};
        return ask(workspace.layout(), request, prompt,
                   {[this](const std::vector<AskedColumn>& columns) {
                        heard.columns = columns;
                        heard.news.resize(columns.size());
                    },
                    [this](const AnswerNews& news) {
                        heard.news.at(news.model) = news;
                        heard.states.push_back(news.state);
                    }},
                   {test::program("fake_worker"), cancelled});
    }

    Heard heard;
};

TEST_F(Ask, PutsTeacherAndUntrainedStudentOnceBeforeTheRunsThatShareThem)
{
    const std::string first = trained(experiment("a"), {2, 4});
    config::Experiment other = experiment("b");
    other.seed = 20;
    const std::string second = trained(other, {3});
    AskRequest request;
    request.runs = {first, second};
    request.teacher = request.untrained = true;
    ASSERT_TRUE(asking(request, {"why", false, 7}));
    ASSERT_EQ(heard.columns.size(), 4U);
    EXPECT_EQ(heard.columns[0].part, AskedPart::Teacher);
    EXPECT_EQ(heard.columns[0].model, "/teacher");
    EXPECT_EQ(heard.columns[1].part, AskedPart::Untrained);
    EXPECT_EQ(heard.columns[2].runId, first);
    EXPECT_EQ(heard.columns[2].step, 4) << "the newest";
    EXPECT_EQ(heard.columns[3].step, 3);
    EXPECT_EQ(heard.news[0].answer.text, "why with 7 of /teacher");
    EXPECT_EQ(heard.news[1].answer.text, "why with 7 of /student");
    EXPECT_EQ(heard.news[2].answer.text, "why with 7 of " + checkpointPath(first, 4));
    EXPECT_EQ(heard.news[3].answer.text, "why with 7 of " + checkpointPath(second, 3));
    EXPECT_DOUBLE_EQ(heard.news[3].answer.seconds, 0.5);
    EXPECT_THAT(std::vector(heard.states.begin(), heard.states.begin() + 3),
                ElementsAre(AnswerState::Loading, AnswerState::Answering, AnswerState::Answered));
}

TEST_F(Ask, LimitsHowLongTheThreadsOfItsWorkerSpin)
{
    const test::EnvironmentVariable noPolicy("OMP_WAIT_POLICY", std::nullopt);
    const test::EnvironmentVariable noCount("GOMP_SPINCOUNT", std::nullopt);
    const test::EnvironmentVariable notes("FAKE_WORKER_ENVIRONMENT", (folder / "environment").string());
    AskRequest request;
    request.runs = {trained(experiment("a"), {1})};
    ASSERT_TRUE(asking(request, {"why"}));
    EXPECT_THAT(readTextFile(folder / "environment").value(), HasSubstr("GOMP_SPINCOUNT=3000\n"));
}

TEST_F(Ask, SharesModelsOfRunsThatDifferInWhatChangesNoAnswer)
{
    config::Experiment threads = experiment("a");
    const std::string first = trained(threads, {1});
    threads.train.threads = 3;
    const std::string second = trained(threads, {1});
    config::Experiment prompts = experiment("b");
    prompts.data.maxPromptLength = 99;
    const std::string third = trained(prompts, {1});
    AskRequest request;
    request.runs = {first, second, third};
    request.teacher = request.untrained = true;
    const auto models = askedModels(workspace.layout(), request);
    ASSERT_EQ(models.size(), 7U);
    EXPECT_EQ(models[0].column.runId, first);
    EXPECT_EQ(models[1].column.runId, third) << "another prompt, so another answer";
    EXPECT_EQ(models[1].column.part, AskedPart::Teacher);
    EXPECT_EQ(models[2].column.part, AskedPart::Untrained);
    EXPECT_EQ(models[3].column.runId, third);
}

TEST_F(Ask, TellsUntrainedStudentsApartWhoseWeightsTheSeedDraws)
{
    config::Experiment random = experiment("a");
    random.student.init = config::StudentInit::Random;
    const std::string first = trained(random, {1});
    random.seed = 20;
    const std::string second = trained(random, {1});
    AskRequest request;
    request.runs = {first, second};
    request.untrained = true;
    const auto models = askedModels(workspace.layout(), request);
    ASSERT_EQ(models.size(), 4U);
    EXPECT_EQ(models[0].experiment.seed, 10U);
    EXPECT_EQ(models[1].experiment.seed, 20U);
    EXPECT_EQ(models[2].experiment.student.init, config::StudentInit::Weights);
}

TEST_F(Ask, AsksEachModelAsItsRunReadsPromptsAndAllWithOneSampling)
{
    config::Experiment chat = experiment("a");
    chat.data.promptTemplate = config::Template::ChatMl;
    chat.data.systemPrompt = "Be brief.";
    chat.data.maxPromptLength = 99;
    chat.train.threads = 3;
    chat.validation.temperature = 0.3;
    AskRequest request;
    request.runs = {trained(chat, {1})};
    request.teacher = true;
    request.sampling.maxNewTokens = 5;
    request.device = config::Device::Cpu;
    for (const AskedModel& model : askedModels(workspace.layout(), request)) {
        EXPECT_EQ(model.experiment.data.promptTemplate, config::Template::ChatMl);
        EXPECT_EQ(model.experiment.data.systemPrompt, "Be brief.");
        EXPECT_EQ(model.experiment.data.maxPromptLength, 99);
        EXPECT_EQ(model.experiment.data.validation, "/train.jsonl") << "shows how its prompts are made";
        EXPECT_EQ(model.experiment.train.threads, 3);
        EXPECT_EQ(model.experiment.train.device, config::Device::Cpu);
        EXPECT_EQ(model.experiment.validation.maxNewTokens, 5);
        EXPECT_EQ(model.experiment.validation.temperature, 0.0);
    }
}

TEST_F(Ask, TakesTheCheckpointThatIsChosen)
{
    const std::string id = trained(experiment("a"), {2, 4, 6});
    AskRequest request;
    request.runs = {id};
    request.checkpoint = {CheckpointChoice::Which::Best, 0};
    ASSERT_TRUE(asking(request, {"why"}));
    EXPECT_THAT(heard.news[0].failure.what, HasSubstr("was validated"));
    validated(id, 2, 3.0);
    validated(id, 4, 2.0);
    validated(id, 5, 1.0); // of which no checkpoint is left
    validated(id, 6, 2.5);
    ASSERT_TRUE(asking(request, {"why"}));
    EXPECT_EQ(heard.columns[0].step, 4);
    request.checkpoint = {CheckpointChoice::Which::OfStep, 2};
    ASSERT_TRUE(asking(request, {"why"}));
    EXPECT_EQ(heard.columns[0].step, 2);
}

TEST_F(Ask, HoldsTheCheckpointsUntilItsModelsAreGone)
{
    const std::string id = trained(experiment("a"), {2});
    AskRequest request;
    request.runs = {id};
    {
        const auto models = askedModels(workspace.layout(), request);
        EXPECT_TRUE(CheckpointUse::isUsed(checkpointPath(id, 2)));
    }
    EXPECT_FALSE(CheckpointUse::isUsed(checkpointPath(id, 2)));
}

TEST_F(Ask, SaysOfEachModelWhyItCannotAnswerAndHearsTheOthers)
{
    const std::string without = trained(experiment("a"), {});
    const std::string pruned = trained(experiment("b"), {7});
    config::Experiment sft = experiment("c");
    sft.method.objective = config::Objective::Sft;
    sft.teacher = {};
    const std::string good = trained(sft, {5});
    AskRequest request;
    request.runs = {without, pruned, good, "no-such-run"};
    request.checkpoint = {CheckpointChoice::Which::OfStep, 5};
    ASSERT_TRUE(asking(request, {"why"}));
    EXPECT_THAT(heard.news[0].failure.what, HasSubstr("has no finished checkpoint yet"));
    EXPECT_THAT(heard.news[1].failure.what, HasSubstr("has no checkpoint of step 5"));
    EXPECT_THAT(heard.news[1].failure.hint, HasSubstr("It has: 7."));
    EXPECT_EQ(heard.news[2].state, AnswerState::Answered);
    EXPECT_EQ(heard.news[3].state, AnswerState::Failed);
    EXPECT_THAT(heard.news[3].failure.what, HasSubstr("no-such-run"));

    request.runs = {good};
    request.teacher = true;
    ASSERT_TRUE(asking(request, {"why"}));
    EXPECT_EQ(heard.news[0].failure.what, "None of these runs has a teacher.");
    EXPECT_EQ(heard.news[1].state, AnswerState::Answered);
}

TEST_F(Ask, AnotherTeacherThatOnlyProbesUseAnswersToo)
{
    config::Experiment sft = experiment("c");
    sft.method.objective = config::Objective::Sft;
    sft.teacher = {};
    sft.log.probeTeacher = "/probes";
    AskRequest request;
    request.runs = {trained(sft, {5})};
    request.teacher = true;
    EXPECT_EQ(askedModels(workspace.layout(), request).front().experiment.student.model, "/probes");
}

TEST_F(Ask, PassesOnWhatTheWorkerSaysOfAModelAndOfItsOwnEnd)
{
    const std::string id = trained(experiment("a"), {2});
    AskRequest request;
    request.runs = {id};
    request.teacher = true;
    ASSERT_TRUE(asking(request, {"why fail=0"}));
    EXPECT_EQ(heard.news[0].failure.text(), "/teacher is gone. Bring it back.");
    EXPECT_EQ(heard.news[1].state, AnswerState::Answered);
    ASSERT_TRUE(asking(request, {"why end=abort"}));
    EXPECT_EQ(heard.news[0].state, AnswerState::Answered) << "it came before";
    EXPECT_THAT(heard.news[1].failure.what, HasSubstr("killed by signal 6"));
}

TEST_F(Ask, EndsAtOnceWhenItIsCancelled)
{
    AskRequest request;
    request.runs = {trained(experiment("a"), {2})};
    std::atomic<bool> cancelled{false};
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        cancelled = true;
    });
    const auto begin = std::chrono::steady_clock::now();
    const Result<void> asked = asking(request, {"why delay=60000"}, &cancelled);
    other.join();
    ASSERT_FALSE(asked);
    EXPECT_THAT(asked.failure().what, HasSubstr("cancelled"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST_F(Ask, CanBeCancelledWhileAWorkerWithoutAWordDoesNotEnd)
{
    AskRequest request;
    request.runs = {trained(experiment("a"), {2})};
    request.teacher = true;
    const std::string silent = folder / "pid"; // there when the worker has said its last word
    std::atomic<bool> cancelled{false};
    std::thread other([&] {
        for (int i = 0; i < 3000 && !std::filesystem::exists(silent); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        cancelled = true;
    });
    const Result<void> asked = asking(request, {"why end=mute pid=" + silent}, &cancelled);
    other.join();
    ASSERT_FALSE(asked);
    EXPECT_THAT(asked.failure().what, HasSubstr("cancelled"));
    EXPECT_EQ(heard.news[0].state, AnswerState::Answered) << "it came before";
    EXPECT_NE(heard.news[1].state, AnswerState::Failed) << "nobody knows what would have become of it";
}

TEST_F(Ask, TheWorkerBlocksAndIgnoresNoSignalAndCtrlCDoesNotReachItBesideUs)
{
    AskRequest request;
    request.runs = {trained(experiment("a"), {2})};
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGHUP);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
    const auto ofPipe = std::signal(SIGPIPE, SIG_IGN);
    const Result<void> asked = asking(request, {"why signals"});
    std::signal(SIGPIPE, ofPipe);
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
    ASSERT_TRUE(asked) << asked.failure().text();
    EXPECT_EQ(heard.news[0].answer.text, "blocks 0, ignores 0, own group");
}

TEST_F(Ask, TheWorkerEndsWithWhoeverAskedAndWasKilled)
{
    AskRequest request;
    request.runs = {trained(experiment("a"), {2})};
    const std::string file = folder / "pid";
    const pid_t asker = fork();
    if (asker == 0) {
        (void)ask(workspace.layout(), request, {"why delay=60000 pid=" + file},
                  {[](const std::vector<AskedColumn>&) {}, [](const AnswerNews&) {}},
                  {test::program("fake_worker"), nullptr});
        _exit(0);
    }
    ASSERT_GT(asker, 0);
    const auto eventually = [](const auto& isTrue) {
        for (int i = 0; i < 3000 && !isTrue(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return isTrue();
    };
    const bool began = eventually([&] { return std::filesystem::exists(file); });
    const auto worker = began ? identityOf(std::stoi(readTextFile(file).value())) : std::nullopt;
    kill(asker, SIGKILL);
    EXPECT_EQ(waitpid(asker, nullptr, 0), asker);
    ASSERT_TRUE(worker);
    EXPECT_TRUE(eventually([&] { return livenessOf(*worker) == Liveness::Gone; }));
}

TEST_F(Ask, RefusesWhatIsNoPrompt)
{
    AskRequest request;
    request.runs = {trained(experiment("a"), {2})};
    EXPECT_THAT(asking(request, {" \n"}).failure().what, StartsWith("The prompt is empty"));
    EXPECT_THAT(asking(request, {"\xff"}).failure().what, StartsWith("The prompt is not UTF-8"));
    EXPECT_TRUE(heard.columns.empty());
}

TEST(Question, IsReadAsItWasWritten)
{
    Question question{"Gr\xc3\xbc\xc3\x9f \"Gott\"\n", true, 123456789012345ULL, {}, true};
    config::Experiment model;
    model.student.model = "/m";
    model.validation.topP = 0.9;
    question.models.push_back(model);
    const Question read = parseQuestion(toText(question)).value();
    EXPECT_EQ(read.prompt, question.prompt);
    EXPECT_TRUE(read.asItIs);
    EXPECT_TRUE(read.cutsPrompt);
    EXPECT_EQ(read.seed, question.seed);
    ASSERT_EQ(read.models.size(), 1U);
    EXPECT_EQ(read.models[0].student.model, "/m");
    EXPECT_EQ(read.models[0].validation.topP, 0.9);
    EXPECT_FALSE(parseQuestion("{}"));
    EXPECT_FALSE(parseQuestion("nonsense"));
}

TEST(AnswerNews, IsReadAsItWasWritten)
{
    const AnswerNews failed =
        parseNews(toLine({3, AnswerState::Failed, {}, {"a", "b", FailureKind::BadModel}})).value();
    EXPECT_EQ(failed.model, 3U);
    EXPECT_EQ(failed.failure.text(), "a b");
    EXPECT_EQ(failed.failure.kind, FailureKind::BadModel);
    const AnswerNews answered =
        parseNews(toLine({0, AnswerState::Answered, {"p", "t", true, true, 1.5, 2.5, {"w"}, 7}})).value();
    EXPECT_EQ(answered.answer.text, "t");
    EXPECT_TRUE(answered.answer.ended);
    EXPECT_TRUE(answered.answer.promptCut);
    EXPECT_EQ(answered.answer.seconds, 2.5);
    EXPECT_THAT(answered.answer.warnings, ElementsAre("w"));
    EXPECT_EQ(answered.answer.maxNewTokens, 7);
    AnswerNews part{1, AnswerState::Answering};
    part.answer.text = "so far";
    EXPECT_EQ(parseNews(toLine(part)).value().answer.text, "so far");
    EXPECT_FALSE(parseNews("{\"model\": 0, \"state\": \"dreaming\"}"));
}

} // namespace
} // namespace dskd::jobs
