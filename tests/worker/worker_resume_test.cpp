// Runs that are interrupted and go on.

#include "core/base/checkpoint_folders.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/causal_lm.h"
#include "core/preflight/run_inputs.h"
#include "core/store/run_reader.h"
#include "tests/worker/worker_fixture.h"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace dskd::test
{
namespace
{

constexpr int kStopped = 10;

void expectSameSeries(const RunLayout& run, const RunLayout& reference)
{
    for (const char* name : {"loss", "nll_loss", "kd_loss", "grad_norm", "lr", "validation.loss"}) {
        const auto expected = series(reference, name);
        EXPECT_FALSE(expected.empty()) << name;
        EXPECT_EQ(series(run, name), expected) << name;
    }
}

} // namespace

TEST_F(Worker, DrawsOnTheSameAxesAfterAResume)
{
    auto config = folder->experiment(60);
    config["log"] = {{"probe_every", 2}, {"probe_samples", 1}};
    const RunLayout reference = folder->makeRun("axes-reference", config);
    const RunLayout run = folder->makeRun("axes", config);
    ASSERT_EQ(WorkerProcess(reference).wait(), kDone);
    WorkerProcess interrupted(run);
    waitForStep(run, 5);
    interrupted.signal(SIGTERM);
    ASSERT_EQ(interrupted.wait(), kStopped);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    store::RunReader resumed = store::RunReader::open(run).value();
    store::RunReader whole = store::RunReader::open(reference).value();
    ASSERT_EQ(resumed.spaceAxes().size(), 2u);
    EXPECT_EQ(resumed.spaceAxes()[0].step, 0);
    EXPECT_EQ(resumed.spacePointSteps(), whole.spacePointSteps());
    const auto points = resumed.spacePoints(60);
    const auto expected = whole.spacePoints(60);
    ASSERT_EQ(points.size(), expected.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_EQ(points[i].x, expected[i].x);
        EXPECT_EQ(points[i].y, expected[i].y);
    }
}

TEST_F(Worker, ResumesAfterSigtermBitForBit)
{
    const auto config = folder->experiment(60);
    const RunLayout reference = folder->makeRun("term-reference", config);
    const RunLayout run = folder->makeRun("term", config);
    ASSERT_EQ(WorkerProcess(reference).wait(), kDone);

    WorkerProcess interrupted(run);
    waitForStep(run, 5);
    interrupted.signal(SIGTERM);
    ASSERT_EQ(interrupted.wait(), kStopped);
    const std::int64_t stopped = latestCheckpoint(run).value();
    ASSERT_LT(stopped, 60);
    EXPECT_EQ(series(run, "loss").rbegin()->first, stopped);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    expectSameSeries(run, reference);
}

TEST_F(Worker, ResumesAfterSigkillBitForBitFromItsLastCheckpoint)
{
    auto config = folder->experiment(60);
    config["checkpoint"] = {{"every", 4}};
    const RunLayout reference = folder->makeRun("kill-reference", config);
    const RunLayout run = folder->makeRun("kill", config);
    ASSERT_EQ(WorkerProcess(reference).wait(), kDone);

    WorkerProcess killed(run);
    waitForStep(run, 10);
    killed.signal(SIGKILL);
    ASSERT_EQ(killed.wait(), -SIGKILL);
    const std::int64_t last = latestCheckpoint(run).value();
    ASSERT_GE(last, 4);
    ASSERT_LT(last, 60);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    expectSameSeries(run, reference);
}

TEST_F(Worker, ResumesALoraRunAfterSigkillBitForBit)
{
    for (const char* saved : {"merged", "adapter"}) {
        auto config = folder->experiment(40);
        config["checkpoint"] = {{"every", 4}};
        config["train"]["fine_tuning"] = "lora";
        config["lora"] = {{"rank", 2}, {"dropout", 0.1}, {"saved", saved}};
        const RunLayout reference = folder->makeRun(std::string("lora-reference-") + saved, config);
        const RunLayout run = folder->makeRun(std::string("lora-") + saved, config);
        ASSERT_EQ(WorkerProcess(reference).wait(), kDone);
        WorkerProcess killed(run);
        waitForStep(run, 10);
        killed.signal(SIGKILL);
        ASSERT_EQ(killed.wait(), -SIGKILL);
        ASSERT_LT(latestCheckpoint(run).value(), 40);
        ASSERT_EQ(WorkerProcess(run).wait(), kDone);
        expectSameSeries(run, reference);
        EXPECT_EQ(std::filesystem::exists(CheckpointLayout{run.checkpoint(40)}.weights()),
                  saved == std::string("merged"));
        EXPECT_TRUE(model::loadCausalLm(run.checkpoint(40)));
    }
}

TEST_F(Worker, RefusesToGoOnWithALoraRunWhoseBaseHasChanged)
{
    auto config = folder->experiment(6);
    config["checkpoint"] = {{"every", 2}, {"keep", 3}};
    config["train"]["fine_tuning"] = "lora";
    const std::filesystem::path base = folder->root() / "changing-base";
    std::filesystem::copy(folder->gpt2(), base);
    config["student"]["model"] = base.string();
    const RunLayout run = folder->makeRun("changed-base", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    std::filesystem::remove_all(run.checkpoint(6)); // as if it had been stopped after step 4
    auto model = model::loadCausalLm(base).value();
    model->parameters()[3].tensor.add_(0.5);
    ASSERT_TRUE(model::saveCausalLm(*model, base));
    std::filesystem::remove(run.inputs()); // as of a version that kept none
    WorkerProcess resumed(run);
    EXPECT_NE(resumed.wait(), kDone);
    store::RunReader reader = store::RunReader::open(run).value();
    EXPECT_THAT(reader.attempts().back().reason, testing::HasSubstr("not those that this LoRA run began with"));
}

TEST_F(Worker, GoesOnWithOtherInputsOnlyWhereTheyAreAccepted)
{
    auto config = folder->experiment(6);
    config["checkpoint"] = {{"every", 2}, {"keep", 3}};
    const std::filesystem::path data = folder->root() / "own.jsonl";
    const std::filesystem::path teacher = folder->root() / "own-teacher";
    std::filesystem::copy(config["data"]["train"].get<std::string>(), data);
    std::filesystem::copy(folder->wideGpt2(), teacher);
    config["data"]["train"] = data.string();
    config["teacher"]["model"] = teacher.string();
    const RunLayout run = folder->makeRun("other-inputs", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    std::filesystem::remove_all(run.checkpoint(6)); // as if it had been stopped after step 4
    const auto lossBefore = series(run, "loss");

    const std::string whole = readTextFile(data).value();
    std::ofstream(data) << whole.substr(whole.find('\n') + 1);
    auto model = model::loadCausalLm(teacher).value();
    model->parameters()[3].tensor.add_(0.5);
    ASSERT_TRUE(model::saveCausalLm(*model, teacher));
    constexpr int kBadData = 14;
    ASSERT_EQ(WorkerProcess(run).wait(), kBadData);
    EXPECT_EQ(series(run, "loss"), lossBefore) << "an attempt that cannot start deletes nothing";
    {
        store::RunReader reader = store::RunReader::open(run).value();
        const std::string reason = reader.attempts().back().reason;
        EXPECT_THAT(reason, testing::HasSubstr("data.train: " + data.string() + " has changed"));
        EXPECT_THAT(reason, testing::HasSubstr("teacher.model: "));
        EXPECT_THAT(reader.lastEvent(store::kFailedEvent)->hint, testing::HasSubstr("--accept-changes"));
    }

    auto kept = preflight::readInputs(run).value().value(); // what `dskd resume --accept-changes` does
    const auto now = preflight::inputFiles(config::loadExperiment(run.config()).value());
    kept.accepted.push_back({0.0, 4, preflight::inputChanges(kept.files, now)});
    kept.files = now;
    ASSERT_TRUE(preflight::writeInputs(run, kept));
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    EXPECT_EQ(series(run, "loss").size(), 6U);
    store::RunReader reader = store::RunReader::open(run).value();
    EXPECT_THAT(reader.lastEvent(store::kWarningEvent)->message,
                testing::HasSubstr("Accepted on resuming from step 4: "));
}

TEST_F(Worker, KeepsItsInputsFromTheFirstStartOrSaysThatItDoesNotKnowThem)
{
    auto config = folder->experiment(4);
    config["checkpoint"] = {{"every", 2}, {"keep", 3}};
    const RunLayout run = folder->makeRun("inputs", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    const auto kept = preflight::readInputs(run).value();
    ASSERT_TRUE(kept);
    EXPECT_TRUE(
        preflight::inputChanges(kept->files, preflight::inputFiles(config::loadExperiment(run.config()).value()))
            .empty());
    std::filesystem::remove_all(run.checkpoint(4));
    std::filesystem::remove(run.inputs());
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    store::RunReader reader = store::RunReader::open(run).value();
    EXPECT_THAT(reader.lastEvent(store::kWarningEvent)->message, testing::HasSubstr("is not known"));
    EXPECT_TRUE(preflight::readInputs(run).value()) << "from now on";
}

} // namespace dskd::test
