#pragma once

// Which models of some runs a person asks: their students, and beside them their teachers and untrained students.

#include "core/base/checkpoint_folders.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/checkpoint_choice.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

struct AskRequest {
    std::vector<std::string> runs; // ids
    CheckpointChoice checkpoint;   // of each run
    bool teacher = false;
    bool untrained = false;               // the student before its first step
    config::ValidationConfig sampling;    // maxNewTokens, temperature, topP, topK: of all alike
    std::optional<config::Device> device; // none: that of each run
};

enum class AskedPart { Teacher, Untrained, Run };

[[nodiscard]] std::string_view name(AskedPart part); // "teacher", "untrained", "run"

// A model that is asked, for those who show its answer.
struct AskedColumn {
    AskedPart part = AskedPart::Run;
    std::string runId;                     // of a teacher and an untrained student the first run that has it
    std::optional<std::int64_t> step = {}; // of the checkpoint; Run
    std::string model = {};                // its folder; empty where there is none
};

// What distinguishes a teacher or an untrained student from the others beside it.
struct BaselineName {
    std::string folder;  // of its model: the last name of the path, and of those above it as many as are needed
    bool ofARun = false; // others of its part have the same folder: only the run distinguishes them
};

// Of each column; of a Run it is empty.
[[nodiscard]] std::vector<BaselineName> baselineNames(const std::vector<AskedColumn>& columns);
// "teacher gpt2-xl", "untrained student tiny/gpt2", "untrained student gpt2 of sft s10": for tables and headings.
// `run`: how the column's run is called. REQUIRES: not Run, whose title is the run's.
[[nodiscard]] std::string modelTitle(AskedPart part, const BaselineName& baseline, const std::string& run);

struct AskedModel {
    AskedColumn column;
    config::Experiment experiment = {};     // a Question's; its student is the model
    std::optional<CheckpointUse> held = {}; // until this goes
    std::optional<Failure> trouble = {};    // why it cannot be asked
};

// Teachers first, then untrained students, then the runs; a teacher or an untrained student of several runs stands once
// where they ask it alike (configHash and seed of what they ask are equal). The teacher is the method's, or that of the
// probes (log.probe_teacher). Any thread.
[[nodiscard]] std::vector<AskedModel> askedModels(const WorkspaceLayout& workspace, const AskRequest& request);

} // namespace dskd::jobs
