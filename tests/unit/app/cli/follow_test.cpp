#include "app/cli/terminal/follow.h"

#include "core/base/atomic_file.h"
#include "core/base/checkpoint_folders.h"
#include "core/config/schema/experiment_json.h"
#include "core/preflight/run_inputs.h"
#include "tests/unit/app/cli/following_fixture.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(Following, EndsWithTheCodeOfDoneWhenTheRunIsDone)
{
    EXPECT_EQ(run({"run", configFile("steps=1")}), toInt(ExitCode::Done));
    EXPECT_EQ(json()["status"], "done");
}

TEST_F(Following, SaysOnceWhatARunWarnsOfWhereverOneLooks)
{
    const auto said = [&] {
        const std::string text = err.str();
        std::size_t count = 0;
        for (auto at = text.find("Warning: lines-skipped"); at != std::string::npos;
             at = text.find("Warning: lines-skipped", at + 1)) {
            ++count;
        }
        return count;
    };
    EXPECT_EQ(run({"run", configFile("steps=40 delay=20 warn=lines-skipped")}), toInt(ExitCode::Done));
    EXPECT_EQ(said(), 1U) << err.str();
    EXPECT_THAT(json()["warnings"], testing::ElementsAre("lines-skipped"));
    EXPECT_EQ(run({"attach", "last"}), toInt(ExitCode::Done));
    EXPECT_EQ(said(), 1U) << err.str();
    EXPECT_EQ(run({"show", "last"}), toInt(ExitCode::Done));
    EXPECT_THAT(json()["warnings"], testing::ElementsAre("lines-skipped"));
}

TEST_F(Following, ResumesOnOtherInputsOnlyWhereTheyAreAccepted)
{
    const std::string data = folder / "own.jsonl";
    std::ofstream(data) << "one\n";
    config::Experiment own = experiment("steps=400 delay=20");
    own.data.train = data;
    const std::string id = jobs::createRun(workspace, own).value();
    const preflight::RunInputs begun{preflight::inputFiles(jobs::runConfig(layout(id)).value()), {}};
    ASSERT_TRUE(preflight::writeInputs(layout(id), begun));
    launch(id);
    waitUntil(id, [](const jobs::RunStatus& status) { return status.step > 0; });
    ASSERT_TRUE(jobs::requestStop(layout(id)));
    waitForEnd(id);
    own.name = "steps=1";
    ASSERT_TRUE(writeFileAtomically(layout(id).config(), config::toJson(own).dump())); // to be done at once
    std::ofstream(data) << "another\n";
    EXPECT_EQ(run({"resume", id}), toInt(ExitCode::BadData));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("data.train: " + data + " has changed (4 to 8 bytes)"),
                                          HasSubstr("--accept-changes")));
    EXPECT_EQ(run({"resume", id, "--accept-changes"}), toInt(ExitCode::Done)) << err.str();
    const auto kept = preflight::readInputs(layout(id)).value().value();
    ASSERT_EQ(kept.accepted.size(), 1U);
    EXPECT_THAT(kept.accepted[0].changes, testing::ElementsAre(HasSubstr("data.train: ")));
    EXPECT_TRUE(preflight::inputChanges(kept.files, preflight::inputFiles(own)).empty());
}

TEST_F(Following, RepeatsNoWarningOfAnEarlierAttempt)
{
    const std::string id = newRun("steps=400 delay=20 warn=lines-skipped");
    launch(id);
    waitUntil(id, [](const jobs::RunStatus& status) { return status.step > 0; });
    ASSERT_TRUE(jobs::requestStop(layout(id)));
    waitForEnd(id);
    std::filesystem::rename(layout(id).config(), layout(id).root / "before.json"); // no warning any more
    ASSERT_TRUE(writeFileAtomically(layout(id).config(), config::toJson(experiment("steps=1")).dump()));
    EXPECT_EQ(run({"resume", id}), toInt(ExitCode::Done));
    EXPECT_THAT(err.str(), testing::Not(HasSubstr("lines-skipped")));
    EXPECT_THAT(json()["warnings"], testing::IsEmpty());
}

TEST_F(Following, TakesAConfigurationFromTheCurrentFolderByItsBareName)
{
    const auto before = std::filesystem::current_path();
    configFile("steps=1");
    std::filesystem::current_path(folder.path());
    EXPECT_EQ(run({"run", "config.json"}), toInt(ExitCode::Done)) << out.str();
    std::filesystem::current_path(before);
}

TEST_F(Following, ARunThatGoesOnAfterCtrlCIsNotDone)
{
    EXPECT_EQ(runUntilTerminated({"run", configFile("end=hang")}), toInt(ExitCode::Detached));
    EXPECT_NE(json()["status"], "done");
    EXPECT_THAT(err.str(), HasSubstr("the worker goes on"));
    EXPECT_THAT(err.str(), HasSubstr("stops it with a checkpoint."));
    EXPECT_EQ(runUntilTerminated({"attach", "last"}), toInt(ExitCode::Detached));
    EXPECT_NE(json()["status"], "done");
}

TEST_F(Following, SoIsAQueueThatIsNotWorkedDown)
{
    ASSERT_TRUE(workspace.enqueue(newRun("end=hang")));
    EXPECT_EQ(runUntilTerminated({"queue", "work"}), toInt(ExitCode::Detached));
    EXPECT_TRUE(json()["detached"]);
}

TEST_F(Following, AQueueThatIsWorkedOnDetachedNeedsNobodyWatching)
{
    const test::EnvironmentVariable program("DSKD", test::program("dskd"));
    const std::string id = newRun("steps=2");
    ASSERT_TRUE(workspace.enqueue(id));
    EXPECT_EQ(run({"queue", "work", "--detach"}), toInt(ExitCode::Done));
    EXPECT_GT(nlohmann::json::parse(out.str()).at("pid").get<int>(), 0);
    EXPECT_EQ(waitFor(id, jobs::Status::Done).status, jobs::Status::Done);
    for (int i = 0; i < 3000 && !workspace.queue().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(workspace.queue().empty());
}

TEST_F(Following, AQueuedRunThatIsResumedByHandEndsWithItsFailure)
{
    const std::string id = newRun("steps=1 end=fail");
    ASSERT_TRUE(workspace.enqueue(id));
    EXPECT_EQ(run({"resume", id}), toInt(ExitCode::BadData)) << "and does not wait for its turn in the queue";
    EXPECT_EQ(json()["status"], "failed");
    EXPECT_EQ(json()["sentence"], "The data file is gone.");
    EXPECT_TRUE(workspace.queue().empty());
    EXPECT_THAT(err.str(), HasSubstr("It waited in the queue"));
}

TEST_F(Following, TheQueueListsTheTrueStateOfARunWhoseWorkerDied)
{
    const std::string id = newRun("steps=100000");
    const std::string waiting = newRun("steps=1");
    ASSERT_TRUE(workspace.enqueue(id));
    ASSERT_TRUE(workspace.enqueue(waiting));
    ASSERT_EQ(workspace.takeNext(), id); // as a queue runner does that dies with its worker
    const int pid = launch(id);
    waitFor(id, jobs::Status::Running);
    EXPECT_EQ(run({"queue", "list"}), toInt(ExitCode::Done));
    EXPECT_EQ(json()[0]["state"], "running");
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    waitForEnd(id);
    EXPECT_EQ(run({"queue", "list"}), toInt(ExitCode::Done));
    EXPECT_EQ(json()[0]["run"], id);
    EXPECT_EQ(json()[0]["state"], "crashed") << "as dskd runs has it";
    EXPECT_EQ(json()[1]["state"], "waiting");
}

TEST_F(Following, ARunThatIsWorkedOnIsNeitherResumedNorQueued)
{
    const std::string id = newRun("steps=100000 delay=20");
    launch(id);
    waitUntil(id, [](const jobs::RunStatus& status) { return status.step > 0; });
    std::ostringstream said;
    Console console{said, said};
    EXPECT_EQ(runCommandLine({"resume", id, "-w", w}, console), toInt(ExitCode::Failed));
    EXPECT_THAT(said.str(), testing::AllOf(HasSubstr("already running"), testing::Not(HasSubstr("checkpoint was")),
                                           testing::Not(HasSubstr("Going on"))));
    EXPECT_EQ(run({"queue", "add", id}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr("is being worked on"));
    EXPECT_TRUE(workspace.queue().empty());
}

TEST_F(Following, AResumeNeverSaysThatARunWithACheckpointHasNone)
{
    const std::string id = newRun("steps=3");
    launch(id);
    waitForEnd(id);
    for (const char* beside : {"-wal", "-shm"}) { // with the log SQLite would read the run all the same
        std::filesystem::remove(layout(id).database().string() + beside);
    }
    ASSERT_TRUE(writeFileAtomically(layout(id).database(), std::string(5000, 'x')));
    std::ostringstream said;
    Console console{said, said};
    EXPECT_EQ(runCommandLine({"resume", id, "-w", w}, console), toInt(ExitCode::Failed));
    EXPECT_THAT(said.str(),
                testing::AllOf(HasSubstr("not a database"), testing::Not(HasSubstr("No checkpoint was written"))));
    std::filesystem::remove(layout(id).database());
    waitForEnd(id); // the process is there for a moment after its last word
    std::filesystem::rename(layout(id).checkpoint(3), layout(id).checkpoint(2)); // as of a run that was stopped there
    said.str("");
    EXPECT_EQ(runCommandLine({"resume", id, "-w", w}, console), toInt(ExitCode::Done));
    EXPECT_THAT(said.str(),
                testing::AllOf(HasSubstr("Going on from step 2."), HasSubstr("the curves begin at step 3")));
}

TEST_F(Following, ARunInTheTrashKeepsTheStepThatItReached)
{
    const std::string id = newRun("steps=4");
    launch(id);
    waitForEnd(id);
    EXPECT_EQ(run({"delete", id}), toInt(ExitCode::Done));
    EXPECT_EQ(run({"runs", "--trash"}), toInt(ExitCode::Done));
    EXPECT_EQ(json()[0]["status"], "trashed");
    EXPECT_EQ(json()[0]["step"], 4);
}

TEST_F(Following, ADoneRunIsNotQueued)
{
    const std::string waiting = newRun("steps=1");
    const std::string id = newRun("steps=1");
    launch(id);
    waitFor(id, jobs::Status::Done);
    EXPECT_EQ(run({"queue", "add", waiting, id}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr(id + " is done"), HasSubstr("dskd show " + id + " --config")));
    EXPECT_TRUE(workspace.queue().empty()) << "all are looked at before the first is queued";
    EXPECT_EQ(run({"queue", "add", waiting}), toInt(ExitCode::Done));
    EXPECT_EQ(workspace.queue().size(), 1U);
}

TEST_F(Following, ARunThatIsAskedForACheckpointWritesItAndGoesOn)
{
    const std::string id = newRun("steps=100000");
    launch(id);
    waitUntil(id, [](const jobs::RunStatus& status) { return status.step > 0; });
    EXPECT_EQ(run({"checkpoint", id}), toInt(ExitCode::Done));
    EXPECT_EQ(json()[0]["run"], id);
    EXPECT_TRUE(json()[0]["ok"]);
    waitUntil(id, [&](const jobs::RunStatus&) { return latestCheckpoint(layout(id)).has_value(); });
    EXPECT_TRUE(latestCheckpoint(layout(id)).has_value());
    EXPECT_EQ(jobs::readStatus(workspace, id).status, jobs::Status::Running);
}

TEST_F(Following, ARunThatIsStoppedAtOnceSaysThatItWasAskedTo)
{
    const std::string id = newRun("steps=100000");
    launch(id);
    waitUntil(id, [](const jobs::RunStatus& status) { return status.step >= 3; });
    EXPECT_EQ(run({"stop", "--now", id}), toInt(ExitCode::Done));
    const jobs::RunStatus ended = waitForEnd(id);
    EXPECT_EQ(ended.status, jobs::Status::Stopped);
    EXPECT_THAT(ended.sentence, testing::AllOf(HasSubstr("Stopped at once on request"), HasSubstr("of 100000"),
                                               HasSubstr("begins at step 0")));
    EXPECT_FALSE(ended.failure);
    EXPECT_TRUE(ended.resumable);

    const int pid = launch(id); // what was asked of the worker before is not said of this one
    waitFor(id, jobs::Status::Running);
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    EXPECT_EQ(waitForEnd(id).status, jobs::Status::Crashed);
}

TEST_F(Following, ARunThatNobodyWorksOnHasNoCheckpointToWrite)
{
    const std::string id = newRun("steps=1");
    EXPECT_EQ(run({"checkpoint", id}), toInt(ExitCode::Failed));
    EXPECT_FALSE(json()[0]["ok"]);
    EXPECT_THAT(json()[0]["sentence"].get<std::string>(), HasSubstr(id));
}

TEST(Label, SaysTheSeedOnceAndAsAWord)
{
    store::RunRow run;
    run.seed = 10;
    run.name = "lambda=0.10";
    EXPECT_EQ(labelOf(run), "lambda=0.10 s10");
    run.name = "dual s10";
    EXPECT_EQ(labelOf(run), "dual s10");
    run.name = "dual s100";
    EXPECT_EQ(labelOf(run), "dual s100 s10");
    run.name = "dskd-s10"; // what a run is called that was given no name
    EXPECT_EQ(labelOf(run), "dskd-s10");
    run.name = "dual, seed 10";
    EXPECT_EQ(labelOf(run), "dual, seed 10");
    run.name = "gpt-10"; // of its name
    EXPECT_EQ(labelOf(run), "gpt-10 s10");
}

} // namespace
} // namespace dskd::cli
