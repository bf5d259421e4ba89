#pragma once

// What a training run was made of: its data, models and tokenizers, recognised by their content. The worker keeps them
// in <run>/inputs.json when the run begins; a resume on others would be two runs under one name, so it is refused, or
// accepted and recorded there.

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dskd::preflight
{

struct InputFile {
    std::string role; // the field that names it or its folder: "data.train", "teacher.model"
    std::filesystem::path path;
    std::uint64_t size = 0;
    // FNV-1a of 64 bits over the whole file, behind "whole:", up to 64 MiB; of a larger one over its first and last
    // MiB (in which the header of safetensors lies) and 256 blocks of 4 KiB at equal distances, behind "sampled:".
    std::string hash;
    bool operator==(const InputFile&) const = default;
};

// Another input than the run had until then, which a person accepted.
struct AcceptedChange {
    double time = 0.0;
    std::int64_t step = 0; // from which the run went on
    std::vector<std::string> changes;
};

struct RunInputs {
    std::vector<InputFile> files; // as last accepted
    std::vector<AcceptedChange> accepted;
    std::vector<InputFile> first = {}; // as the run began with them, once a change was accepted; they always fit
};

// Training and validation data, then of student and, where one is needed, teacher, also of the probes: configuration,
// weights, adapters and the tokenizer's files. What is not there is left out: the job reports it itself. Reads at most
// 64 MiB of a file.
[[nodiscard]] std::vector<InputFile> inputFiles(const config::Experiment& experiment);

// Nothing for what is no file, or cannot be read.
[[nodiscard]] std::optional<InputFile> readInputFile(const std::string& role, const std::filesystem::path& path);
// The files of a model that inputFiles lists, weights and the tokenizer's among them: those that are there.
[[nodiscard]] std::vector<std::filesystem::path> modelFiles(const config::ModelRef& model);

// What differs, a sentence each: "data.train: /data/train.jsonl has changed (120 to 340 bytes)."; empty: nothing.
[[nodiscard]] std::vector<std::string> inputChanges(const std::vector<InputFile>& before,
                                                    const std::vector<InputFile>& now);

// Of what a run keeps: nothing where the files are as last accepted, or as the run began.
[[nodiscard]] std::vector<std::string> inputChanges(const RunInputs& kept, const std::vector<InputFile>& now);

// Accepts the changes from `step` on.
void acceptInputs(RunInputs& kept, std::vector<InputFile> now, std::int64_t step,
                  const std::vector<std::string>& changes);

// Nothing where the run keeps none: it was begun by an older version. Fails naming the file when it cannot be read.
[[nodiscard]] Result<std::optional<RunInputs>> readInputs(const RunLayout& run);
[[nodiscard]] Result<void> writeInputs(const RunLayout& run, const RunInputs& inputs);

// The changes as one failure, BadData or BadModel after the first, that names `dskd resume --accept-changes`.
[[nodiscard]] Failure refusedChanges(const RunLayout& run, const std::vector<std::string>& changes);

} // namespace dskd::preflight
