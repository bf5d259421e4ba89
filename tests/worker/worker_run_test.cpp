// Runs that go well, and runs that are interrupted and go on.

#include "core/base/checkpoint_folders.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/causal_lm.h"
#include "core/preflight/run_inputs.h"
#include "core/store/run_reader.h"
#include "tests/worker/worker_process.h"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::test
{
namespace
{

constexpr int kDone = 0;
constexpr int kStopped = 10;

class Worker : public testing::Test
{
protected:
    static void SetUpTestSuite() { folder = std::make_unique<WorkerFolder>(); }
    static void TearDownTestSuite() { folder.reset(); }

    static std::unique_ptr<WorkerFolder> folder;
};
std::unique_ptr<WorkerFolder> Worker::folder;

void expectSameSeries(const RunLayout& run, const RunLayout& reference)
{
    for (const char* name : {"loss", "nll_loss", "kd_loss", "grad_norm", "lr", "validation.loss"}) {
        const auto expected = series(reference, name);
        EXPECT_FALSE(expected.empty()) << name;
        EXPECT_EQ(series(run, name), expected) << name;
    }
}

} // namespace

TEST_F(Worker, TrainsInDualSpaceAndLeavesAModelFolder)
{
    auto config = folder->experiment(6);
    config["validation"]["generate_samples"] = 2;
    config["validation"]["max_new_tokens"] = 4;
    config["log"] = {{"probe_every", 3}, {"probe_samples", 2}};
    const RunLayout run = folder->makeRun("dual", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);

    EXPECT_EQ(series(run, "loss").size(), 6u);
    EXPECT_EQ(series(run, "s2t_kd_loss").size(), 6u);
    EXPECT_EQ(series(run, "validation.loss").size(), 2u); // at 4 and at the end
    EXPECT_EQ(series(run, "validation.rouge_l").size(), 2u);
    EXPECT_EQ(series(run, "structure.cosine").size(), 3u); // at 0, 3 and 6
    store::RunReader reader = store::RunReader::open(run).value();
    EXPECT_EQ(reader.plan()->totalSteps, 6);
    EXPECT_EQ(reader.plan()->stepsPerEpoch, 12);
    EXPECT_EQ(reader.answers(6).size(), 2u);
    const auto baselines = reader.baselineAnswers(); // by sample, the student's first
    ASSERT_EQ(baselines.size(), 4u);
    EXPECT_EQ(baselines[2].of, store::ModelSide::Student);
    EXPECT_EQ(baselines[3].of, store::ModelSide::Teacher);
    EXPECT_EQ(baselines[3].answer.sample, 1);
    EXPECT_EQ(baselines[3].answer.prompt, reader.answers(6)[1].prompt);
    EXPECT_EQ(baselines[3].answer.reference, reader.answers(6)[1].reference);
    EXPECT_EQ(reader.attempts().back().exitCode, kDone);
    EXPECT_THAT(reader.info()["device"], testing::HasSubstr("CPU"));
    EXPECT_FALSE(reader.info()["libtorch"].empty());
    EXPECT_EQ(reader.heartbeat()->step, 6); // also when the run ends between two beats

    const CheckpointLayout checkpoint{run.checkpoint(6)};
    EXPECT_TRUE(std::filesystem::exists(checkpoint.done()));
    EXPECT_TRUE(std::filesystem::exists(checkpoint.projectors()));
    EXPECT_TRUE(std::filesystem::exists(checkpoint.root / "tokenizer.json"));
    EXPECT_TRUE(model::loadCausalLm(checkpoint.root));
}

TEST_F(Worker, TrainsAloneWithoutATeacher)
{
    auto config = folder->experiment(3);
    config.erase("teacher");
    config["method"] = {{"objective", "sft"}};
    config["data"]["loss_on"] = "all";
    const RunLayout run = folder->makeRun("sft", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    EXPECT_EQ(series(run, "loss").size(), 3u);
    EXPECT_TRUE(series(run, "kd_loss").empty());
    EXPECT_TRUE(series(run, "projector_lr").empty());
}

TEST_F(Worker, RecordsTheAttentionBetweenDifferentTokenizers)
{
    auto config = folder->experiment(3);
    config["student"]["model"] = folder->llama();
    config["method"]["alignment"] = "cma";
    config["log"] = {{"probe_every", 3}, {"probe_samples", 1}, {"map_tokens", 2}};
    const RunLayout run = folder->makeRun("cma", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    store::RunReader reader = store::RunReader::open(run).value();
    const auto map = reader.heatMap("cma.t2s", 0);
    ASSERT_TRUE(map);
    EXPECT_EQ(map->values.size(), map->rowTokens.size() * map->columnTokens.size());
    EXPECT_EQ(map->rowTokens.size(), 2U);
    EXPECT_GT(map->wholeRows, 2) << "and says that it is cut";
    EXPECT_TRUE(reader.heatMap("cma.s2t", 0, 0)) << "the state before training";
    EXPECT_EQ(series(run, "structure.cosine").size(), 2u) << "of the tokens that both split alike";
}

TEST_F(Worker, ComparesFineTuningWithTheTeacherOfItsProbesAndTrainsAsWithout)
{
    auto config = folder->experiment(4);
    config.erase("teacher");
    config["method"] = {{"objective", "sft"}};
    const RunLayout without = folder->makeRun("sft-unprobed", config);
    ASSERT_EQ(WorkerProcess(without).wait(), kDone);
    config["log"] = {{"probe_every", 2}, {"probe_samples", 2}, {"probe_teacher", folder->wideGpt2()}};
    const RunLayout run = folder->makeRun("sft-probed", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);

    store::RunReader reader = store::RunReader::open(run).value();
    EXPECT_THAT(reader.structureSteps(), testing::ElementsAre(0, 2, 4));
    EXPECT_EQ(reader.structure(4).size(), 2u);
    EXPECT_GT(reader.structure(4)[0].cosineMean, 0.0);
    EXPECT_EQ(reader.spaceAxes().size(), 2u);
    EXPECT_FALSE(reader.spacePoints(4).empty());
    EXPECT_EQ(series(run, "probe.p_entropy").size(), 3u);
    EXPECT_EQ(series(run, "loss"), series(without, "loss"));
    EXPECT_EQ(series(run, "validation.loss"), series(without, "validation.loss"));
    const auto weights = [](const RunLayout& of) {
        std::ifstream file(CheckpointLayout{of.checkpoint(4)}.weights(), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    EXPECT_FALSE(weights(run).empty());
    EXPECT_TRUE(weights(run) == weights(without)) << "the probes changed the training";
}

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

TEST_F(Worker, WarnsOfLinesThatAreLeftOutInWhateverFile)
{
    const std::filesystem::path data = folder->root() / "mixed.jsonl";
    std::ofstream(data) << R"({"prompt": "Name a tree. ", "completion": "Oak."})"
                        << "\n"
                        << R"({"instruction": "Name a colour.", "output": "Red."})"
                        << "\n"
                        << R"({"prompt": "Name a river. ", "completion": "Elbe.", "score": NaN})"
                        << "\n";
    const auto warned = [](const RunLayout& run) {
        store::RunReader reader = store::RunReader::open(run).value();
        std::vector<std::string> warnings;
        for (const store::EventRow& event : reader.eventsAfter()) {
            if (event.kind == store::kWarningEvent) {
                warnings.push_back(event.message);
            }
        }
        return warnings;
    };
    const auto sentence = testing::HasSubstr("mixed.jsonl: 2 of 3 lines used; 1 skipped, the first (line 2) because: ");
    auto config = folder->experiment(2);
    config["data"]["train"] = config["data"]["validation"] = data.string();
    const RunLayout run = folder->makeRun("mixed", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    EXPECT_THAT(warned(run), testing::ElementsAre(sentence, sentence)) << "training and validation";

    auto evaluation = folder->experiment(2);
    evaluation.erase("teacher");
    evaluation["job"] = "evaluate";
    evaluation["method"] = {{"objective", "sft"}};
    evaluation["evaluate"] = {{"data", data.string()}};
    evaluation["validation"] = {{"max_new_tokens", 2}};
    const RunLayout answers = folder->makeRun("mixed-evaluation", evaluation);
    ASSERT_EQ(WorkerProcess(answers).wait(), kDone);
    EXPECT_THAT(warned(answers), testing::ElementsAre(sentence));
}

TEST_F(Worker, TrainsWithAnAdapterMergedIntoTheTeacherAndEvaluatesAnAdapterCheckpoint)
{
    auto config = folder->experiment(2);
    config.erase("teacher");
    config["method"] = {{"objective", "sft"}};
    config["train"]["fine_tuning"] = "lora";
    config["train"]["lr"] = 0.5; // far from where it began
    config["lora"] = {{"rank", 2}, {"saved", "adapter"}};
    const RunLayout tuned = folder->makeRun("tuned", config);
    ASSERT_EQ(WorkerProcess(tuned).wait(), kDone);
    const std::string adapter = tuned.checkpoint(2).string();

    auto evaluation = folder->experiment(1);
    evaluation["job"] = "evaluate";
    evaluation["evaluate"] = {{"data", evaluation["data"]["validation"]}, {"limit", 3}};
    evaluation["validation"]["max_new_tokens"] = 2;
    const auto lossOf = [&](const std::string& name) {
        const RunLayout run = folder->makeRun(name, evaluation);
        EXPECT_EQ(WorkerProcess(run).wait(), kDone) << name;
        return series(run, "validation.loss").at(0);
    };
    const double plain = lossOf("plain");
    evaluation["student"]["adapter"] = adapter;
    const double beside = lossOf("beside");
    EXPECT_NE(beside, plain);
    evaluation["student"] = {{"model", adapter}};
    EXPECT_EQ(lossOf("alone"), beside) << "an adapter's folder stands for its base with it merged in";

    auto distillation = folder->experiment(2);
    distillation["teacher"]["model"] = folder->gpt2();
    const RunLayout without = folder->makeRun("teacher-plain", distillation);
    ASSERT_EQ(WorkerProcess(without).wait(), kDone);
    distillation["teacher"]["adapter"] = adapter;
    const RunLayout with = folder->makeRun("teacher-adapted", distillation);
    ASSERT_EQ(WorkerProcess(with).wait(), kDone);
    EXPECT_NE(series(with, "s2t_kd_loss").at(1), series(without, "s2t_kd_loss").at(1));
}

TEST_F(Worker, WritesACheckpointOnSigusr1AndGoesOn)
{
    const RunLayout run = folder->makeRun("usr1", folder->experiment(60));
    WorkerProcess worker(run);
    waitForStep(run, 3);
    worker.signal(SIGUSR1);
    ASSERT_EQ(worker.wait(), kDone);
    store::RunReader reader = store::RunReader::open(run).value();
    int written = 0;
    for (const store::EventRow& event : reader.eventsAfter()) {
        written += event.kind == "checkpoint" ? 1 : 0;
    }
    EXPECT_EQ(written, 2) << "the one asked for and the last";
}

TEST_F(Worker, EvaluatesAndAnswers)
{
    auto config = folder->experiment(1);
    config["job"] = "evaluate";
    config["validation"]["max_new_tokens"] = 3;
    config["evaluate"] = {{"data", config["data"]["validation"]}, {"limit", 3}};
    const RunLayout run = folder->makeRun("evaluate", config);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    EXPECT_EQ(series(run, "validation.loss").size(), 1u);
    EXPECT_EQ(series(run, "validation.rouge_l").size(), 1u);
    std::ifstream answers(run.root / "answers.jsonl");
    int lines = 0;
    for (std::string line; std::getline(answers, line); ++lines) {
        EXPECT_TRUE(nlohmann::json::parse(line).contains("rouge_l"));
    }
    EXPECT_EQ(lines, 3);

    config["job"] = "generate";
    config["evaluate"] = {{"prompt", "Which colour is the sky?"}};
    const RunLayout single = folder->makeRun("generate", config);
    ASSERT_EQ(WorkerProcess(single).wait(), kDone);
    store::RunReader reader = store::RunReader::open(single).value();
    ASSERT_EQ(reader.answers().size(), 1u);
    EXPECT_EQ(reader.answers().front().prompt, "Which colour is the sky?");
}

} // namespace dskd::test
