#include "core/preflight/model_sizes.h"

#include "core/config/methods/method_traits.h"
#include "core/model/folder/families/family.h"
#include "core/model/folder/lora_targets.h"

namespace dskd::preflight
{

Weights studentWeights(const config::Experiment& experiment, const model::ModelConfig& student)
{
    Weights weights{unsignedOf(model::parameterCount(student)), 0};
    if (experiment.train.fineTuning == config::FineTuning::Lora) {
        if (const auto targets = model::loraTargets(student, experiment.lora.targets)) {
            for (const model::LinearLayer& layer : targets->layers) {
                weights.learning += unsignedOf(experiment.lora.rank) * unsignedOf(layer.inputs + layer.outputs);
            }
        }
        weights.all += weights.learning;
        return weights;
    }
    weights.learning = weights.all;
    if (experiment.train.freezeEmbeddings) {
        for (const model::TensorSpec& spec : model::tensorSpecs(student)) {
            const bool ownHead = spec.name == student.family->head; // a tied one has no tensor
            if (spec.shape.size() == 2 && !model::belongsToBlock(spec.name) && !ownHead) {
                weights.learning -= unsignedOf(spec.shape[0]) * unsignedOf(spec.shape[1]);
            }
        }
    }
    return weights;
}

std::uint64_t projectorWeights(const config::Experiment& experiment, const model::ModelConfig& student,
                               const model::ModelConfig& teacher)
{
    const std::uint64_t projectors = 2 * unsignedOf(student.width) * unsignedOf(teacher.width);
    return projectors + (config::hasQueries(experiment.method) ? 2 * projectors : 0);
}

Weights criticWeights(const config::KeyQueryConfig& config, std::int64_t teacherWidth)
{
    using config::KeyQueryMatching;
    const std::uint64_t width = 2 * unsignedOf(teacherWidth);
    const std::uint64_t hidden = unsignedOf(config.hidden);
    const std::uint64_t discriminator = width * width + width * hidden;
    const std::uint64_t critics = discriminator + width * hidden + 2 * hidden * hidden;
    switch (config.matching) {
    case KeyQueryMatching::Off:
    case KeyQueryMatching::Sinkhorn: return {};
    case KeyQueryMatching::Gan: return {discriminator, discriminator};
    case KeyQueryMatching::GanPublished: return {discriminator, 0};
    case KeyQueryMatching::Ct: return {critics, critics};
    }
    return {};
}

} // namespace dskd::preflight
