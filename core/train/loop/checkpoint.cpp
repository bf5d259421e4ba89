#include "core/train/loop/checkpoint.h"

#include "core/base/atomic_file.h"
#include "core/base/checkpoint_folders.h"
#include "core/base/regular_file.h"
#include "core/base/result.h"
#include "core/model/lora_adapter.h"
#include "core/model/safetensors.h"
#include "core/tokenizer/tokenizer.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

namespace fs = std::filesystem;

constexpr int kStateVersion = 1;

void syncToDisk(const fs::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        ::fsync(descriptor); // a file system that cannot sync is not a reason to stop a run
        ::close(descriptor);
    }
}

TrainerState readState(const fs::path& file)
{
    const auto json = nlohmann::json::parse(readTextFile(file).value(), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || json.value("version", 0) != kStateVersion || !json.contains("step") ||
        !json["step"].is_number_integer()) {
        throw Error(file.string() + " is not a trainer state that this version can read.",
                    "Delete the checkpoint folder to resume from the one before it.");
    }
    TrainerState state;
    state.step = json["step"].get<std::int64_t>();
    state.tokens = json.value("tokens", std::int64_t{0});
    state.threads = json.value("threads", std::int64_t{0});
    state.validationDue = json.value("validation_due", false);
    state.baseWeights = json.value("base_weights", std::string());
    if (json.contains("validation_loss") && json["validation_loss"].is_number()) {
        state.validationLoss = json["validation_loss"].get<double>();
    }
    try {
        if (json.contains("own_answers")) {
            state.ownAnswers = scheduleState(json["own_answers"]);
        }
        if (json.contains("rollouts")) {
            state.rollouts = rolloutSet(json["rollouts"]);
        }
    } catch (const nlohmann::json::exception& error) {
        throw Error(file.string() + " holds sampled answers that cannot be read: " + error.what(),
                    "Delete the checkpoint folder to resume from the one before it.");
    }
    return state;
}

std::string stateText(const TrainerState& state)
{
    nlohmann::json json{
        {"version", kStateVersion}, {"step", state.step}, {"tokens", state.tokens}, {"threads", state.threads}};
    if (state.validationDue) {
        json["validation_due"] = true;
    }
    if (!state.baseWeights.empty()) {
        json["base_weights"] = state.baseWeights;
    }
    if (state.validationLoss) {
        json["validation_loss"] = *state.validationLoss;
    }
    const bool plain = state.ownAnswers == ScheduleState{} && state.rollouts == RolloutSet{};
    if (!plain) {
        json["own_answers"] = toJson(state.ownAnswers);
        json["rollouts"] = toJson(state.rollouts);
    }
    return json.dump(plain ? 2 : -1) + "\n"; // thousands of numbers need no lines of their own
}

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Copies `live` from what projectors.safetensors holds; `kind` of tensor, for people.
void copySaved(const CheckpointLayout& folder, const model::TensorMap& saved, const NamedTensors& live,
               const std::string& kind)
{
    for (const auto& [name, tensor] : live) {
        const auto found = saved.find(name);
        if (found == saved.end() || found->second.sizes() != tensor.sizes()) {
            throw Error(folder.projectors().string() + " does not hold the " + kind + " \"" + name +
                            "\" in the shape that this run uses.",
                        "The configuration was changed since the checkpoint was written; start a new run.");
        }
        at::Tensor target = tensor;
        target.copy_(found->second);
    }
}

// What projectors.safetensors holds: the projectors and the critics of key-query matching.
NamedTensors distillerTensors(const distill::Distiller& distiller)
{
    NamedTensors tensors = distiller.projectors();
    for (auto& critic : distiller.critics()) {
        tensors.push_back(std::move(critic));
    }
    return tensors;
}

// Throws when the folder that is to hold it is gone: the path of a run folder that was moved is never made again.
void makeFolder(const fs::path& folder)
{
    std::error_code error;
    fs::create_directory(folder, error);
    if (error) {
        throw Error(folder.string() + " cannot be made: " + error.message() + ".");
    }
}

// Never what a symbolic link leads to: somebody else put it there.
void removeFolder(const CheckpointLayout& folder)
{
    std::error_code ignored;
    if (fs::is_symlink(fs::symlink_status(folder.root, ignored))) {
        fs::remove(folder.root, ignored);
        return;
    }
    fs::remove(folder.done(), ignored); // first, so that a half-deleted folder is not taken for a finished one
    fs::remove_all(folder.root, ignored);
}

// Only folders that this run made itself: with the name of a checkpoint, and no links.
void removeAllBut(const std::set<std::string>& kept, const RunLayout& run)
{
    std::vector<fs::path> unwanted;
    std::error_code error;
    for (fs::directory_iterator entry(run.checkpoints(), error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (checkpointStep(name) && !kept.contains(name) && !entry->is_symlink(ignored) &&
            entry->is_directory(ignored)) {
            unwanted.push_back(entry->path());
        }
    }
    for (const fs::path& folder : unwanted) {
        const auto alone = CheckpointUse::alone(folder); // until it is gone: who wants it meanwhile waits
        if (!alone) {
            continue; // an evaluation or an export reads it; the next pruning finds it again
        }
        removeFolder({folder});
    }
}

void saveWholeModel(const CheckpointLayout& folder, const model::CausalLm& student)
{
    model::saveCausalLm(student, folder.root).value();
    if (student.adapter() != nullptr) { // training continues with it: the merged weights are rounded
        makeFolder(folder.adapter());
        model::saveAdapter(*student.adapter(), student.config().family, folder.adapter()).value();
    }
}

} // namespace

void writeCheckpoint(const CheckpointLayout& folder, const model::CausalLm& student, const StudentFolders& from,
                     const distill::Distiller& distiller, const AdamW& optimizer, const TrainerState& state,
                     LoraSaved saved)
{
    removeFolder(folder);
    makeFolder(folder.root.parent_path());
    makeFolder(folder.root);
    if (student.adapter() != nullptr && saved == LoraSaved::Adapter) {
        model::saveAdapter(*student.adapter(), student.config().family, folder.root).value();
    } else {
        saveWholeModel(folder, student);
    }
    if (const fs::path file = from.model / "generation_config.json"; fs::is_regular_file(file)) {
        fs::copy_file(file, folder.root / file.filename());
    }
    for (const fs::path& file : tokenizer::tokenizerFiles(from.tokenizer)) {
        fs::copy_file(file, folder.root / file.filename(), fs::copy_options::skip_existing);
    }
    if (from.end) {
        model::nameAnswerEnd(folder.root, *from.end).value();
    }
    if (const NamedTensors tensors = distillerTensors(distiller); !tensors.empty()) {
        model::writeSafetensors(folder.projectors(), tensors).value();
    }
    model::writeSafetensors(folder.optimizer(), optimizer.state()).value();
    writeTrainerState(folder, state);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder.root)) {
        syncToDisk(entry.path());
    }
    writeFileAtomically(folder.done(), "").value();
    syncToDisk(folder.root);
}

Failure damagedCheckpoint(const CheckpointLayout& folder, const Failure& why)
{
    const std::string name = folder.root.filename().string();
    std::string without = "begin the run anew.";
    for (const std::int64_t step : finishedCheckpoints({folder.root.parent_path().parent_path()})) {
        if (step < checkpointStep(name).value_or(0)) { // ascending: the last is the one before it
            without = "resume the run from step-" + std::to_string(step) + ".";
        }
    }
    return {"The checkpoint " + name + " of the run cannot be read: " + why.what,
            "Delete the folder " + folder.root.string() + " to " + without, why.kind};
}

TrainerState readCheckpoint(const CheckpointLayout& folder, const distill::Distiller& distiller, AdamW& optimizer)
{
    const at::NoGradGuard noGrad;
    const auto read = [&](const fs::path& file) {
        Result<model::TensorMap> tensors = model::readSafetensors(file);
        return tensors ? *std::move(tensors) : throw Error(damagedCheckpoint(folder, tensors.failure()));
    };
    if (!distillerTensors(distiller).empty()) {
        const model::TensorMap saved = read(folder.projectors());
        copySaved(folder, saved, distiller.projectors(), "projector");
        copySaved(folder, saved, distiller.critics(), "critic");
    }
    optimizer.loadState(read(folder.optimizer()));
    try {
        return readState(folder.trainerState());
    } catch (const Error& error) {
        throw Error(damagedCheckpoint(folder, error.failure()));
    }
}

void writeTrainerState(const CheckpointLayout& folder, const TrainerState& state)
{
    writeFileAtomically(folder.trainerState(), stateText(state)).value();
}

void pruneCheckpoints(const RunLayout& run, std::int64_t keep)
{
    const std::vector<std::int64_t> finished = finishedCheckpoints(run);
    const auto newest = std::min(finished.size(), static_cast<std::size_t>(std::max<std::int64_t>(1, keep)));
    std::set<std::string> kept;
    for (std::size_t i = finished.size() - newest; i < finished.size(); ++i) {
        kept.insert(run.checkpoint(finished[i]).filename().string());
    }
    std::optional<double> bestLoss;
    std::string best;
    for (const std::int64_t step : finished) {
        const CheckpointLayout folder{run.checkpoint(step)};
        std::optional<double> loss;
        try {
            loss = readState(folder.trainerState()).validationLoss;
        } catch (const Error&) {
            // An older checkpoint that cannot be read is no reason to end a healthy run; it only cannot be the best
            // one.
        }
        if (loss && (!bestLoss || *loss < *bestLoss)) {
            bestLoss = loss;
            best = folder.root.filename().string();
        }
    }
    kept.insert(best);
    removeAllBut(kept, run);
}

void removeInterruptedCheckpoints(const RunLayout& run)
{
    std::set<std::string> finished;
    for (const std::int64_t step : finishedCheckpoints(run)) {
        finished.insert(run.checkpoint(step).filename().string());
    }
    removeAllBut(finished, run);
}

} // namespace dskd::train
