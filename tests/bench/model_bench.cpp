// Speed of the decoder on the CPU, two threads, float32, fresh weights.
//
//   TrainStep/0  Llama, width 256, 6 layers, 8 heads: forward and backward of 8 packed sequences of 150 tokens
//   TrainStep/1  GPT-2 of the same size
//   Generate     the Llama continues 8 prompts of 100 tokens by 64 tokens, greedily
//
// tests/reference/model_bench.py times the same step in transformers. The head is left out of TrainStep: it is one
// matrix product on both sides. On a shared machine run both with OMP_WAIT_POLICY=PASSIVE and compare processor times:
// waiting threads otherwise count as work.

#include "core/model/causal_lm.h"
#include "core/model/generate.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

namespace dskd::model
{
namespace
{
constexpr std::int64_t kSequences = 8;
constexpr std::int64_t kLength = 150;

std::unique_ptr<CausalLm> freshModel(const std::string& family, bool trainable)
{
    ModelConfig config;
    config.family = findFamily(family);
    config.vocabularyRows = 4096;
    config.width = 256;
    config.layers = 6;
    config.heads = config.keyValueHeads = 8;
    config.headWidth = 32;
    config.innerWidth = family == "gpt2" ? 1024 : 688;
    config.maxPositions = 512;
    config.activation = family == "gpt2" ? "gelu_new" : "silu";
    config.tiedHead = true;
    LoadOptions options;
    options.trainable = trainable;
    return std::move(createCausalLm(config, 1, options)).value();
}

void trainStep(benchmark::State& state)
{
    at::set_num_threads(2);
    const auto model = freshModel(state.range(0) == 0 ? "llama" : "gpt2", true);
    const PackedTokens tokens{at::randint(4096, {kSequences * kLength}, at::kLong),
                              std::vector<std::int64_t>(kSequences, kLength)};
    for (auto _ : state) {
        for (const NamedTensor& parameter : model->parameters()) {
            parameter.tensor.mutable_grad().reset();
        }
        model->hiddenStates(tokens, true).square().mean().backward();
    }
    state.counters["tokens/s"] =
        benchmark::Counter(static_cast<double>(kSequences * kLength), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(trainStep)
    ->Name("TrainStep")
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void generateAnswers(benchmark::State& state)
{
    at::set_num_threads(2);
    const auto model = freshModel("llama", false);
    const std::vector<std::vector<std::int64_t>> prompts(kSequences, std::vector<std::int64_t>(100, 7));
    GenerateOptions options;
    options.maxNewTokens = 64;
    for (auto _ : state) {
        benchmark::DoNotOptimize(generate(*model, prompts, options));
    }
    state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(kSequences * options.maxNewTokens),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(generateAnswers)->Name("Generate")->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
} // namespace dskd::model

BENCHMARK_MAIN();
