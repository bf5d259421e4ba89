// The same runs on a GPU and on the CPU. Skipped where the worker finds no GPU.

#include "core/base/checkpoint_folders.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/store/run_reader.h"
#include "tests/worker/worker_process.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::test
{
namespace
{

constexpr int kDone = 0;

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Case {
    std::string name;
    bool otherTokenizer;
    Fields fields;

    friend void PrintTo(const Case& what, std::ostream* out) { *out << what.name; }
};

// Every method by its name, and what the names leave open.
std::vector<Case> cases()
{
    std::vector<Case> all;
    for (const config::NamedMethod& method : config::namedMethods()) {
        all.push_back({std::string(method.id),
                       method.vocabularies == config::Vocabularies::Any,
                       {{"method", std::string(method.id)}}});
    }
    const std::vector<Case> further{
        {"rkl", false, {{"distance", "rkl"}}},
        {"js", false, {{"distance", "js"}}},
        {"skl", false, {{"distance", "skl"}}},
        {"srkl", false, {{"distance", "srkl"}}},
        {"akl", false, {{"distance", "akl"}}},
        {"tvd", false, {{"distance", "tvd"}}},
        {"sym", false, {{"distance", "sym"}}},
        {"own answers, cma", true, {{"method", "dskd-cma"}, {"on_policy.ratio", "1"}}},
        {"own answers, eta", true, {{"method", "dskd-eta"}, {"on_policy.ratio", "1"}}},
        {"own answers, mined", true, {{"method", "mined"}, {"on_policy.ratio", "1"}}},
        {"sinkhorn", true, {{"method", "dskd-cma"}, {"matching", "sinkhorn"}}},
        {"cma as published", true, {{"method", "dskd-cma"}, {"fidelity", "reference-v1"}}},
        {"cla as published", true, {{"method", "dskd-cla"}, {"fidelity", "reference-v1"}}},
        {"v2 as published", false, {{"method", "dskd-v2"}, {"fidelity", "reference-v2"}}},
        {"lora", false, {{"fine_tuning", "lora"}}},
        {"recomputed activations", false, {{"gradient_checkpointing", "true"}}},
        {"frozen embeddings", false, {{"freeze_embeddings", "true"}}},
    };
    all.insert(all.end(), further.begin(), further.end());
    return all;
}

class Cuda : public testing::Test
{
protected:
    static void SetUpTestSuite() { folder = std::make_unique<WorkerFolder>(); }
    static void TearDownTestSuite() { folder.reset(); }

    void SetUp() override
    {
        WorkerProcess asked({"--version", "--json"});
        ASSERT_EQ(asked.wait(), kDone);
        const auto cuda = nlohmann::json::parse(asked.output())["cuda"];
        if (!cuda["available"].get<bool>()) {
            GTEST_SKIP() << cuda["reason"].get<std::string>();
        }
    }

    // No dropout: the devices draw different numbers.
    static RunLayout makeRun(const std::string& device, const Case& what, int steps = 4)
    {
        auto json = folder->experiment(steps);
        json["train"]["dropout"] = 0.0;
        json["key_query"] = {{"dropout", 0.0}};
        json["on_policy"] = {{"max_new_tokens", 12}};
        json["policy_gradient"] = {{"rollouts", 4}};
        json["validation"] = {{"every", 2}, {"generate_samples", 1}, {"max_new_tokens", 8}};
        json["log"] = {{"probe_every", 2}, {"probe_samples", 2}};
        if (what.otherTokenizer) {
            json["student"]["model"] = folder->llama();
            json["method"]["alignment"] = "cma";
        }
        config::Experiment experiment = config::parseExperiment(json.dump(), folder->root()).value();
        for (const auto& [path, value] : what.fields) {
            EXPECT_TRUE(config::setField(experiment, path, value)) << path;
        }
        EXPECT_TRUE(config::setField(experiment, "train.device", device));
        return folder->makeRun(what.name + " on " + device, config::toJson(experiment));
    }

    static std::unique_ptr<WorkerFolder> folder;
};
std::unique_ptr<WorkerFolder> Cuda::folder;

class CudaAgreement : public Cuda, public testing::WithParamInterface<Case>
{
};

// The metrics but those that say how the machine fared, in order.
std::vector<std::string> computedMetrics(store::RunReader& run)
{
    std::vector<std::string> names = run.metricNames();
    std::erase_if(names, [](const std::string& name) {
        return name == "memory_bytes" || name == "tokens_per_second" || name == "generated_tokens_per_second" ||
               name == "step_seconds";
    });
    std::sort(names.begin(), names.end());
    return names;
}

// How far a value may be from the CPU's, as a share of it: 4 to 20 times what was measured (at most 5e-5, and 3e-4 for
// the products; experiments/benchmarks/README.md). Both compute in float32, in another order. AdamW's first update is
// the sign of each gradient, so one near zero that rounds to the other side moves its weight by twice the learning
// rate. A row of products is divided by its sum, which may be a thousandth of what is summed.
double allowedDifference(const std::string& name, std::int64_t step)
{
    if (name.starts_with("structure.product")) {
        return 3e-3;
    }
    return step <= 1 ? 2e-4 : 1e-3;
}

} // namespace

TEST_P(CudaAgreement, GivesTheNumbersOfTheCpu)
{
    // what is smaller is the difference of larger values, of which it has the rounding
    constexpr double kSmallest = 1e-2;
    const RunLayout cpu = makeRun("cpu", GetParam());
    const RunLayout gpu = makeRun("cuda", GetParam());
    ASSERT_EQ(WorkerProcess(cpu).wait(), kDone);
    ASSERT_EQ(WorkerProcess(gpu).wait(), kDone);
    store::RunReader onCpu = store::RunReader::open(cpu).value();
    store::RunReader onGpu = store::RunReader::open(gpu).value();
    EXPECT_THAT(onGpu.info()["device"], testing::HasSubstr("cuda"));
    const std::vector<std::string> names = computedMetrics(onCpu);
    ASSERT_THAT(names, testing::IsSupersetOf({"loss", "grad_norm", "validation.loss"}));
    ASSERT_EQ(computedMetrics(onGpu), names);

    double worst = 0.0;
    for (const std::string& name : names) {
        const auto expected = series(cpu, name);
        const auto found = series(gpu, name);
        ASSERT_EQ(found.size(), expected.size()) << name;
        for (const auto& [step, value] : expected) {
            const double difference = std::abs(found.at(step) - value) / std::max(std::abs(value), kSmallest);
            worst = std::max(worst, difference);
            EXPECT_LE(difference, allowedDifference(name, step))
                << name << " at step " << step << ": " << found.at(step) << " on the GPU, " << value << " on the CPU";
        }
    }
    std::printf("largest relative difference: %.1e\n", worst);
}

INSTANTIATE_TEST_SUITE_P(Methods, CudaAgreement, testing::ValuesIn(cases()),
                         [](const testing::TestParamInfo<Case>& given) {
                             std::string name = given.param.name;
                             std::erase_if(name, [](char c) { return c == ','; });
                             std::replace_if(
                                 name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
                             return name;
                         });

TEST_F(Cuda, ResumesAfterSigkillBitForBit)
{
    for (const char* method : {"dskd", "distillm", "dskd-cma-ga"}) {
        const bool across = std::string_view(method) == "dskd-cma-ga";
        const Case what{method, across, {{"method", method}, {"train.dropout", "0.1"}, {"checkpoint.every", "4"}}};
        const Case again{std::string(method) + ", killed", what.otherTokenizer, what.fields};
        const RunLayout reference = makeRun("cuda", what, 40);
        const RunLayout run = makeRun("cuda", again, 40);
        ASSERT_EQ(WorkerProcess(reference).wait(), kDone);
        WorkerProcess killed(run);
        waitForStep(run, 10);
        killed.signal(SIGKILL);
        ASSERT_EQ(killed.wait(), -SIGKILL);
        ASSERT_LT(latestCheckpoint(run).value(), 40);
        ASSERT_EQ(WorkerProcess(run).wait(), kDone);
        for (const char* name : {"loss", "grad_norm", "validation.loss"}) {
            EXPECT_EQ(series(run, name), series(reference, name)) << method << ": " << name;
        }
    }
}

TEST_F(Cuda, TrainsInBfloat16)
{
    const Case what{"bf16", false, {{"precision", "bf16"}, {"train.lr", "1e-2"}}};
    const RunLayout run = makeRun("cuda", what, 60);
    ASSERT_EQ(WorkerProcess(run).wait(), kDone);
    const auto losses = series(run, "loss");
    EXPECT_LT(losses.at(60), 0.95 * losses.at(1));
}

} // namespace dskd::test
