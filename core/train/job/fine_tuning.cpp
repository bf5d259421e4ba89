#include "core/train/job/fine_tuning.h"

#include "core/base/random_stream.h"
#include "core/base/result.h"
#include "core/model/fine_tuning.h"
#include "core/train/loop/checkpoint.h"

#include <utility>

namespace dskd::train
{
namespace
{

model::LoraAdapter freshAdapter(const config::Experiment& experiment, const model::CausalLm& student,
                                const at::TensorOptions& options)
{
    model::LoraTargets targets =
        orThrow(model::loraTargets(student.config(), experiment.lora.targets), FailureKind::BadModel);
    model::AdapterConfig config;
    config.rank = experiment.lora.rank;
    config.alpha = experiment.lora.alpha;
    config.dropout = experiment.lora.dropout;
    config.targets = std::move(targets.names);
    if (experiment.student.adapter.empty() && experiment.student.init == config::StudentInit::Weights) {
        config.baseModel = experiment.student.model; // otherwise no folder holds the weights that are adapted
    }
    return model::createAdapter(config, targets.layers, streamSeed(experiment.seed, "init"), options);
}

std::string millions(std::int64_t count, int decimals)
{
    std::string text = std::to_string(static_cast<double>(count) / 1e6);
    text.resize(text.find('.') + 1 + static_cast<std::size_t>(decimals));
    return text;
}

} // namespace

void setUpFineTuning(const config::Experiment& experiment, model::CausalLm& student,
                     const std::optional<CheckpointLayout>& resumed)
{
    if (experiment.train.gradientCheckpointing) {
        student.checkpointGradients();
    }
    if (experiment.train.fineTuning == config::FineTuning::Full) {
        if (experiment.train.freezeEmbeddings) {
            model::freezeEmbeddings(student);
        }
        return;
    }
    const at::TensorOptions options = student.inputEmbedding().options();
    if (!resumed) {
        model::learnAdapter(student, freshAdapter(experiment, student, options));
        return;
    }
    auto saved = model::readAdapter(adapterFolder(*resumed), student.config(), options);
    if (!saved) {
        throw errorOf(damagedCheckpoint(*resumed, saved.failure()), FailureKind::BadModel);
    }
    model::learnAdapter(student, *std::move(saved));
}

std::string learningText(const model::CausalLm& student)
{
    std::int64_t all = 0;
    for (const model::NamedTensor& parameter : student.parameters()) {
        all += parameter.tensor.numel();
    }
    std::int64_t learning = 0;
    for (const model::NamedTensor& parameter : model::learningParameters(student)) {
        learning += parameter.tensor.numel();
    }
    if (const model::LoraAdapter* adapter = student.adapter()) {
        std::string names;
        for (const std::string& name : adapter->config.targets) {
            names += (names.empty() ? "" : ", ") + name;
        }
        return millions(learning, 2) + " million weights learn beside " + millions(all, 1) +
               " million that stay as they are (LoRA of rank " + std::to_string(adapter->config.rank) + " on " + names +
               ")";
    }
    if (learning == all) {
        return "all " + millions(all, 1) + " million weights learn";
    }
    return millions(learning, 1) + " of " + millions(all, 1) +
           " million weights learn (the embeddings stay as they are)";
}

std::filesystem::path adapterFolder(const CheckpointLayout& checkpoint)
{
    std::error_code error;
    return std::filesystem::exists(checkpoint.root / model::kAdapterConfigFile, error) ? checkpoint.root
                                                                                       : checkpoint.adapter();
}

void checkBaseWeights(const std::string& before, const std::string& now, const std::string& model)
{
    if (!before.empty() && !now.empty() && before != now) {
        throw Error("The weights in " + model +
                        " are not those that this LoRA run began with, so its adapter does not belong to them.",
                    "Put the original model back (student.model, student.adapter, same train.precision), or start a "
                    "new run.");
    }
}

} // namespace dskd::train
