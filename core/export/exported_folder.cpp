#include "core/export/exported_folder.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/regular_file.h"
#include "core/config/methods/method_traits.h"
#include "core/dataset/conversation.h"
#include "core/export/staged_folder.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/worker_probe.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/answer_end.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/safetensors_header.h"
#include "core/model/folder/stored_tensors.h"
#include "core/tokenizer/tokenizer.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace dskd::exporting
{

namespace fs = std::filesystem;

namespace
{

// The parts of a checkpoint that only training needs.
bool isTrainingState(const CheckpointLayout& checkpoint, const fs::path& file)
{
    return file == checkpoint.projectors() || file == checkpoint.optimizer() || file == checkpoint.trainerState() ||
           file == checkpoint.done();
}

bool isAdapterFile(const fs::path& file)
{
    return file.filename() == model::kAdapterConfigFile || file.filename() == model::kAdapterWeightsFile;
}

bool isModelFile(const CheckpointLayout& checkpoint, const fs::path& file)
{
    return file == checkpoint.weights() || file == checkpoint.modelConfig();
}

Failure cancelledFailure()
{
    return {"The export was cancelled.", {}};
}

template <typename T>
Result<void> checkRead(const Result<T>& read)
{
    return read ? Result<void>()
                : Result<void>(Failure{read.failure().what,
                                       "The checkpoint is broken: restore this file, or export another checkpoint.",
                                       FailureKind::BadModel});
}

// Configuration and headers of the weights: what is cut, empty, missing or another kind of file is not handed out.
Result<void> checkModel(const fs::path& folder)
{
    const auto config = model::readModelConfig(folder);
    if (!config) {
        return checkRead(config);
    }
    const auto stored = model::readStoredTensors(folder);
    return stored ? checkRead(model::placeTensors(*config, *stored, folder)) : checkRead(stored);
}

// The same of an adapter by itself: its base model need not be here.
Result<void> checkAdapter(const fs::path& folder)
{
    const auto config = checkRead(model::readAdapterConfig(folder));
    return config ? checkRead(model::readSafetensorsHeader(folder / model::kAdapterWeightsFile)) : config;
}

// In parts, so that a weight file of many gigabytes can be cancelled on its way.
Result<void> copyFile(const fs::path& from, const fs::path& to, const std::atomic<bool>& cancelled)
{
    const auto failed = [](const std::string& what) {
        return Failure{what + (errno != 0 ? std::string(": ") + std::strerror(errno) : std::string()) + ".", {}};
    };
    if (Result<void> regular = requireRegular(from); !regular) {
        return regular;
    }
    errno = 0;
    std::vector<char> part(std::size_t{8} << 20);
    std::ifstream in(from, std::ios::binary);
    if (!in) {
        return failed("Cannot read " + from.string());
    }
    std::ofstream out(to, std::ios::binary | std::ios::trunc);
    while (in && out) {
        if (cancelled) {
            return cancelledFailure();
        }
        in.read(part.data(), static_cast<std::streamsize>(part.size()));
        out.write(part.data(), in.gcount());
    }
    if (in.bad()) {
        return failed("Cannot read " + from.string());
    }
    if (out) {
        out.close();
    }
    return out ? Result<void>() : Result<void>(failed("Cannot write " + to.string()));
}

// Files of `from` for which `wanted` is true.
template <typename Wanted>
Result<void> copyFiles(const fs::path& from, const fs::path& to, const std::atomic<bool>& cancelled,
                       const Wanted& wanted)
{
    std::error_code error;
    for (fs::directory_iterator entry(from, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored; // what is gone by now is no file
        if (!entry->is_regular_file(ignored) || !wanted(entry->path())) {
            continue;
        }
        if (const auto copied = copyFile(entry->path(), to / entry->path().filename(), cancelled); !copied) {
            return copied;
        }
    }
    if (error) { // a run that goes on removes its older checkpoints
        return Failure{"Cannot read " + from.string() + ": " + error.message() + ".",
                       "Export again: the newest checkpoint is taken."};
    }
    return {};
}

// Weights with an adapter merged in are computed, which the worker can.
Result<void> mergeInto(const fs::path& to, const CheckpointLayout& checkpoint, config::Precision precision,
                       const std::atomic<bool>& cancelled)
{
    const auto worker = jobs::findWorker();
    if (!worker) {
        return worker.failure();
    }
    std::vector<std::string> arguments{"--merge", checkpoint.root.string(), to.string()};
    if (precision == config::Precision::Bf16) {
        arguments.emplace_back("--bf16");
    }
    const auto merged = jobs::outputOf(*worker, arguments, std::chrono::hours(1), &cancelled);
    if (!merged) {
        return cancelled ? cancelledFailure()
                         : Failure{"The adapter could not be merged: " + merged.failure().what, merged.failure().hint};
    }
    return {};
}

Result<void> copyAdapter(const CheckpointLayout& checkpoint, const fs::path& to, const std::string& run,
                         const std::atomic<bool>& cancelled)
{
    const bool alone = fs::exists(checkpoint.root / model::kAdapterConfigFile);
    const fs::path folder = alone ? checkpoint.root : checkpoint.adapter();
    if (!fs::exists(folder / model::kAdapterConfigFile)) {
        return Failure{run + " trained the model's own weights, so it has no adapter.", "Export the model instead."};
    }
    if (const auto usable = checkAdapter(folder); !usable) {
        return usable;
    }
    if (const auto copied = copyFiles(folder, to, cancelled, isAdapterFile); !copied) {
        return copied;
    }
    return copyFiles(checkpoint.root, to, cancelled, [&](const fs::path& file) { // the tokenizer
        return !isTrainingState(checkpoint, file) && !isModelFile(checkpoint, file) && !isAdapterFile(file);
    });
}

// Names in `folder`, whose tokenizer is the run's, what ends an answer of the run.
Result<void> nameTurnEnd(const fs::path& folder, const config::DataConfig& data, const std::string& run)
{
    const auto tokenizer = dataset::loadPromptTokenizer(folder, data);
    if (!tokenizer) {
        return Failure{"What ends an answer of " + run + " is not known: " + tokenizer.failure().what,
                       tokenizer.failure().hint};
    }
    const auto end = (*tokenizer)->special().eos;
    return end ? model::nameAnswerEnd(folder, *end) : Result<void>();
}

Result<void> copyModel(const RunLayout& run, const CheckpointLayout& checkpoint, const fs::path& to,
                       const std::atomic<bool>& cancelled)
{
    const bool isAdapter = fs::exists(checkpoint.root / model::kAdapterConfigFile);
    if (!isAdapter) { // the worker that merges an adapter reads it itself
        if (const auto usable = checkModel(checkpoint.root); !usable) {
            return usable;
        }
    }
    const auto copied = copyFiles(checkpoint.root, to, cancelled, [&](const fs::path& file) {
        return !isTrainingState(checkpoint, file) && !isAdapterFile(file);
    });
    if (!copied || !isAdapter) {
        return copied; // a checkpoint's own files name what ends an answer
    }
    const auto experiment = jobs::runConfig(run);
    if (!experiment) {
        return Failure{experiment.failure().what, "The adapter alone can be exported without its configuration."};
    }
    const auto merged = mergeInto(to, checkpoint, experiment->train.precision, cancelled);
    if (!merged || !config::usesChatTemplate(experiment->data)) {
        return merged;
    }
    return nameTurnEnd(to, experiment->data, run.root.filename().string());
}

} // namespace

Result<void> exportCheckpoint(const RunLayout& run, std::int64_t step, ExportedAs as, const fs::path& to,
                              const std::atomic<bool>& cancelled)
{
    const CheckpointLayout checkpoint{run.checkpoint(step)};
    const auto use = CheckpointUse::of(checkpoint.root); // a run that goes on must not prune it meanwhile
    if (!use) {
        return Failure{"The checkpoint of step " + std::to_string(step) + " of " + run.root.filename().string() +
                           " is no longer there: the run goes on and keeps only newer ones.",
                       "Export again: the newest checkpoint is taken."};
    }
    auto staged = StagedFolder::forTarget(to);
    if (!staged) {
        return staged.failure();
    }
    if (const auto copied = as == ExportedAs::Adapter
                                ? copyAdapter(checkpoint, staged->path(), run.root.filename().string(), cancelled)
                                : copyModel(run, checkpoint, staged->path(), cancelled);
        !copied) {
        return copied;
    }
    return cancelled ? Result<void>(cancelledFailure()) : staged->finish();
}

} // namespace dskd::exporting
