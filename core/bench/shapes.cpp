#include "core/bench/shapes.h"

#include "core/base/random_stream.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace dskd::bench
{
namespace
{

constexpr std::int64_t kGpt2Vocabulary = 50257;

model::ModelConfig gpt2(std::int64_t width, std::int64_t layers, std::int64_t heads)
{
    model::ModelConfig config;
    config.family = model::findFamily("gpt2");
    config.vocabularyRows = kGpt2Vocabulary;
    config.width = width;
    config.layers = layers;
    config.heads = heads;
    config.keyValueHeads = heads;
    config.headWidth = width / heads;
    config.innerWidth = 4 * width;
    config.maxPositions = 1024;
    config.activation = "gelu_new";
    config.tiedHead = true;
    return config;
}

struct LlamaSizes {
    std::int64_t vocabulary, width, layers, heads, keyValueHeads, inner, positions;
    bool tiedHead;
};

model::ModelConfig llama(const LlamaSizes& sizes)
{
    model::ModelConfig config; // a Llama by default
    config.vocabularyRows = sizes.vocabulary;
    config.width = sizes.width;
    config.layers = sizes.layers;
    config.heads = sizes.heads;
    config.keyValueHeads = sizes.keyValueHeads;
    config.headWidth = sizes.width / sizes.heads;
    config.innerWidth = sizes.inner;
    config.maxPositions = sizes.positions;
    config.tiedHead = sizes.tiedHead;
    return config;
}

// Each is a handful of numbers; weights are drawn when one is measured.
std::vector<Shape> shapes()
{
    return {
        {"tiny64", "GPT-2 of width 128 to 64, two layers each", gpt2(128, 2, 4), gpt2(64, 2, 2)},
        {"tiny128", "GPT-2 of width 256 to 128, two layers each", gpt2(256, 2, 8), gpt2(128, 2, 4)},
        {"a", "GPT2-1.5B to GPT2-120M", gpt2(1600, 48, 25), gpt2(768, 12, 12)},
        {"b", "LLaMA2-7B to TinyLLaMA-1.1B with LoRA", llama({32000, 4096, 32, 32, 32, 11008, 4096, false}),
         llama({32000, 2048, 22, 32, 4, 5632, 2048, false}), true},
        {"r", "SmolLM2-135M to half of its layers", llama({49152, 576, 30, 9, 3, 1536, 8192, true}),
         llama({49152, 576, 15, 9, 3, 1536, 8192, true})},
    };
}

// Tokens of the prompt, and of all with the end of the answer.
constexpr std::array kDollyLengths = {
    std::pair(127, 282), std::pair(41, 45),   std::pair(40, 212), std::pair(166, 174), std::pair(43, 200),
    std::pair(47, 65),   std::pair(42, 425),  std::pair(47, 109), std::pair(41, 66),   std::pair(53, 101),
    std::pair(36, 181),  std::pair(45, 180),  std::pair(41, 45),  std::pair(108, 163), std::pair(40, 85),
    std::pair(34, 89),   std::pair(42, 103),  std::pair(41, 381), std::pair(37, 296),  std::pair(43, 248),
    std::pair(50, 92),   std::pair(41, 113),  std::pair(39, 128), std::pair(43, 76),   std::pair(254, 512),
    std::pair(54, 236),  std::pair(234, 309), std::pair(37, 55),  std::pair(156, 168), std::pair(49, 65),
    std::pair(45, 171),  std::pair(46, 59),
};

struct SampleLength {
    std::int64_t prompt = 0;
    std::int64_t all = 0; // with the last token, which is only predicted
};

SampleLength lengthOf(std::int64_t number, std::int64_t positions)
{
    const auto& measured = kDollyLengths[static_cast<std::size_t>(number) % kDollyLengths.size()];
    SampleLength length{measured.first, measured.second};
    if (length.all > positions + 1) {
        length.all = positions + 1;
        length.prompt = std::min(length.prompt, std::max<std::int64_t>(1, positions / 2));
    }
    return length;
}

} // namespace

Result<Shape> findShape(std::string_view name)
{
    std::string all;
    for (Shape& shape : shapes()) {
        if (shape.name == name) {
            return std::move(shape);
        }
        all += (all.empty() ? "" : ", ") + std::string(shape.name) + " (" + std::string(shape.title) + ")";
    }
    return Failure{"There is no shape \"" + std::string(name) + "\".", "The shapes: " + all + ".", FailureKind::Usage};
}

std::vector<train::Example> dollyLikeExamples(std::int64_t count, std::int64_t length, std::int64_t vocabulary,
                                              std::uint64_t seed)
{
    RandomStream random(seed, "bench tokens");
    std::vector<train::Example> examples;
    examples.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const SampleLength size = lengthOf(i, length);
        train::Example example;
        dataset::Sample& sample = example.student;
        sample.promptLength = size.prompt;
        sample.ids.reserve(static_cast<std::size_t>(size.all));
        for (std::int64_t k = 0; k < size.all; ++k) {
            sample.ids.push_back(static_cast<tokenizer::TokenId>(random.below(static_cast<std::uint64_t>(vocabulary))));
        }
        sample.endsWithEos = true;
        example.teacher = sample;
        examples.push_back(std::move(example));
    }
    return examples;
}

std::int64_t dollyLikeRows(std::int64_t count, std::int64_t length)
{
    std::int64_t rows = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const SampleLength size = lengthOf(i, length);
        rows += size.all - size.prompt; // the last token of the prompt predicts the first of the answer
    }
    return rows;
}

} // namespace dskd::bench
