#include "core/bench/memory_needed.h"

#include "core/bench/published_step.h"
#include "core/bench/step_pair.h"
#include "core/preflight/memory_estimate.h"
#include "core/text/numbers.h"

#include <fstream>
#include <optional>
#include <string>

namespace dskd::bench
{
namespace
{

constexpr std::int64_t kFloatBytes = 4; // the published softmaxes are float32 whatever the models are

// Bytes; none where the system does not tell.
std::optional<std::uint64_t> memoryAvailable()
{
    std::ifstream file("/proc/meminfo");
    for (std::string word; file >> word;) {
        if (word == "MemAvailable:") { // in kB
            std::uint64_t kibibytes = 0;
            file >> kibibytes;
            return kibibytes * 1024;
        }
    }
    return std::nullopt;
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

void requireMemory(const Shape& shape, const jobs::BenchJob& job, Distance distance, at::Device device)
{
    const std::uint64_t needed = memoryNeeded(shape, job, distance);
    const std::optional<std::uint64_t> available = device.is_cpu() ? memoryAvailable() : std::nullopt;
    if (available && needed > *available) {
        throw Error("Measuring shape " + std::string(shape.name) + " takes about " + text::bytes(needed) +
                        ", most of it in the eager code, and " + text::bytes(*available) + " are available.",
                    "Lower --samples or --length, choose a smaller shape, or stop what else is in memory.");
    }
}

} // namespace dskd::bench
