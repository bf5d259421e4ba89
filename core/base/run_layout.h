#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace dskd
{

// Where things lie in a run folder and in a workspace (the contract between the programs). Only names, no logic.
struct RunLayout {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path config() const { return root / "config.json"; }
    [[nodiscard]] std::filesystem::path database() const { return root / "run.db"; }
    // Its metrics once more for charts, made by whoever reads them (core/store/series_file.h). May be deleted.
    [[nodiscard]] std::filesystem::path series() const { return root / "series.cache"; }
    [[nodiscard]] std::filesystem::path log() const { return root / "worker.log"; }
    // Which process was started last.
    [[nodiscard]] std::filesystem::path launch() const { return root / "launch.json"; }
    [[nodiscard]] std::filesystem::path lock() const { return root / "worker.lock"; } // held by its worker (flock)
    // Room on the disk that a worker gives back to write how it ended when the disk is full.
    [[nodiscard]] std::filesystem::path reserve() const { return root / "reserve"; }
    [[nodiscard]] std::filesystem::path checkpoints() const { return root / "checkpoints"; }
    [[nodiscard]] std::filesystem::path checkpoint(std::int64_t step) const
    {
        return checkpoints() / ("step-" + std::to_string(step));
    }
    // There while the run is made and its row in workspace.db is not yet sure.
    [[nodiscard]] std::filesystem::path creating() const { return root / "creating"; }
    // Every answer of an evaluation, as JSON lines.
    [[nodiscard]] std::filesystem::path answers() const { return root / "answers.jsonl"; }
    // Of what data, models and tokenizers the run was made (core/preflight/run_inputs.h).
    [[nodiscard]] std::filesystem::path inputs() const { return root / "inputs.json"; }
    // The experiment that it was made by, and the plan (core/jobs/run_origin.h): workspace.db may be lost.
    [[nodiscard]] std::filesystem::path origin() const { return root / "experiment.json"; }
};

// Inside one checkpoint folder. `done` is written last; a folder without it is an interrupted write and is ignored.
struct CheckpointLayout {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path weights() const { return root / "model.safetensors"; }
    [[nodiscard]] std::filesystem::path modelConfig() const { return root / "config.json"; }
    // Of a LoRA run whose checkpoints are merged: the adapter that trains, a PEFT folder.
    [[nodiscard]] std::filesystem::path adapter() const { return root / "adapter"; }
    [[nodiscard]] std::filesystem::path projectors() const { return root / "projectors.safetensors"; }
    [[nodiscard]] std::filesystem::path optimizer() const { return root / "optimizer.safetensors"; }
    [[nodiscard]] std::filesystem::path trainerState() const { return root / "trainer.json"; }
    [[nodiscard]] std::filesystem::path done() const { return root / "DONE"; }
};

struct WorkspaceLayout {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path database() const { return root / "workspace.db"; }
    [[nodiscard]] std::filesystem::path runs() const { return root / "runs"; }
    [[nodiscard]] RunLayout run(const std::string& runId) const { return {runs() / runId}; }
    // Where a run is made before it gets its place.
    [[nodiscard]] RunLayout newRun(const std::string& runId) const { return {runs() / (kNewRun + runId)}; }
    static constexpr const char* kNewRun = ".new-";
    [[nodiscard]] std::filesystem::path trash() const { return root / "trash"; }
    // What is known of the ended runs, so that they need not be read again (core/jobs/run_summary.h).
    [[nodiscard]] std::filesystem::path summaries() const { return root / "summaries.cbor"; }
    // What teachers give for samples, kept for all runs (core/cache/kept_teachers.h). May be deleted.
    [[nodiscard]] std::filesystem::path teacherRows() const { return root / "cache" / "teachers"; }
};

} // namespace dskd
