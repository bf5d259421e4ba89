#include "core/preflight/checkpoint_size.h"

#include "core/config/methods/method_traits.h"
#include "core/preflight/model_sizes.h"

#include <algorithm>

namespace dskd::preflight
{

namespace
{

constexpr std::uint64_t kFloat = 4;
constexpr std::uint64_t kMoments = 2;

// The newest checkpoint.keep, and with validation the best one (core/train/loop/checkpoint.h, pruneCheckpoints).
std::int64_t keptCheckpoints(const config::Experiment& experiment, std::int64_t steps)
{
    const std::int64_t every = experiment.checkpoint.every;
    const std::int64_t written = every > 0 ? (steps + every - 1) / every : 1; // the last step's too
    const std::int64_t best = experiment.data.validation.empty() ? 0 : 1;
    return std::min(std::max<std::int64_t>(1, written), std::max<std::int64_t>(1, experiment.checkpoint.keep) + best);
}

} // namespace

CheckpointSize checkpointSize(const config::Experiment& experiment, const model::ModelConfig& student,
                              const std::optional<model::ModelConfig>& teacher, std::int64_t steps)
{
    if (experiment.job != config::JobKind::Train) {
        return {};
    }
    const bool bf16 = experiment.train.precision == config::Precision::Bf16;
    const Weights weights = studentWeights(experiment, student);
    const bool adapterAlone = experiment.train.fineTuning == config::FineTuning::Lora &&
                              experiment.lora.saved == config::LoraSaved::Adapter;
    CheckpointSize size;
    size.kept = keptCheckpoints(experiment, steps);
    size.each = (adapterAlone ? weights.learning : weights.all) * (bf16 ? 2 : kFloat) +
                weights.learning * (kMoments + (bf16 ? 1 : 0)) * kFloat;
    if (teacher && config::learnsFromTeacher(experiment.method)) {
        const bool projects =
            config::comparesInStudentSpace(experiment.method) || config::comparesInTeacherSpace(experiment.method);
        const std::uint64_t projectors = projects ? projectorWeights(experiment, student, *teacher) : 0;
        const Weights critics = criticWeights(experiment.keyQuery, teacher->width);
        size.each += (projectors + critics.all + kMoments * (projectors + critics.learning)) * kFloat;
    }
    return size;
}

Result<CheckpointSize> checkpointSize(const config::Experiment& experiment, std::int64_t steps)
{
    if (experiment.job != config::JobKind::Train) {
        return CheckpointSize{};
    }
    const auto student = model::readModelConfig(experiment.student.model);
    if (!student) {
        return student.failure();
    }
    std::optional<model::ModelConfig> teacher;
    if (config::learnsFromTeacher(experiment.method)) {
        auto read = model::readModelConfig(experiment.teacher.model);
        if (!read) {
            return read.failure();
        }
        teacher = *std::move(read);
    }
    return checkpointSize(experiment, *student, teacher, steps);
}

} // namespace dskd::preflight
