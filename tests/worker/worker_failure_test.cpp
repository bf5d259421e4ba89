// What goes wrong is said: an exit code for scripts, a `failed` event for people.

#include "core/base/checkpoint_folders.h"
#include "core/base/exit_codes.h"
#include "core/store/run_reader.h"
#include "tests/support/environment.h"
#include "tests/worker/worker_process.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::test
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

store::EventRow failureOf(const RunLayout& run)
{
    store::RunReader reader = store::RunReader::open(run).value();
    const auto event = reader.lastEvent(store::kFailedEvent);
    EXPECT_TRUE(event) << "no failed event";
    return event.value_or(store::EventRow{});
}

} // namespace

TEST(WorkerFailure, NonsenseOnTheCommandLineIsAUsageError)
{
    EXPECT_EQ(WorkerProcess(std::vector<std::string>{}).wait(), 2);
    EXPECT_EQ(WorkerProcess(std::vector<std::string>{"--frobnicate"}).wait(), 2);
    EXPECT_EQ(WorkerProcess(std::vector<std::string>{"--help"}).wait(), 0);
}

TEST(WorkerFailure, AFolderWithoutConfigurationIsNotFound)
{
    EXPECT_EQ(WorkerProcess(std::vector<std::string>{"/nonexistent/run"}).wait(), 3);
}

TEST(WorkerFailure, VersionSaysWhyThereIsNoGpu)
{
    WorkerProcess worker(std::vector<std::string>{"--version", "--json"});
    ASSERT_EQ(worker.wait(), 0);
    const auto about = nlohmann::json::parse(worker.output());
    EXPECT_TRUE(about.contains("libtorch"));
    EXPECT_EQ(about["devices"][0], "cpu");
    EXPECT_NE(about["cuda"]["available"].get<bool>(), !about["cuda"]["reason"].get<std::string>().empty());
    const auto probe = about["cuda"]["probe"].get<std::string>();
    EXPECT_NE(about["cuda"]["gpus"].empty(), probe.empty());
    if (DSKD_HAVE_CUDA) { // then the code that nvcc compiled was opened and asked, also where no GPU is
        EXPECT_THAT(probe, Not(HasSubstr("libdskd_cuda.so")));
    }
}

TEST(WorkerFailure, NamesTheWeightsThatAreCutShortWhileItTrains)
{
    const WorkerFolder folder;
    const RunLayout run = folder.makeRun("run", folder.experiment(100'000));
    WorkerProcess worker(run);
    waitForStep(run, 2);
    std::filesystem::resize_file(std::filesystem::path(folder.wideGpt2()) / "model.safetensors", 4096);
    EXPECT_EQ(worker.wait(), toInt(ExitCode::BadModel));
}

TEST(WorkerFailure, ABrokenConfigurationIsAUsageErrorAndAnEvent)
{
    const WorkerFolder folder;
    auto config = folder.experiment(3);
    config["train"]["lr"] = "fast";
    const RunLayout run = folder.makeRun("broken", config);
    EXPECT_EQ(WorkerProcess(run).wait(), 2);
    EXPECT_THAT(failureOf(run).message, HasSubstr("train.lr"));
}

TEST(WorkerFailure, AnAttemptThatCannotStartCostsNoPointOfEarlierOnes)
{
    const WorkerFolder folder;
    const RunLayout run = folder.makeRun("spoilt", folder.experiment(3));
    ASSERT_EQ(WorkerProcess(run).wait(), 0);
    const auto before = series(run, "loss");
    ASSERT_EQ(before.size(), 3U);
    auto config = folder.experiment(3);
    config["teacher"]["model"] = "/nonexistent/teacher";
    std::ofstream(run.config()) << config.dump();
    EXPECT_EQ(WorkerProcess(run).wait(), 13);
    EXPECT_EQ(series(run, "loss"), before);
    std::ofstream(run.config()) << "{ no json";
    EXPECT_EQ(WorkerProcess(run).wait(), 2);
    EXPECT_EQ(series(run, "loss"), before);
}

TEST(WorkerFailure, ADamagedCheckpointIsNamedWithTheOneBeforeIt)
{
    const WorkerFolder folder;
    auto config = folder.experiment(100'000);
    config["checkpoint"] = {{"every", 2}, {"keep", 100}};
    const RunLayout run = folder.makeRun("damaged", config);
    WorkerProcess worker(run);
    waitForStep(run, 8);
    worker.signal(SIGTERM);
    ASSERT_EQ(worker.wait(), toInt(ExitCode::Stopped));
    const std::vector<std::int64_t> steps = finishedCheckpoints(run);
    ASSERT_GE(steps.size(), 2U);
    const std::string newest = "step-" + std::to_string(steps.back());
    const std::string before = "step-" + std::to_string(steps[steps.size() - 2]);
    const CheckpointLayout checkpoint{run.checkpoint(steps.back())};
    for (const auto& file : {checkpoint.optimizer(), checkpoint.weights()}) { // the weights are read first
        std::filesystem::resize_file(file, 100);
        EXPECT_NE(WorkerProcess(run).wait(), 0);
        EXPECT_THAT(failureOf(run).message, AllOf(HasSubstr("The checkpoint " + newest + " of the run cannot be read"),
                                                  HasSubstr(file.filename().string())));
        EXPECT_THAT(failureOf(run).hint, AllOf(HasSubstr("Delete the folder " + checkpoint.root.string()),
                                               HasSubstr("resume the run from " + before + ".")));
    }
}

TEST(WorkerFailure, ASecondWorkerInOneRunFolderIsRefused)
{
    const WorkerFolder folder;
    const RunLayout run = folder.makeRun("busy", folder.experiment(100'000));
    WorkerProcess first(run);
    waitForStep(run, 1);
    EXPECT_EQ(WorkerProcess(run).wait(), 1);
    const auto points = series(run, "loss").size();
    waitForStep(run, static_cast<std::int64_t>(points) + 1);
    EXPECT_GT(series(run, "loss").size(), points) << "the first one goes on undisturbed";
    first.signal(SIGKILL);
    first.wait();
}

// With both journals: SQLite refuses to write a file that was moved when it has a rollback journal.
class MovedFolder : public testing::TestWithParam<const char*>
{
};

TEST_P(MovedFolder, EndsTheRunWithoutAWordAtTheOldPath)
{
    const EnvironmentVariable journal("DSKD_JOURNAL", GetParam());
    const WorkerFolder folder;
    auto config = folder.experiment(100'000);
    config["checkpoint"]["every"] = 2;
    const RunLayout run = folder.makeRun("before", config);
    WorkerProcess worker(run);
    waitForStep(run, 4);
    const RunLayout moved{folder.root() / "after"};
    std::filesystem::rename(run.root, moved.root);
    EXPECT_EQ(worker.wait(), 1);
    EXPECT_FALSE(std::filesystem::exists(run.root));
    if (std::string(GetParam()) == "wal") {
        EXPECT_THAT(failureOf(moved).message, HasSubstr("was moved to " + moved.root.string()));
    }
    const std::int64_t step = latestCheckpoint(moved).value();
    EXPECT_GE(series(moved, "loss").size(), static_cast<std::size_t>(step)) << "the rows before it";
    WorkerProcess again(moved);
    waitForAttempt(moved, 2); // which removes the rows behind the checkpoint
    waitForStep(moved, step + 2);
    again.signal(SIGTERM);
    EXPECT_EQ(again.wait(), 10);
    EXPECT_EQ(series(moved, "loss").size(), static_cast<std::size_t>(latestCheckpoint(moved).value()));
}

INSTANTIATE_TEST_SUITE_P(WorkerFailure, MovedFolder, testing::Values("wal", "rollback"),
                         [](const auto& journal) { return std::string(journal.param); });

TEST(WorkerFailure, ADeletedFolderIsNotMadeAgain)
{
    const WorkerFolder folder;
    auto config = folder.experiment(100'000);
    config["checkpoint"]["every"] = 2;
    const RunLayout run = folder.makeRun("deleted", config);
    WorkerProcess worker(run);
    waitForStep(run, 4);
    const std::filesystem::path away = folder.root() / "away"; // in one go: no file comes while it is being deleted
    std::filesystem::rename(run.root, away);
    std::filesystem::remove_all(away);
    EXPECT_EQ(worker.wait(), 1);
    EXPECT_FALSE(std::filesystem::exists(run.root));
}

TEST(WorkerFailure, DifferentVocabulariesWithoutAlignmentAreABadModel)
{
    const WorkerFolder folder;
    auto config = folder.experiment(3);
    config["student"]["model"] = folder.llama();
    const RunLayout run = folder.makeRun("vocabularies", config);
    EXPECT_EQ(WorkerProcess(run).wait(), 13);
    EXPECT_THAT(failureOf(run).message, AllOf(HasSubstr(folder.llama()), HasSubstr(folder.wideGpt2())));
    EXPECT_THAT(failureOf(run).hint, HasSubstr("cma"));
}

TEST(WorkerFailure, AMissingModelIsABadModel)
{
    const WorkerFolder folder;
    auto config = folder.experiment(3);
    config["student"]["model"] = "/nonexistent/model";
    const RunLayout run = folder.makeRun("model", config);
    EXPECT_EQ(WorkerProcess(run).wait(), 13);
    EXPECT_THAT(failureOf(run).message, HasSubstr("/nonexistent/model"));
}

TEST(WorkerFailure, AMissingDataFileIsBadData)
{
    const WorkerFolder folder;
    auto config = folder.experiment(3);
    config["data"]["train"] = "/nonexistent/train.jsonl";
    const RunLayout run = folder.makeRun("data", config);
    EXPECT_EQ(WorkerProcess(run).wait(), 14);
    EXPECT_THAT(failureOf(run).message, HasSubstr("/nonexistent/train.jsonl"));
}

TEST(WorkerFailure, ALossThatIsNotFiniteStopsTheRunWithStepTermAndCauses)
{
    const WorkerFolder folder;
    auto config = folder.experiment(50);
    config["train"]["lr"] = 1e30;
    config["train"]["schedule"] = "constant";
    const RunLayout run = folder.makeRun("nan", config);
    EXPECT_EQ(WorkerProcess(run).wait(), 11);
    const store::EventRow failure = failureOf(run);
    EXPECT_THAT(failure.message, HasSubstr("Training stopped at step"));
    EXPECT_THAT(failure.hint,
                AllOf(HasSubstr("train.lr"), HasSubstr("Run, Duplicate"), HasSubstr("`dskd show nan --config`"),
                      Not(HasSubstr("checkpoint")))) // none was written yet
        << "resuming would compute the same value again";
    const auto latest = store::RunReader::open(run).value().latest();
    EXPECT_TRUE(std::any_of(latest.begin(), latest.end(), [&](const auto& series) {
        return series.second.step == failure.step && !std::isfinite(series.second.value);
    })) << "the value that stopped it is a point of its curve";
    EXPECT_FALSE(std::filesystem::exists(run.checkpoint(50)));
}

} // namespace dskd::test
