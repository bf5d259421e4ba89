#include "core/preflight/memory_estimate.h"

#include "core/config/method_traits.h"

#include <algorithm>

// Measured on the demo pair (CPU, fp32, LibTorch 2.11, peak resident memory logged as memory_bytes): see the test
// MemoryEstimate.LiesNearWhatTheDemoRunsTook. Activations are the least certain part: LibTorch keeps about 34 numbers
// per token and unit of width for a layer (attention by a fused kernel, so nothing grows with the square of the
// length).

namespace dskd::preflight
{

namespace
{

constexpr std::uint64_t kProgram = 150'000'000; // libraries and allocator of a worker that holds no model
constexpr std::uint64_t kTeacherCache = std::uint64_t{2} << 30;
constexpr std::uint64_t kKeptPerLayer = 34;
constexpr std::uint64_t kFloat = 4;

std::uint64_t unsignedOf(std::int64_t value)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value));
}

// Keys and values of `sequences` while they grow to `length` tokens; the cache grows by doubling.
std::uint64_t cacheBytes(const model::ModelConfig& model, std::int64_t sequences, std::int64_t length,
                         std::uint64_t weight)
{
    return 2 * unsignedOf(sequences) * unsignedOf(2 * length) * unsignedOf(model.layers) *
           unsignedOf(model.keyValueHeads * model.headWidth) * weight;
}

std::uint64_t generationBytes(const config::Experiment& experiment, const model::ModelConfig& student,
                              const std::optional<model::ModelConfig>& teacher, std::uint64_t weight)
{
    const std::int64_t batch = experiment.train.batchSize;
    const std::int64_t length = experiment.data.maxLength;
    if (experiment.method.objective == config::Objective::PolicyGradient && teacher) {
        const std::uint64_t remembered = unsignedOf(experiment.policyGradient.rollouts) *
                                         unsignedOf(experiment.onPolicy.maxNewTokens) * unsignedOf(teacher->width) *
                                         weight;
        return cacheBytes(student, 2 * batch, length, weight) + cacheBytes(*teacher, 2 * batch, length, weight) +
               remembered;
    }
    return experiment.onPolicy.ratio > 0 ? cacheBytes(student, batch, length, weight) : 0;
}

} // namespace

MemoryEstimate estimateMemory(const config::Experiment& experiment, const model::ModelConfig& student,
                              const std::optional<model::ModelConfig>& teacher, std::int64_t batchTokens,
                              std::int64_t rows)
{
    const bool bf16 = experiment.train.precision == config::Precision::Bf16;
    const std::uint64_t weight = bf16 ? 2 : kFloat;
    const std::uint64_t tokens = unsignedOf(batchTokens);
    MemoryEstimate estimate;
    estimate.program = kProgram;
    // fp32: weight, gradient, two moments; bf16: also a master copy in fp32
    const std::uint64_t perParameter = bf16 ? 2 + 2 + 3 * kFloat : 4 * kFloat;
    estimate.student = unsignedOf(model::parameterCount(student)) * perParameter;
    estimate.activations = tokens * unsignedOf(student.width) * unsignedOf(student.layers) * kKeptPerLayer * weight;
    std::uint64_t vocabulary = unsignedOf(student.vocabularyRows);
    estimate.generation = generationBytes(experiment, student, teacher, weight);
    if (teacher && config::learnsFromTeacher(experiment.method)) {
        const std::uint64_t cache = unsignedOf(rows) * unsignedOf(teacher->width) * weight;
        estimate.teacher = unsignedOf(model::parameterCount(*teacher)) * weight + std::min(cache, kTeacherCache) +
                           tokens * unsignedOf(teacher->width) * 8 * weight; // one layer at a time
        const std::uint64_t projectors = 2 * unsignedOf(student.width) * unsignedOf(teacher->width);
        const std::uint64_t query = experiment.method.alignment == config::Alignment::Cma ? 2 * projectors : 0;
        estimate.student += (projectors + query) * 4 * kFloat;
        vocabulary = std::max(vocabulary, unsignedOf(teacher->vocabularyRows));
    }
    // logits and gradients of both sides in the model's type, and in float32 for the softmax
    estimate.losses = unsignedOf(experiment.train.chunkRows) * vocabulary * 6 * kFloat;
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

} // namespace dskd::preflight
