#include "core/bench/memory_needed.h"

#include "core/base/available_memory.h"
#include "core/bench/published_step.h"
#include "core/bench/step_pair.h"
#include "core/preflight/memory_estimate.h"
#include "core/text/numbers.h"

#include <optional>
#include <string>

namespace dskd::bench
{
namespace
{

constexpr std::int64_t kFloatBytes = 4; // the published softmaxes are float32 whatever the models are

void requireBytes(std::uint64_t needed, const std::string& what, at::Device device)
{
    const std::uint64_t available = device.is_cpu() ? availableMemory() : 0;
    if (available > 0 && needed > available) { // 0: unknown
        throw Error(what + " takes about " + text::bytes(needed) + ", and " + text::bytes(available) +
                        " are available.",
                    "Lower --samples or --length, choose a smaller shape, or stop what else is in memory.");
    }
}

} // namespace

std::uint64_t memoryNeeded(const Shape& shape, const jobs::BenchJob& job, Distance distance)
{
    const config::Experiment experiment = experimentOf(job, shape, distance);
    const std::int64_t padded = job.samples * job.length;
    const std::int64_t rows = dollyLikeRows(job.samples, job.length);
    const bool loss = job.kind == jobs::BenchKind::Loss; // over equal rows, and without the models
    const std::int64_t logits =
        (loss ? rows : padded) * shape.student.vocabularyRows * kFloatBytes * publishedLogitTensors(experiment.method);
    const preflight::MemoryEstimate training =
        preflight::estimateMemory(experiment, shape.student, shape.teacher, padded, rows);
    const std::uint64_t models =
        loss ? training.program : training.total() + training.student; // a student of each side
    return models + static_cast<std::uint64_t>(logits);
}

std::uint64_t memoryOfAnswers(const Shape& shape, const jobs::BenchJob& job)
{
    config::Experiment sampling = experimentOf(job, shape, Distance::Kl);
    sampling.onPolicy.ratio = 1.0; // else the estimate has no sampled answers
    sampling.data.maxLength = kPromptPositions + job.length;
    const preflight::MemoryEstimate estimate =
        preflight::estimateMemory(sampling, shape.student, std::nullopt, /*batchTokens=*/0, /*rows=*/0);
    const std::int64_t weights = model::parameterCount(shape.student) *
                                 (job.precision == config::Precision::Bf16 ? kFloatBytes / 2 : kFloatBytes);
    return estimate.program + estimate.generation + static_cast<std::uint64_t>(weights);
}

void requireMemory(const Shape& shape, const jobs::BenchJob& job, Distance distance, at::Device device)
{
    requireBytes(memoryNeeded(shape, job, distance),
                 "Measuring shape " + std::string(shape.name) + ", its eager side above all,", device);
}

void requireMemoryOfAnswers(const Shape& shape, const jobs::BenchJob& job, at::Device device)
{
    requireBytes(memoryOfAnswers(shape, job), "Measuring answers of shape " + std::string(shape.name), device);
}

} // namespace dskd::bench
