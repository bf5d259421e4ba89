#include "core/preflight/memory_estimate.h"

#include <algorithm>

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

std::uint64_t unsignedOf(std::int64_t value)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value));
}

// Scores of one layer and kind over `tokens` of sequences this long, where a cap makes attention store them.
std::uint64_t scoreBytes(const model::ModelConfig& model, std::uint64_t tokens, std::uint64_t length)
{
    return model.attentionSoftcap > 0.0 ? unsignedOf(model.heads) * tokens * length * kFloat : 0;
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
    const std::uint64_t length = tokens / std::max<std::uint64_t>(1, unsignedOf(experiment.train.batchSize));
    const std::uint64_t inner =
        unsignedOf(student.innerWidth - student.width * static_cast<std::int64_t>(kInnerPerWidth));
    const std::uint64_t kept = unsignedOf(student.width) * kKeptPerLayer + inner * kKeptPerInner;
    estimate.activations =
        (tokens * kept * weight + scoreBytes(student, tokens, length) * kScoresKept) * unsignedOf(student.layers);
    bool capped = student.headSoftcap > 0.0;
    std::uint64_t vocabulary = unsignedOf(student.vocabularyRows);
    if (teacher) {
        const std::uint64_t cache = unsignedOf(rows) * unsignedOf(teacher->width) * weight;
        estimate.teacher = unsignedOf(model::parameterCount(*teacher)) * weight + std::min(cache, kTeacherCache) +
                           tokens * unsignedOf(teacher->width) * 8 * weight + // one layer at a time
                           scoreBytes(*teacher, length, length) * kScoresAtOnce;
        capped = capped || teacher->headSoftcap > 0.0;
        const std::uint64_t projectors = 2 * unsignedOf(student.width) * unsignedOf(teacher->width);
        const std::uint64_t query = experiment.method.alignment == config::Alignment::Cma ? 2 * projectors : 0;
        estimate.student += (projectors + query) * 4 * kFloat;
        vocabulary = std::max(vocabulary, unsignedOf(teacher->vocabularyRows));
    }
    // logits and gradients of both sides in the model's type, and in float32 for the softmax; capped, their slopes too
    estimate.losses = unsignedOf(experiment.train.chunkRows) * vocabulary * (capped ? 8 : 6) * kFloat;
    return estimate;
}

} // namespace dskd::preflight
