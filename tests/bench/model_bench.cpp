// Speed of the decoder on the CPU, two threads, float32, fresh weights.
//
//   TrainStep/0  Llama, width 256, 6 layers, 8 heads: forward and backward of 8 packed sequences of 150 tokens
//   TrainStep/1  GPT-2 of the same size
//   Generate     the Llama continues 8 prompts of 100 tokens by 64 tokens, greedily
//   Decoding/s   the Llama of 12 layers continues 16 prompts of 20 tokens by 128 tokens, on one thread, with packed
//                weights and with the products of training in turns; tokens of a second of processor time (user and
//                system) and of wall time. s 0: greedily, 1: sampled
//
// tests/reference/model_bench.py times the same step in transformers. The head is left out of TrainStep: it is one
// matrix product on both sides. On a shared machine run both with OMP_WAIT_POLICY=PASSIVE and compare processor times:
// waiting threads otherwise count as work.

#include "core/model/causal_lm.h"
#include "core/model/generate.h"
#include "tests/bench/process_use.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <array>
#include <benchmark/benchmark.h>
#include <chrono>

namespace dskd::model
{
namespace
{
constexpr std::int64_t kSequences = 8;
constexpr std::int64_t kLength = 150;

std::unique_ptr<CausalLm> freshModel(const std::string& family, bool trainable, std::int64_t layers = 6)
{
    ModelConfig config;
    config.family = findFamily(family);
    config.vocabularyRows = 4096;
    config.width = 256;
    config.layers = layers;
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

// Seconds of generating, by what they are measured.
struct Seconds {
    double processor = 0.0;
    double wall = 0.0;
};

void decode(benchmark::State& state)
{
    at::set_num_threads(1);
    const auto model = freshModel("llama", false, 12);
    const std::vector<std::vector<std::int64_t>> prompts(16, std::vector<std::int64_t>(20, 7));
    GenerateOptions options;
    options.maxNewTokens = 128;
    options.temperature = state.range(0) == 0 ? 0.0 : 1.0;
    std::array<Seconds, 2> spent{}; // plain, packed
    const auto run = [&](bool packs) {
        options.packsWeights = packs;
        const auto begin = std::chrono::steady_clock::now();
        const double processor = bench::processorSeconds();
        benchmark::DoNotOptimize(generate(*model, prompts, options));
        Seconds& seconds = packs ? spent.back() : spent.front();
        seconds.processor += bench::processorSeconds() - processor;
        seconds.wall += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    run(true); // what only the first call pays, of both
    run(false);
    spent = {};
    for (auto _ : state) {
        run(false);
        run(true);
    }
    const double tokens = static_cast<double>(state.iterations()) * static_cast<double>(prompts.size()) *
                          static_cast<double>(options.maxNewTokens);
    state.counters["plain/cpu s"] = tokens / spent[0].processor;
    state.counters["packed/cpu s"] = tokens / spent[1].processor;
    state.counters["plain/s"] = tokens / spent[0].wall;
    state.counters["packed/s"] = tokens / spent[1].wall;
    state.counters["ratio"] = spent[0].processor / spent[1].processor;
}
BENCHMARK(decode)
    ->Name("Decoding")
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

} // namespace
} // namespace dskd::model

BENCHMARK_MAIN();
