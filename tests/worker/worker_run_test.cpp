// Runs that go well.

#include "core/model/causal_lm.h"
#include "core/store/run_reader.h"
#include "tests/worker/worker_fixture.h"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <vector>

namespace dskd::test
{

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
