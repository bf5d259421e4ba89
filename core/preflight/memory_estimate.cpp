#include "core/preflight/memory_estimate.h"

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/preflight/model_sizes.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <iterator>
#include <numeric>

// Measured on the demo pair (CPU, fp32, LibTorch 2.11, peak resident memory logged as memory_bytes): see the test
// MemoryEstimate.LiesNearWhatTheDemoRunsTook. Activations are the least certain part: LibTorch keeps about 34 numbers
// per token and unit of width for a layer (attention by a fused kernel, so nothing grows with the square of the
// length). To these come, for feed-forward blocks wider than the demo models', four numbers for each further unit, and
// for attention with a cap the scores that it stores.

namespace dskd::preflight
{

namespace
{

constexpr std::uint64_t kProgram = 150'000'000; // libraries and allocator of a worker that holds no model
constexpr std::uint64_t kTeacherCache = std::uint64_t{2} << 30;
constexpr std::uint64_t kKeptPerLayer = 34;
constexpr std::uint64_t kFloat = 4;
constexpr std::uint64_t kInnerPerWidth = 3; // as in kKeptPerLayer
constexpr std::uint64_t kKeptPerInner = 4;
constexpr std::uint64_t kScoresKept = 2; // after the cap and after the softmax
constexpr std::uint64_t kScoresAtOnce = 4;
constexpr std::uint64_t kPaddedScores = 4; // products, with their penalties, weights, and the slopes of these
constexpr std::uint64_t kPaddedSpaces = 2; // each space attends by itself

// Scores of one layer and kind over `tokens` of sequences this long, where a cap makes attention store them.
std::uint64_t scoreBytes(const model::ModelConfig& model, std::uint64_t tokens, std::uint64_t length)
{
    return model.attentionSoftcap > 0.0 ? unsignedOf(model.heads) * tokens * length * kFloat : 0;
}

// Weights, gradients and moments of the critics of key-query matching, and the matrices between queries and keys.
std::uint64_t criticBytes(const config::KeyQueryConfig& config, std::int64_t teacherWidth)
{
    if (config.matching == config::KeyQueryMatching::Off) {
        return 0;
    }
    const Weights critics = criticWeights(config, teacherWidth);
    const std::uint64_t rows = unsignedOf(config.rows);
    const std::uint64_t matrices = 12 * rows * rows * kFloat; // distances of both sides together, and what follows
    return (critics.all + 3 * critics.learning) * kFloat + matrices;
}

// Keys and values of `sequences` while they grow to `length` tokens; the cache grows by doubling.
std::uint64_t cacheBytes(const model::ModelConfig& model, std::int64_t sequences, std::int64_t length,
                         std::uint64_t weight)
{
    return 2 * unsignedOf(sequences) * unsignedOf(2 * length) * unsignedOf(model.layers) *
           unsignedOf(model.keyValueHeads * model.headWidth) * weight;
}

// A batch as a model gets it.
struct BatchSize {
    std::uint64_t tokens = 0;
    std::uint64_t length = 0; // of its longest sample
};

BatchSize batchSize(const config::Experiment& experiment, std::int64_t batchTokens, bool padded)
{
    const std::uint64_t samples = std::max<std::uint64_t>(1, unsignedOf(experiment.train.batchSize));
    const std::uint64_t tokens = unsignedOf(batchTokens);
    const BatchSize packed{tokens, tokens / samples};
    const std::uint64_t longest = unsignedOf(experiment.data.maxLength);
    return padded && longest > packed.length ? BatchSize{samples * longest, longest} : packed;
}

// CLA as published: queries and keys of every position of the padded batch, and the scores between them with the
// weights of both directions.
std::uint64_t paddedAttentionBytes(const BatchSize& batch, const model::ModelConfig& teacher)
{
    const std::uint64_t queriesAndKeys = 2 * batch.tokens * 2 * unsignedOf(teacher.width) * kFloat;
    const std::uint64_t scores = kPaddedScores * batch.tokens * batch.length * kFloat;
    return kPaddedSpaces * (queriesAndKeys + scores);
}

// The second copy of the weights that generation on the CPU makes in float32 (core/model/packed_weights.h).
std::uint64_t packedBytes(const config::Experiment& experiment, const model::ModelConfig& model, bool adapted)
{
    const bool packs = experiment.train.device != config::Device::Cuda &&
                       experiment.train.precision == config::Precision::Fp32 && !adapted;
    return packs ? model::parameterCount(model) * kFloat : 0;
}

std::uint64_t generationBytes(const config::Experiment& experiment, const model::ModelConfig& student,
                              const std::optional<model::ModelConfig>& teacher, std::uint64_t weight)
{
    const std::uint64_t packed =
        packedBytes(experiment, student, experiment.train.fineTuning == config::FineTuning::Lora);
    const std::int64_t batch = experiment.train.batchSize;
    const std::int64_t length = experiment.data.maxLength;
    if (experiment.method.objective == config::Objective::PolicyGradient && teacher) {
        const std::uint64_t remembered = unsignedOf(experiment.policyGradient.rollouts) *
                                         unsignedOf(experiment.onPolicy.maxNewTokens) * unsignedOf(teacher->width) *
                                         weight;
        return cacheBytes(student, 2 * batch, length, weight) + cacheBytes(*teacher, 2 * batch, length, weight) +
               packed + packedBytes(experiment, *teacher, false) + remembered;
    }
    const bool validates = !experiment.data.validation.empty() && experiment.validation.generateSamples > 0;
    return experiment.onPolicy.ratio > 0 ? cacheBytes(student, batch, length, weight) + packed : validates ? packed : 0;
}

} // namespace

MemoryEstimate estimateMemory(const config::Experiment& experiment, const model::ModelConfig& student,
                              const std::optional<model::ModelConfig>& teacher, std::int64_t batchTokens,
                              std::int64_t rows, const std::optional<model::ModelConfig>& probeTeacher)
{
    const bool bf16 = experiment.train.precision == config::Precision::Bf16;
    const std::uint64_t weight = bf16 ? 2 : kFloat;
    const bool attendsToPadding = config::attendsToPadding(experiment.method);
    const BatchSize own = batchSize(experiment, batchTokens, attendsToPadding);
    const std::uint64_t tokens = own.tokens;
    MemoryEstimate estimate;
    estimate.program = kProgram;
    // fp32: gradient, two moments; bf16: also a master copy in fp32
    const std::uint64_t perLearning = bf16 ? 2 + 3 * kFloat : 3 * kFloat;
    const Weights weights = studentWeights(experiment, student);
    estimate.student = weights.all * weight + weights.learning * perLearning;
    const std::uint64_t inner =
        unsignedOf(student.innerWidth - student.width * static_cast<std::int64_t>(kInnerPerWidth));
    const std::uint64_t row = tokens * unsignedOf(student.width) * weight;
    const std::uint64_t layer = row * kKeptPerLayer + tokens * inner * kKeptPerInner * weight +
                                scoreBytes(student, tokens, own.length) * kScoresKept;
    // With checkpointing the input of every layer, and one layer while it is computed again.
    estimate.activations = experiment.train.gradientCheckpointing ? row * unsignedOf(student.layers) + layer
                                                                  : layer * unsignedOf(student.layers);
    bool capped = student.headSoftcap > 0.0;
    std::uint64_t vocabulary = unsignedOf(student.vocabularyRows);
    estimate.generation = generationBytes(experiment, student, teacher, weight);
    if (teacher && config::learnsFromTeacher(experiment.method)) {
        const BatchSize teacherBatch = batchSize(experiment, batchTokens, config::seesPaddedBatch(experiment.method));
        // Where CLA reaches into padding, all positions of a sample are remembered. There are at most as many samples
        // as rows.
        const std::uint64_t remembered = unsignedOf(rows) * (attendsToPadding ? teacherBatch.length : 1);
        const std::uint64_t cache = remembered * unsignedOf(teacher->width) * weight;
        estimate.teacher = unsignedOf(model::parameterCount(*teacher)) * weight + std::min(cache, kTeacherCache) +
                           teacherBatch.tokens * unsignedOf(teacher->width) * 8 * weight + // one layer at a time
                           scoreBytes(*teacher, teacherBatch.length, teacherBatch.length) * kScoresAtOnce;
        estimate.activations += attendsToPadding ? paddedAttentionBytes(teacherBatch, *teacher) : 0;
        capped = capped || teacher->headSoftcap > 0.0;
        estimate.student += projectorWeights(experiment, student, *teacher) * 4 * kFloat +
                            criticBytes(experiment.keyQuery, teacher->width);
        vocabulary = std::max(vocabulary, unsignedOf(teacher->vocabularyRows));
    }
    if (probeTeacher) { // a sample at a time goes through it
        estimate.teacher += unsignedOf(model::parameterCount(*probeTeacher)) * weight +
                            own.length * unsignedOf(probeTeacher->width) * 8 * weight;
        vocabulary = std::max(vocabulary, unsignedOf(probeTeacher->vocabularyRows));
    }
    // logits and gradients of both sides in the model's type, and in float32 for the softmax; capped, their slopes too
    estimate.losses = unsignedOf(experiment.train.chunkRows) * vocabulary * (capped ? 8 : 6) * kFloat;
    if (teacher && experiment.data.answers == config::AnswerSource::Teacher) {
        // The teacher answers by itself before the student is there; what counts is what training does not take anyway.
        const std::uint64_t answering =
            unsignedOf(model::parameterCount(*teacher)) * weight +
            cacheBytes(*teacher, 2 * experiment.train.batchSize, experiment.data.maxLength, weight);
        const std::uint64_t training = estimate.total() - estimate.program;
        estimate.generation += answering > training ? answering - training : 0;
    }
    return estimate;
}

std::vector<MemoryPart> parts(const MemoryEstimate& estimate)
{
    std::vector<MemoryPart> all{{"program", estimate.program},
                                {"teacher", estimate.teacher},
                                {"student with optimizer", estimate.student},
                                {"activations", estimate.activations},
                                {"losses", estimate.losses},
                                {"sampled answers", estimate.generation}};
    std::erase_if(all, [](const MemoryPart& part) { return part.bytes == 0; });
    return all;
}

std::string partsText(const MemoryEstimate& estimate)
{
    struct Unit {
        std::uint64_t bytes; // of the last digit that is shown
        int decimals;
        const char* name;
    };
    constexpr Unit kGigabytes{100'000'000, 1, "GB"};
    constexpr Unit kMegabytes{1'000'000, 0, "MB"};
    constexpr std::uint64_t kManyMegabytes = 10'000'000'000;
    const Unit unit = estimate.total() >= kManyMegabytes ? kGigabytes : kMegabytes;
    const auto shown = [&](std::uint64_t units) {
        return unit.decimals == 0 ? std::to_string(units)
                                  : std::to_string(units / 10) + "." + std::to_string(units % 10);
    };
    // The sum is rounded, then the parts so that they make it up: the largest remainders are rounded up.
    const std::vector<MemoryPart> all = parts(estimate);
    const std::uint64_t sum = (estimate.total() + unit.bytes / 2) / unit.bytes;
    std::vector<std::uint64_t> units;
    std::transform(all.begin(), all.end(), std::back_inserter(units),
                   [&](const MemoryPart& part) { return part.bytes / unit.bytes; });
    std::vector<std::size_t> byRemainder(all.size());
    std::iota(byRemainder.begin(), byRemainder.end(), std::size_t{0});
    std::stable_sort(byRemainder.begin(), byRemainder.end(), [&](std::size_t a, std::size_t b) {
        return all[a].bytes % unit.bytes > all[b].bytes % unit.bytes;
    });
    std::uint64_t missing = sum - std::accumulate(units.begin(), units.end(), std::uint64_t{0});
    for (const std::size_t place : byRemainder) {
        if (missing > 0) {
            ++units[place];
            --missing;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
        text += (text.empty() ? "" : " + ") + std::string(all[i].what) + " " + shown(units[i]);
    }
    return shown(sum) + " " + unit.name + " = " + text;
}

std::string peakSentence(const MemoryEstimate& estimate, double peakBytes)
{
    return "At most " + text::bytes(static_cast<std::uint64_t>(peakBytes)) + " in use after a step, " +
           text::percent(peakBytes / static_cast<double>(estimate.total())) +
           " of the estimate: " + partsText(estimate) + ".";
}

} // namespace dskd::preflight
